#include <cstdlib>
#include <fstream>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): SIGTERM is POSIX's
#include <sstream>
#include <sys/stat.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "cli/run_events.hpp"
#include "tests/cli/process.hpp"

namespace flowstone::cli {
namespace {

std::size_t size_of_log(const DemoServer& server) {
  return static_cast<std::size_t>(number_of(server.ask({"audit", "root"}).as_object(), "size").value_or(-1));
}

unsigned mode_of(const std::filesystem::path& file) {
  struct stat about{};
  return ::stat(file.c_str(), &about) == 0 ? about.st_mode & 0777U : 0;
}

TEST(Serve, TheFirstLineSaysWhereItServes) {
  const ScratchDirectory scratch;
  DemoServer server(scratch / "data");
  EXPECT_TRUE(server.url().starts_with("http://127.0.0.1:"));
  EXPECT_NE(server.url(), "http://127.0.0.1:0");
}

// Every indented line below "To try", as a person would paste it into a shell in another directory.
std::string commands_to_try(const std::string& welcome) {
  std::istringstream lines(welcome.substr(welcome.find("To try")));
  std::string script = "set -e\n";
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("  ")) script += line + "\n";
  }
  return script;
}

TEST(Serve, TheCommandsItPrintsWorkWhenPasted) {
  const ScratchDirectory scratch;
  DemoServer server(scratch / "it's here");
  ASSERT_TRUE(eventually([&] { return server.process().out().find("watch latest") != std::string::npos; }));
  std::ofstream(scratch / "try.sh") << commands_to_try(server.process().out());
  const auto pasted = "cd / && env -i PATH=/usr/bin:/bin HOME=" + scratch.path().string() + " sh " +
                      (scratch / "try.sh").string() + " > " + (scratch / "tried").string() + " 2>&1";
  EXPECT_EQ(std::system(pasted.c_str()), 0);  // NOLINT(concurrency-mt-unsafe): one thread
  const auto tried = read_file(scratch / "tried");
  EXPECT_NE(tried.find("Write the quarterly report"), std::string::npos) << tried;
  EXPECT_NE(tried.find("Try Flowstone"), std::string::npos) << tried;
  EXPECT_NE(tried.find("completed, exit code 0"), std::string::npos) << tried;
}

TEST(Serve, TheKeyOfTheDemoIsForItsOwnerAlone) {
  const ScratchDirectory scratch;
  DemoServer server(scratch / "data");
  EXPECT_EQ(mode_of(server.data() / "demo.key"), 0600U);
  EXPECT_TRUE(server.key().starts_with("fsk_"));
}

TEST(Serve, TheDemoIsThereOnceHoweverOftenItStarts) {
  const ScratchDirectory scratch;
  DemoServer server(scratch / "data");
  const auto tasks = server.ask({"list", "tasks"}).at("items").as_array();
  EXPECT_EQ(tasks.size(), 4U);
  EXPECT_EQ(server.ask({"list", "intents"}).at("items").as_array().size(), 3U);
  const auto runs = server.ask({"list", "runs"}).at("items").as_array();
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(text_of(runs.front().as_object(), "status"), "completed");
  const auto size = size_of_log(server);
  EXPECT_EQ(server.stop(), 0);
  server.start_again();
  EXPECT_EQ(size_of_log(server), size);
}

TEST(Serve, AnEmptyDirectoryGetsAWorkspaceAndAnAdminsKey) {
  const ScratchDirectory scratch;
  const auto data = (scratch / "data").string();
  Process server(scratch.path(), {"serve", "--data", data, "--listen", "127.0.0.1:0"});
  ASSERT_TRUE(eventually([&] { return server.out().find("ready ") != std::string::npos; })) << server.err();
  EXPECT_EQ(mode_of(scratch / "data" / "admin.key"), 0600U);
  EXPECT_FALSE(std::filesystem::exists(scratch / "data" / "demo.key"));
  const auto url = server.out().substr(6, server.out().find('\n') - 6);
  auto key = read_file(scratch / "data" / "admin.key");
  key.pop_back();
  const auto listed = run(scratch.path(), {"key", "list", "--json", "--url", url, "--key", key});
  EXPECT_EQ(listed.status, 0) << listed.err;
}

