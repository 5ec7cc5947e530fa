#include "api/router.hpp"

#include <gtest/gtest.h>

#include "api/handlers.hpp"

namespace flowstone::api {
namespace {

Task<void> nothing(Exchange*) { co_return; }

class Routes : public testing::Test {
 protected:
  Routes() {
    router.add(Method::get, "/v1/tasks", nothing);
    router.add(Method::post, "/v1/tasks", nothing);
    router.add(Method::get, "/v1/tasks/{id}", nothing);
    router.add(Method::post, "/v1/tasks/{id}/complete", nothing);
    router.add(Method::get, "/v1/tasks/none", nothing);
  }
  Router router;
};

TEST_F(Routes, LiteralPathIsFound) { EXPECT_EQ(router.find(Method::post, "/v1/tasks").route->number, 1U); }

TEST_F(Routes, ParameterIsDecoded) {
  const auto match = router.find(Method::get, "/v1/tasks/a%20b");
  ASSERT_NE(match.route, nullptr);
  EXPECT_EQ(match.parameters.at(0).name, "id");
  EXPECT_EQ(match.parameters.at(0).value, "a b");
}

TEST_F(Routes, LiteralWinsOverParameter) {
  EXPECT_EQ(router.find(Method::get, "/v1/tasks/none").route->pattern, "/v1/tasks/none");
}

TEST_F(Routes, HeadFindsGet) { EXPECT_EQ(router.find(Method::head, "/v1/tasks").route->method, Method::get); }

TEST_F(Routes, OtherMethodNamesThoseThatExist) {
  const auto match = router.find(Method::remove, "/v1/tasks");
  EXPECT_EQ(match.route, nullptr);
  EXPECT_EQ(match.allow, "GET, HEAD, POST, OPTIONS");
}

TEST_F(Routes, UnknownPathsAllowNothing) {
  for (const char* path :
       {"/", "", "/v1", "/v1/tasks/", "/v1/tasks/1/", "/v1/tasks/1/finish", "/v1/tasks/%zz", "v1/tasks"}) {
    const auto match = router.find(Method::get, path);
    EXPECT_EQ(match.route, nullptr) << path;
    EXPECT_EQ(match.allow, "") << path;
  }
}

TEST(ContractRoutes, EveryCallHasAHandler) {
  Router router;
  add_routes(router);
  for (const auto& call : schemas::contracts().calls()) {
    bool found = false;
    for (const auto& route : router.routes()) found = found || route->call == &call;
    EXPECT_TRUE(found) << call.name;
  }
}

TEST(ContractRoutes, IntentsCannotBeDeleted) {
  Router router;
  add_routes(router);
  const auto match = router.find(Method::remove, "/v1/intents/01920000-0000-7000-8000-000000000001");
  EXPECT_EQ(match.route, nullptr);
  EXPECT_NE(match.allow.find("PATCH"), std::string::npos);
}

}  // namespace
}  // namespace flowstone::api
