#include <algorithm>
#include <fstream>
#include <sstream>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "cli/run_events.hpp"
#include "tests/cli/process.hpp"

namespace flowstone::cli {
namespace {

boost::json::object verify(const ScratchDirectory& scratch, const std::filesystem::path& data) {
  const auto ran = run(scratch.path(), {"audit", "verify", "--json", "--data", data.string()});
  EXPECT_EQ(ran.status, 0) << ran.err;
  return ran.status == 0 ? boost::json::parse(ran.out).as_object() : boost::json::object();
}

class Export : public testing::Test {
 protected:
  void SetUp() override {
    server_.ask({"do", "create_task", "title=One more", "labels=a,b"});
    exported_ = run(scratch_.path(), {"export", "--data", server_.data().string(), file()});
    ASSERT_EQ(exported_.status, 0) << exported_.err;
  }
  std::string file() { return (scratch_ / "log.ndjson").string(); }
  Ran import(const std::string& from) {
    return run(scratch_.path(), {"import", "--data", (scratch_ / "copy").string(), from});
  }
  void rewrite(const std::string& what, const std::string& with) {
    auto text = read_file(file());
    const auto at = text.find(what);
    ASSERT_NE(at, std::string::npos);
    text.replace(at, what.size(), with);
    std::ofstream(file(), std::ios::binary) << text;
  }
  // The import of the file fails, and says these words of it.
  void expect_refused(const std::string& words) {
    const auto refused = import(file());
    EXPECT_EQ(refused.status, 1);
    EXPECT_NE(refused.err.find(words), std::string::npos) << refused.err;
  }

  ScratchDirectory scratch_;
  DemoServer server_{scratch_ / "data"};
  Ran exported_;
};

TEST_F(Export, OfALiveLogImportsWithTheSamePositionsAndRoot) {
  const auto root = server_.ask({"audit", "root"}).as_object();
  const auto imported = import(file());
  ASSERT_EQ(imported.status, 0) << imported.err;
  const auto verified = verify(scratch_, scratch_ / "copy");
  EXPECT_EQ(text_of(verified, "recomputed"), text_of(root, "root"));
  EXPECT_EQ(number_of(verified, "size"), number_of(root, "size"));
}

TEST_F(Export, OfTheCopyIsTheSameFile) {
  ASSERT_EQ(import(file()).status, 0);
  const auto again = (scratch_ / "again.ndjson").string();
  ASSERT_EQ(run(scratch_.path(), {"export", "--data", (scratch_ / "copy").string(), again}).status, 0);
  EXPECT_TRUE(read_file(file()) == read_file(again));
}

TEST_F(Export, TheCopyServesTheSameRows) {
  ASSERT_EQ(import(file()).status, 0);
  const auto tasks = server_.ask({"list", "tasks"}).at("items");
  std::filesystem::copy_file(server_.data() / "demo.key", scratch_ / "copy" / "demo.key");
  DemoServer copy(scratch_ / "copy");
  const auto shown = copy.ask({"list", "tasks"});
  EXPECT_EQ(shown.at("items"), tasks);
}

TEST_F(Export, AChangedPayloadIsRefusedByPosition) {
  rewrite("\"payload\":\"", "\"payload\":\"AAAA");
  expect_refused("position 1");
}

TEST_F(Export, AMissingEventIsRefused) {
  auto text = read_file(file());
  const auto second = text.find('\n') + 1;
  text.erase(second, text.find('\n', second) + 1 - second);
  std::ofstream(file(), std::ios::binary) << text;
  EXPECT_EQ(import(file()).status, 1);
}

TEST_F(Export, AFileWithoutItsSealIsSaidNotToBeWhole) {
  auto text = read_file(file());
  text.erase(text.rfind('\n', text.size() - 2) + 1);
  std::ofstream(file(), std::ios::binary) << text;
  expect_refused("not whole");
}

TEST_F(Export, ALineThatDiffersForReadersAloneIsFoundByTheSeal) {
  rewrite("\"data\":{\"name\":\"Demo\"", "\"data\":{\"name\":\"Demi\"");
  expect_refused("a line is not");
}

TEST_F(Export, AMalformedSealIsSaidToBeOne) {
  rewrite("\"root\":\"", "\"root\":\"x");
  expect_refused("the seal: root must be 64 hexadecimal digits");
}

TEST_F(Export, ADirectoryInUseIsRefused) {
  const auto refused = run(scratch_.path(), {"import", "--data", server_.data().string(), file()});
  EXPECT_EQ(refused.status, 1);
  EXPECT_NE(refused.err.find("in use"), std::string::npos) << refused.err;
}

TEST_F(Export, AnEarlierExportIsNotOverwritten) {
  EXPECT_EQ(run(scratch_.path(), {"export", "--data", server_.data().string(), file()}).status, 1);
}

TEST_F(Export, VerifyAgreesWithTheServerOverHttpToo) {
  const auto verified = server_.ask({"audit", "verify"}).as_object();
  EXPECT_TRUE(flag_of(verified, "equal"));
  EXPECT_EQ(text_of(verified, "recomputed"), text_of(server_.ask({"audit", "root"}).as_object(), "root"));
}

void flip_a_bit_in_the_log(const std::filesystem::path& data) {
  std::filesystem::path largest;
  for (const auto& entry : std::filesystem::directory_iterator(data / "log")) {
    const auto name = entry.path().filename().string();
    const bool holds_records = name.ends_with(".log") || name.ends_with(".sst");
    if (holds_records && (largest.empty() || entry.file_size() > std::filesystem::file_size(largest)))
      largest = entry.path();
  }
  auto bytes = read_file(largest);
  ASSERT_GT(bytes.size(), 2000U);
  const auto middle = bytes.size() / 3;
  bytes[middle] = static_cast<char>(bytes[middle] ^ 1);
  std::ofstream(largest, std::ios::binary) << bytes;
}

TEST_F(Export, AServerOnAFlippedBitNamesItAndServesNothing) {
  ASSERT_EQ(server_.stop(), 0);
  flip_a_bit_in_the_log(server_.data());
  const auto refused = run(scratch_.path(), {"serve", "--data", server_.data().string(), "--listen", "127.0.0.1:0"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_EQ(refused.out, "");
  EXPECT_NE(refused.err.find("damaged"), std::string::npos) << refused.err;
}

TEST_F(Export, VerifyFindsAFlippedBitInTheLog) {
  ASSERT_EQ(server_.stop(), 0);
  flip_a_bit_in_the_log(server_.data());
  const auto verified = run(scratch_.path(), {"audit", "verify", "--data", server_.data().string()});
  EXPECT_EQ(verified.status, 1) << verified.out;
  EXPECT_NE(verified.err.find("damaged"), std::string::npos) << verified.err;
}

TEST_F(Export, ReplayReadsARangeStraightFromTheDirectory) {
  const auto ran = run(scratch_.path(), {"replay", "--data", server_.data().string(), "--category", "task", "--json"});
  ASSERT_EQ(ran.status, 0) << ran.err;
  const auto over_http = run(scratch_.path(), {"replay", "--category", "task", "--json"}, server_.environment());
  EXPECT_EQ(ran.out, over_http.out);
  EXPECT_EQ(std::ranges::count(ran.out, '\n'), 7);
}

}  // namespace
}  // namespace flowstone::cli