TEST(Serve, ASecondServerOnTheSameDirectoryIsRefusedWithThePid) {
  const ScratchDirectory scratch;
  DemoServer server(scratch / "data");
  const auto second = run(scratch.path(), {"serve", "--data", server.data().string(), "--listen", "127.0.0.1:0"});
  EXPECT_EQ(second.status, 1);
  EXPECT_NE(second.err.find(std::to_string(server.process().id())), std::string::npos) << second.err;
}

TEST(Serve, ADirectoryOfANewerFormatIsRefused) {
  const ScratchDirectory scratch;
  DemoServer server(scratch / "data");
  ASSERT_EQ(server.stop(), 0);
  ASSERT_TRUE(std::filesystem::exists(server.data() / "FORMAT"));
  std::ofstream(server.data() / "FORMAT") << "flowstone-store 999\n";
  const auto refused = run(scratch.path(), {"serve", "--data", server.data().string(), "--listen", "127.0.0.1:0"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_NE(refused.err.find("newer"), std::string::npos) << refused.err;
}

TEST(Serve, EveryLogLineIsAJsonObjectWithoutATerminal) {
  const ScratchDirectory scratch;
  DemoServer server(scratch / "data");
  for (int twice = 0; twice < 2; ++twice) server.ask({"projections", "rebuild", "tasks", "--watch"});
  ASSERT_TRUE(eventually([&] { return server.process().err().find("no longer followed") != std::string::npos; }));
  ASSERT_EQ(server.stop(), 0);
  std::istringstream lines(server.process().err());
  for (std::string line; std::getline(lines, line);) {
    boost::system::error_code error;
    const auto parsed = boost::json::parse(line, error);
    EXPECT_TRUE(!error && parsed.is_object()) << line;
  }
}

TEST(Serve, APortInUseIsRefusedByName) {
  const ScratchDirectory scratch;
  DemoServer server(scratch / "data");
  const auto address = server.url().substr(7);
  const auto second = run(scratch.path(), {"serve", "--data", (scratch / "other").string(), "--listen", address});
  EXPECT_EQ(second.status, 1);
  EXPECT_NE(second.err.find(address.substr(address.find(':') + 1)), std::string::npos) << second.err;
}

TEST(Serve, AWrongSettingIsWrongUsage) {
  const ScratchDirectory scratch;
  std::ofstream(scratch / "a.toml") << "listn = \"127.0.0.1:0\"\n";
  const auto refused = run(scratch.path(), {"serve", "--config", (scratch / "a.toml").string()});
  EXPECT_EQ(refused.status, 2);
  EXPECT_NE(refused.err.find("listn"), std::string::npos);
}

TEST(Serve, StopsInOrderOnSigterm) {
  const ScratchDirectory scratch;
  DemoServer server(scratch / "data");
  EXPECT_EQ(server.stop(), 0);
}

TEST(Serve, ARefusalNamesTheFieldAndWhatItMustBe) {
  const ScratchDirectory scratch;
  DemoServer server(scratch / "data");
  const auto refused = run(scratch.path(), {"do", "create_task", "title=x", "priority=9"}, server.environment());
  EXPECT_EQ(refused.status, 1);
  EXPECT_NE(refused.err.find("priority: must be"), std::string::npos) << refused.err;
}

TEST(Serve, AKeyMadeByTheCommandOpensAndARevokedOneDoesNot) {
  const ScratchDirectory scratch;
  DemoServer server(scratch / "data");
  const auto made = server.ask({"key", "create", "a test", "--role", "auditor"}).as_object();
  const auto key = text_of(made, "key");
  auto environment = server.environment();
  environment["FLOWSTONE_KEY"] = key;
  EXPECT_EQ(run(scratch.path(), {"list", "tasks"}, environment).status, 0);
  EXPECT_EQ(run(scratch.path(), {"do", "create_task", "title=x"}, environment).status, 1);
  server.ask({"key", "revoke", text_of(made, "id")});
  const auto refused = run(scratch.path(), {"list", "tasks"}, environment);
  EXPECT_EQ(refused.status, 1);
  EXPECT_NE(refused.err.find("401"), std::string::npos) << refused.err;
}

TEST(Serve, ARebuildIsWatchedToItsEnd) {
  const ScratchDirectory scratch;
  DemoServer server(scratch / "data");
  const auto status = server.ask({"projections", "rebuild", "tasks", "--watch"}).as_object();
  EXPECT_EQ(text_of(status, "state"), "live");
  EXPECT_EQ(number_of(status, "rows"), 4);
}

}  // namespace
}  // namespace flowstone::cli
