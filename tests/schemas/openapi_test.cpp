#include "schemas/openapi.hpp"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "schemas/json.hpp"

namespace flowstone::schemas {
namespace {

class OpenApi : public testing::Test {
 protected:
  OpenApi() : document_(openapi_document("1.2.3")) { root_ = parser_.parse(document_); }
  // RFC 6901
  simdjson::simdjson_result<simdjson::dom::element> at(std::string_view pointer) { return root_.at_pointer(pointer); }

  std::string document_;
  simdjson::dom::parser parser_;
  simdjson::dom::element root_;
};

TEST_F(OpenApi, ItIsJsonOfTheAskedVersion) {
  EXPECT_EQ(std::string_view(at("/openapi")), "3.1.0");
  EXPECT_EQ(std::string_view(at("/info/version")), "1.2.3");
}

TEST_F(OpenApi, ItIsTheSameEachTime) { EXPECT_EQ(openapi_document("1.2.3"), document_); }

TEST_F(OpenApi, EveryCallIsAnOperation) {
  std::set<std::string_view> operations;
  for (const auto path : simdjson::dom::object(at("/paths"))) {
    for (const auto operation : simdjson::dom::object(path.value)) {
      EXPECT_TRUE(operations.insert(operation.value["operationId"]).second);
    }
  }
  for (const Call& call : contracts().calls()) EXPECT_TRUE(operations.contains(call.name)) << call.name;
  for (const char* page : {"metrics", "openapi", "docs"}) EXPECT_TRUE(operations.contains(page)) << page;
  EXPECT_EQ(operations.size(), contracts().calls().size() + 3);
}

TEST_F(OpenApi, EveryReferenceLeadsSomewhere) {
  std::size_t references = 0;
  for (std::size_t from = document_.find("\"$ref\":\"#"); from != std::string::npos;
       from = document_.find("\"$ref\":\"#", from + 1)) {
    const std::size_t start = from + 9;
    const std::string pointer = document_.substr(start, document_.find('"', start) - start);
    EXPECT_FALSE(at(pointer).error()) << pointer;
    ++references;
  }
  EXPECT_GT(references, 100U);
}

TEST_F(OpenApi, LimitsOfTheContractAreTold) {
  EXPECT_EQ(std::int64_t(at("/components/schemas/CreateTask/properties/title/maxLength")), 200);
  EXPECT_EQ(std::int64_t(at("/components/schemas/CreateTask/properties/priority/maximum")), 5);
  EXPECT_EQ(std::string_view(at("/components/schemas/CreateTask/required/0")), "title");
  EXPECT_FALSE(bool(at("/components/schemas/CreateTask/additionalProperties")));
}

TEST_F(OpenApi, HiddenFieldsAreNotTold) { EXPECT_EQ(document_.find("secret_digest"), std::string::npos); }

TEST_F(OpenApi, PublicCallsNeedNoKey) {
  EXPECT_EQ(simdjson::dom::array(at("/paths/~1livez/get/security")).size(), 0U);
  EXPECT_TRUE(at("/paths/~1v1~1tasks/get/security").error());
}

TEST_F(OpenApi, PatchesAreMergePatches) {
  EXPECT_FALSE(at("/paths/~1v1~1tasks~1{id}/patch/requestBody/content/application~1merge-patch+json").error());
}

TEST_F(OpenApi, ListsCanBeFilteredByEveryIndexedField) {
  for (const auto* name : {"\"name\":\"due_at_after\"", "\"name\":\"due_at_before\"", "\"name\":\"priority_min\"",
                           "\"name\":\"labels\""}) {
    EXPECT_NE(document_.find(name), std::string::npos) << name;
  }
}

TEST(Examples, OfRequestsAreAcceptedByTheirContracts) {
  std::size_t bodies = 0;
  for (const Call& call : contracts().calls()) {
    if (call.method == "GET" || call.parameters == "none") continue;
    const auto decoded = decode_json(*call.request, example_json(*call.request));
    EXPECT_TRUE(decoded.has_value()) << call.name << " " << example_json(*call.request) << " "
                                     << decoded.error().problems[0].detail;
    ++bodies;
  }
  EXPECT_GT(bodies, 10U);
}

TEST(Examples, OfBatchesAreCommandsThatTheirContractsAccept) {
  const Field& data = *contracts().find_table("BatchCommand")->find("data");
  EXPECT_TRUE(decode_json(*contracts().find_table("CreateTask"), example_value(data)).has_value());
}

TEST(Examples, AreEmptyObjectsWhereThereIsNothingToShow) {
  EXPECT_EQ(example_json(*contracts().find_table("CompleteTask")), "{}");
}

}  // namespace
}  // namespace flowstone::schemas
