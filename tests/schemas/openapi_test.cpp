#include "schemas/openapi.hpp"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "schemas/json.hpp"

namespace flowstone::schemas {
namespace {

ServerFacts facts() {
  return {
      .version = "1.2.3",
      .refusals = {{422, "invalid_field", "A field", "Correct it.", "/docs#problem-invalid-field"},
                   {500, "internal_error", "The server failed", "It has been logged.", "/docs#problem-internal-error"}},
      .most_header_bytes = 16384,
      .most_body_bytes = 8388608};
}

class OpenApi : public testing::Test {
 protected:
  OpenApi() : document_(openapi_document(facts())) { root_ = parser_.parse(document_); }
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

TEST_F(OpenApi, ItIsTheSameEachTime) { EXPECT_EQ(openapi_document(facts()), document_); }

TEST_F(OpenApi, EveryCallIsAnOperation) {
  std::set<std::string_view> operations;
  for (const auto path : simdjson::dom::object(at("/paths"))) {
    for (const auto operation : simdjson::dom::object(path.value)) {
      EXPECT_TRUE(operations.insert(operation.value["operationId"]).second);
    }
  }
  for (const Call& call : contracts().calls()) EXPECT_TRUE(operations.contains(call.name)) << call.name;
  EXPECT_EQ(operations.size(), contracts().calls().size());
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

TEST_F(OpenApi, LimitsOfTheServerAreTold) {
  EXPECT_THAT(std::string_view(at("/info/description")),
              testing::HasSubstr("16384 bytes of headers, 8388608 bytes of body"));
}

TEST_F(OpenApi, EveryReasonToRefuseIsAnExampleOfItsStatus) {
  EXPECT_EQ(std::string_view(at("/components/responses/UnprocessableContent/content/application~1problem+json/examples/"
                                "invalid_field/value/type")),
            "/docs#problem-invalid-field");
  EXPECT_EQ(std::int64_t(at("/components/responses/AnyOther/content/application~1problem+json/examples/internal_error/"
                            "value/status")),
            500);
}

TEST_F(OpenApi, DocumentsOfTheirOwnAreNotAnsweredAsTables) {
  EXPECT_FALSE(at("/paths/~1metrics/get/responses/200/content/text~1plain").error());
  EXPECT_TRUE(at("/paths/~1metrics/get/responses/200/content/application~1json").error());
  EXPECT_TRUE(at("/components/schemas/Document").error());
}

TEST_F(OpenApi, EventsAreAnsweredInFourForms) {
  const std::string responses = "/paths/~1v1~1events/get/responses";
  for (const char* media : {"application~1json", "application~1x-ndjson", "text~1event-stream"})
    EXPECT_FALSE(at(responses + "/200/content/" + media + "/example").error()) << media;
  EXPECT_FALSE(at(responses + "/101/x-flowstone-message").error());
}

TEST_F(OpenApi, EveryParameterHasAnExample) {
  for (const auto path : simdjson::dom::object(at("/paths"))) {
    for (const auto operation : simdjson::dom::object(path.value)) {
      for (const auto parameter : simdjson::dom::array(operation.value["parameters"])) {
        const bool shared = !parameter["$ref"].error();
        EXPECT_TRUE(shared || !parameter["example"].error()) << path.key << " " << std::string_view(parameter["name"]);
      }
    }
  }
  for (const auto shared : simdjson::dom::object(at("/components/parameters")))
    EXPECT_FALSE(shared.value["example"].error()) << shared.key;
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

TEST(Examples, OfAnswersHaveAValueInEveryField) {
  std::size_t answers = 0;
  for (const Call& call : contracts().calls()) {
    const std::string example = example_answer(*call.response);
    EXPECT_EQ(example.find(":\"\""), std::string::npos) << call.name << " " << example;
    ++answers;
  }
  EXPECT_GT(answers, 30U);
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
