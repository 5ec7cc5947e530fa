// `flowstone bundle`: what is pushed is what was there, and what changed is told.
#include <csignal>
#include <fstream>

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/push/form_body.hpp"
#include "cli/push/local_files.hpp"
#include "cli/run_events.hpp"
#include "tests/cli/process.hpp"

namespace flowstone::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Push : public testing::Test {
 protected:
  void write(const std::string& path, const std::string& text) {
    const auto file = files_ / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
  }
  std::vector<std::string> found(const std::vector<std::string>& exclude = {}) {
    std::vector<std::string> paths;
    const auto local = find_files({files_.string()}, exclude);
    for (const LocalFile& file : local.value_or(std::vector<LocalFile>{})) paths.push_back(file.path);
    return paths;
  }

  ScratchDirectory scratch_;
  const std::filesystem::path files_ = scratch_ / "files";
};

TEST_F(Push, ADirectoryIsTakenWithoutHiddenFilesAndLinks) {
  write("b.md", "b");
  write("a/x.md", "x");
  write("a/x.tmp", "x");
  write(".git/config", "no");
  write("a/.hidden", "no");
  std::filesystem::create_symlink(files_ / "b.md", files_ / "link.md");
  std::filesystem::create_directory_symlink(files_ / "a", files_ / "again");
  EXPECT_THAT(found(), ElementsAre("a/x.md", "a/x.tmp", "b.md"));
  EXPECT_THAT(found({"*.tmp"}), ElementsAre("a/x.md", "b.md"));
  EXPECT_THAT(found({"a"}), ElementsAre("b.md"));
  EXPECT_THAT(found({"a/*.md"}), ElementsAre("a/x.tmp", "b.md"));
}

TEST_F(Push, FilesThatWouldBeOneDocumentAreRefused) {
  write("a/x.md", "1");
  write("b/x.md", "2");
  const auto both = find_files({(files_ / "a/x.md").string(), (files_ / "b/x.md").string()}, {});
  ASSERT_FALSE(both);
  EXPECT_THAT(both.error(), HasSubstr("would both be the document 'x.md'"));
  EXPECT_THAT(find_files({(files_ / "none").string()}, {}).error(), HasSubstr("No such file"));
  std::filesystem::create_directories(files_ / "empty");
  EXPECT_EQ(find_files({(files_ / "empty").string()}, {}).error(), "there are no files to push");
}

