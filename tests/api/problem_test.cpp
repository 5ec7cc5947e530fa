#include "api/problem.hpp"

#include <set>

#include <gtest/gtest.h>

namespace flowstone::api {
namespace {

TEST(Problems, EveryKindHasACodeOfItsOwn) {
  std::set<std::string_view> codes;
  for (const ProblemKind kind : problem_kinds())
    EXPECT_TRUE(codes.insert(shape_of(kind).code).second) << shape_of(kind).code;
}

TEST(Problems, EveryKindIsAnErrorStatusWithAReason) {
  for (const ProblemKind kind : problem_kinds()) {
    const auto shape = shape_of(kind);
    EXPECT_GE(shape.status, 400) << shape.code;
    EXPECT_LT(shape.status, 600) << shape.code;
    EXPECT_NE(reason_phrase(shape.status), "Status") << shape.status;
    EXPECT_TRUE(shape.sentence.ends_with('.')) << shape.code;
  }
}

TEST(Problems, DocumentNamesFieldsAndRevision) {
  Problem problem{ProblemKind::invalid_field};
  problem.errors.push_back({"labels[2]", "must be at most 50 characters"});
  problem.current_revision = Revision{7};
  std::string json;
  append_json(problem, "/v1/tasks", "r-1", json);
  EXPECT_EQ(
      json,
      R"({"type":"/docs#problem-invalid-field","title":"A field has a value that it cannot have","status":422,"code":"invalid_field",)"
      R"("detail":"`errors` names each field and what it must be; nothing was written.","instance":"/v1/tasks","request_id":"r-1",)"
      R"("errors":[{"field":"labels[2]","detail":"must be at most 50 characters"}],"current_revision":7})");
}

TEST(Problems, DomainCodeReplacesTheKinds) {
  std::string json;
  append_json({ProblemKind::conflict, "Reopen it first.", {}, "task_cancelled"}, "", "", json);
  EXPECT_NE(json.find(R"("code":"task_cancelled","detail":"Reopen it first.")"), std::string::npos);
}

TEST(Problems, DirectoriesAreCutFromWhatTheStorageSays) {
  EXPECT_EQ(without_directories("IO error: While appending to file: /srv/data/log/000004.log: No space left"),
            "IO error: While appending to file: 000004.log: No space left");
  EXPECT_EQ(without_directories("/srv/data"), "data");
  EXPECT_EQ(without_directories("in '/a/b' and \"/c/d\""), "in 'b' and \"d\"");
  EXPECT_EQ(without_directories("3/4 of text/plain"), "3/4 of text/plain");
  EXPECT_EQ(without_directories(""), "");
}

}  // namespace
}  // namespace flowstone::api
