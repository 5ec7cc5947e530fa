#include "schemas/references.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schemas/json.hpp"

namespace flowstone::schemas {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Table& table(std::string_view name) { return *contracts().find_table(name); }

// "path > stream"
std::vector<std::string> references(std::string_view name, std::string_view json) {
  const auto bytes = decode_json(table(name), json, {.target = {}, .accept_hidden = true});
  EXPECT_TRUE(bytes.has_value()) << json;
  std::vector<std::string> found;
  for (const Reference& reference : references_in(table(name), bytes.value()))
    found.push_back(reference.path + " > " + reference.stream);
  return found;
}

constexpr std::string_view kFirst = "01920000-0000-7000-8000-000000000031";

TEST(References, AreTheIdsInTextsAndListsOfTexts) {
  EXPECT_THAT(references("CreateTask", R"({"title":"a","intent_id":"01920000-0000-7000-8000-000000000031"})"),
              ElementsAre("intent_id > intent-" + std::string(kFirst)));
  EXPECT_THAT(references("Insight", R"({"insight_ids":["01920000-0000-7000-8000-000000000033"],
                                        "evidence_ids":["01920000-0000-7000-8000-000000000031",
                                                        "01920000-0000-7000-8000-000000000032"]})"),
              ElementsAre("evidence_ids > evidence-01920000-0000-7000-8000-000000000031",
                          "evidence_ids > evidence-01920000-0000-7000-8000-000000000032",
                          "insight_ids > insight-01920000-0000-7000-8000-000000000033"));
}

TEST(References, AreFoundInsideTablesAndMayBeToAnyEntity) {
  EXPECT_THAT(references("Canvas", R"({"pinned":["task-7"],"pins":[
                {"number":1,"kind":"diff","diff":{"bundle_id":"01920000-0000-7000-8000-000000000031",
                                                  "from":1,"to":2,"kind":"impact"}}]})"),
              ElementsAre("pins.diff.bundle_id > bundle-" + std::string(kFirst), "pinned > task-7"));
}

TEST(References, OfActorsOnlyKeysMustExist) {
  const auto told = [](std::string_view recipient) {
    return references("CreateNotification", R"({"title":"a","recipient":")" + std::string(recipient) + R"("})");
  };
  EXPECT_THAT(told("key:01920000-0000-7000-8000-000000000031"),
              ElementsAre("recipient > api_key-" + std::string(kFirst)));
  EXPECT_THAT(told("everyone"), IsEmpty());
  EXPECT_THAT(told("run:01920000-0000-7000-8000-000000000031"), IsEmpty());
}

TEST(References, AreNoneWhereNothingIsGiven) {
  EXPECT_THAT(references("CreateTask", R"({"title":"a"})"), IsEmpty());
  EXPECT_THAT(references("Canvas", R"({"pins":[]})"), IsEmpty());
}

TEST(References, AreKnownToBeNoneByTheContract) {
  EXPECT_TRUE(table("Canvas").refers);
  EXPECT_TRUE(table("Pin").refers);
  EXPECT_FALSE(table("RecordRunEvents").refers);
  EXPECT_FALSE(table("CompleteTask").refers);
}

}  // namespace
}  // namespace flowstone::schemas