TEST_F(Push, TheFormIsAsLongAsItSays) {
  write("a \"b\".md", "text");
  write("empty.md", "");
  write("large.bin", std::string(600'000, 'x'));
  const auto files = find_files({files_.string()}, {}).value();
  FormBody form(files, "signed", "b");
  for (int time = 0; time < 2; ++time) {
    form.rewind();
    std::string body;
    for (auto piece = form.next(); piece && !piece->empty(); piece = form.next()) body += *piece;
    EXPECT_EQ(body.size(), form.length());
    EXPECT_THAT(body, HasSubstr("filename=\"a %22b%22.md\"\r\n\r\ntext\r\n--b\r\n"));
    EXPECT_TRUE(body.ends_with("x\r\n--b--\r\n"));
  }
}

TEST_F(Push, AFileThatChangesWhileItIsSentIsNoticed) {
  write("a.md", "text");
  const auto files = find_files({files_.string()}, {}).value();
  for (const std::string now : {"longer text", "no"}) {
    write("a.md", now);
    FormBody form(files, "", "b");
    EXPECT_FALSE(form.next());
    EXPECT_THAT(form.problem(), HasSubstr("changed while it was sent"));
  }
}

class PushToServer : public Push {
 protected:
  Ran push(std::vector<std::string> more = {}) {
    std::vector<std::string> all{"bundle", "push", files_.string(), "--name", "Contracts"};
    all.insert(all.end(), more.begin(), more.end());
    return run(scratch_.path(), all, server_.environment());
  }
  boost::json::object pushed(std::vector<std::string> more = {}) {
    more.emplace_back("--json");
    const auto ran = push(more);
    EXPECT_EQ(ran.status, 0) << ran.err;
    return boost::json::parse(ran.out).as_object();
  }

  DemoServer server_{scratch_ / "data"};
};

TEST_F(PushToServer, FilesBecomeAVersionAndTheSameOnesDoNot) {
  write("a.md", "# Fee\n\nThe fee is 12 %.\n");
  write("sub/b.txt", "plain");
  const auto planned = push({"--dry-run"});
  EXPECT_EQ(planned.out,
            "a new bundle Contracts\n+ a.md\n+ sub/b.txt\n2 documents: 2 added, 0 changed, 0 removed, 0 unchanged\n");
  const auto first = push({"--message", "as signed"});
  EXPECT_EQ(first.status, 0) << first.err;
  EXPECT_THAT(first.out, HasSubstr("sub/b.txt: text/plain, 5 bytes"));
  EXPECT_THAT(first.out,
              HasSubstr("version 1 of Contracts serves, 2 documents: 2 added, 0 changed, 0 removed, 0 unchanged"));
  EXPECT_THAT(first.err, HasSubstr("step publish"));
  const auto again = push();
  EXPECT_EQ(again.status, 0);
  EXPECT_EQ(again.out, "nothing changed: version 1 of Contracts has these 2 documents\n");
  EXPECT_EQ(number_of(pushed({"--force"}), "version"), 2);
  const auto shown = server_.ask({"bundle", "show", "Contracts"}).as_object();
  EXPECT_EQ(text_of(shown.at("bundle").at("versions").at(0).as_object(), "label"), "as signed");
  EXPECT_EQ(shown.at("documents").as_array().size(), 2U);
  EXPECT_THAT(run(scratch_.path(), {"bundle", "list"}, server_.environment()).out, HasSubstr("Contracts"));
  EXPECT_EQ(server_.ask({"bundle", "list"}), server_.ask({"list", "bundles", "--sort", "name"}));
}

TEST_F(PushToServer, WhatAVersionMakesStaleIsTold) {
  write("a.md", "# Fee\n\nThe fee is 12 %.\n");
  write("b.md", "stays");
  const auto bundle = text_of(pushed(), "bundle_id");
  const auto evidence =
      server_.ask({"do", "create_evidence",
                   R"(source:={"bundle_id":")" + bundle +
                       R"(","version":1,"document":"a.md","selector":{"exact":"The fee is 12 %."}})"});
  server_.ask({"do", "create_insight", "title=Fee", "evidence_ids=" + text_of(evidence.as_object(), "id")});
  write("a.md", "# Fee\n\nThe fee is 15 %.\n");
  const auto second = push();
  EXPECT_EQ(second.status, 0) << second.err;
  EXPECT_THAT(second.out,
              HasSubstr("version 2 of Contracts serves, 2 documents: 0 added, 1 changed, 0 removed, 1 unchanged"));
  EXPECT_THAT(second.out, HasSubstr("changed"));
  EXPECT_THAT(second.out, HasSubstr("stale/stale"));
}

TEST_F(PushToServer, AVersionThatCannotBeReadIsAFailure) {
  write("broken.pdf", "%PDF-1.4\nthis is no pdf");
  const auto ran = push();
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.err, HasSubstr("version 1 was not taken in: broken.pdf"));
}

TEST_F(PushToServer, ARefusalComesBeforeTheBytes) {
  write("a.md", "x");
  const auto ran =
      run(scratch_.path(), {"bundle", "push", files_.string(), "--bundle", "01920000-0000-7000-8000-0000000000ff"},
          server_.environment());
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.err, HasSubstr("404"));
  EXPECT_EQ(run(scratch_.path(), {"bundle", "push", files_.string()}, server_.environment()).status, 2);
}

TEST_F(PushToServer, AWatchedDirectoryIsPushedWhenItChanges) {
  write("a.md", "one");
  Process watching(scratch_.path(), {"bundle", "push", files_.string(), "--name", "Contracts", "--watch"},
                   server_.environment());
  ASSERT_TRUE(eventually([&] { return watching.out().find("version 1 of") != std::string::npos; })) << watching.err();
  write("a.md", "two");
  EXPECT_TRUE(eventually([&] { return watching.out().find("version 2 of") != std::string::npos; })) << watching.err();
  watching.signal(SIGTERM);
  EXPECT_EQ(watching.wait(), 143);
}

}  // namespace
}  // namespace flowstone::cli
