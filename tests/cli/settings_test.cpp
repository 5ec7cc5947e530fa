#include "cli/serve/settings.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "tests/cli/process.hpp"

namespace flowstone::cli {
namespace {

SettingSources sources_of(std::map<std::string, std::string> environment) {
  SettingSources sources;
  sources.environment = [environment = std::move(environment)](const std::string& name) -> const char* {
    const auto found = environment.find(name);
    return found == environment.end() ? nullptr : found->second.c_str();
  };
  return sources;
}

TEST(Settings, NothingGivenIsTheDefaults) {
  const auto loaded = load_settings(sources_of({}));
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->settings, Settings{});
}

TEST(Settings, FlagsWinOverTheEnvironmentAndTheEnvironmentOverTheFile) {
  const ScratchDirectory scratch;
  std::ofstream(scratch / "a.toml") << "listen = \"file:1\"\ndata = \"file\"\nthreads = 7\n";
  auto sources = sources_of({{"FLOWSTONE_LISTEN", "environment:2"}, {"FLOWSTONE_DATA", "environment"}});
  sources.file = (scratch / "a.toml").string();
  sources.flags["listen"] = "flag:3";
  const auto loaded = load_settings(sources);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->settings.listen, "flag:3");
  EXPECT_EQ(loaded->settings.data, "environment");
  EXPECT_EQ(loaded->settings.threads, 7U);
  EXPECT_EQ(loaded->origins.at("listen"), "flag");
  EXPECT_EQ(loaded->origins.at("data"), "environment");
  EXPECT_EQ(loaded->origins.at("threads"), "file");
  EXPECT_EQ(loaded->origins.at("demo"), "default");
}

TEST(Settings, TheEnvironmentMayNameTheFile) {
  const ScratchDirectory scratch;
  std::ofstream(scratch / "a.toml")
      << "allowed_origins = [\"https://a.example\", \"https://b.example\"]\naccess_log = false\n";
  const auto loaded = load_settings(sources_of({{"FLOWSTONE_CONFIG", (scratch / "a.toml").string()}}));
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->settings.allowed_origins, (std::vector<std::string>{"https://a.example", "https://b.example"}));
  EXPECT_FALSE(loaded->settings.access_log);
}

TEST(Settings, AnUnknownKeyOfTheFileIsRefusedByNameAndLine) {
  const ScratchDirectory scratch;
  std::ofstream(scratch / "a.toml") << "threads = 1\nlisten_on = \"x\"\n";
  auto sources = sources_of({});
  sources.file = (scratch / "a.toml").string();
  const auto loaded = load_settings(sources);
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().find("listen_on"), std::string::npos);
  EXPECT_NE(loaded.error().find(":2:"), std::string::npos);
}

TEST(Settings, AMalformedFileIsRefusedWithItsLine) {
  const ScratchDirectory scratch;
  std::ofstream(scratch / "a.toml") << "threads = \n";
  auto sources = sources_of({});
  sources.file = (scratch / "a.toml").string();
  const auto loaded = load_settings(sources);
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().find("a.toml:1"), std::string::npos);
}

TEST(Settings, AValueOutOfBoundsIsRefusedWithItsBounds) {
  const auto loaded = load_settings(sources_of({{"FLOWSTONE_BLOCKING_THREADS", "0"}}));
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error(), "FLOWSTONE_BLOCKING_THREADS must be a whole number from 1 to 256");
}

TEST(Settings, AChoiceIsRefusedWithTheChoices) {
  const auto loaded = load_settings(sources_of({{"FLOWSTONE_LOG_FORMAT", "xml"}}));
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error(), "FLOWSTONE_LOG_FORMAT must be one of auto, json, text");
}

TEST(Settings, ThePageListsEverySetting) {
  const auto page = read_file(std::filesystem::path(FLOWSTONE_SOURCE) / "docs/configuration.md");
  EXPECT_EQ(page, settings_markdown()) << "write it anew: flowstone config --markdown > docs/configuration.md";
}

TEST(Settings, TheSampleFileIsTaken) {
  auto sources = sources_of({});
  sources.file = (std::filesystem::path(FLOWSTONE_SOURCE) / "deploy/flowstone.toml").string();
  const auto loaded = load_settings(sources);
  EXPECT_TRUE(loaded) << (loaded ? "" : loaded.error());
}

}  // namespace
}  // namespace flowstone::cli
