#include "domain/workspace.hpp"

#include <gtest/gtest.h>

#include "tests/domain/story.hpp"

namespace flowstone::domain {
namespace {

schemas::CreateWorkspaceT create(std::string name) {
  schemas::CreateWorkspaceT command;
  command.name = std::move(name);
  return command;
}

TEST(Workspace, IsFoundedWithAName) {
  const auto ending = Story<Workspace>().when(create("Demo"));
  EXPECT_EQ(ending.recorded, Types{"workspace.created"});
  EXPECT_EQ(ending.state.name, "Demo");
}

TEST(Workspace, IsNotFoundedTwice) {
  Story<Workspace> story;
  story.when(create("Demo"));
  EXPECT_EQ(story.when(create("Demo")).refused, "workspace_exists");
}

}  // namespace
}  // namespace flowstone::domain
