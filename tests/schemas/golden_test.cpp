// Bytes of every event, as they were first written. They are in somebody's log: they are never edited, only added to
// (`golden_events --write-missing`).
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "schemas/contract.hpp"
#include "schemas/json.hpp"
#include "tests/schemas/compile.hpp"

namespace flowstone::schemas {
namespace {

const std::string kFolder = FLOWSTONE_SOURCE_DIR "/tests/schemas/golden/";

std::string golden_path(const Member& event, std::string_view extension) {
  return fmt::format("{}{}.v{}.{}", kFolder, event.name, event.table->version, extension);
}

TEST(Golden, EveryEventOfThePresentVersionReadsAsItsText) {
  ASSERT_FALSE(contracts().events().empty());
  for (const Member& event : contracts().events()) {
    const Bytes bytes = read_file(golden_path(event, "bin"));
    ASSERT_TRUE(verify(*event.table, bytes)) << event.name;
    std::string json;
    encode_json(*event.table, bytes, json, {.hidden = true, .nulls = false});
    EXPECT_EQ(json + "\n", read_file(golden_path(event, "json"))) << event.name;
  }
}

TEST(Golden, TheTextStillMakesTheSameBytes) {
  for (const Member& event : contracts().events()) {
    const auto bytes =
        decode_json(*event.table, read_file(golden_path(event, "json")), {.target = {}, .accept_hidden = true});
    ASSERT_TRUE(bytes.has_value()) << event.name;
    EXPECT_EQ(*bytes, read_file(golden_path(event, "bin"))) << event.name;
  }
}

// A field that is added later is not in the bytes of before: then the event's version stays, and so do its bytes.
TEST(Golden, NoBytesAreWithoutTheirContract) {
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    const std::string name = entry.path().stem().string();
    EXPECT_NE(contracts().find_event(name.substr(0, name.rfind(".v"))), nullptr) << name;
  }
}

}  // namespace
}  // namespace flowstone::schemas
