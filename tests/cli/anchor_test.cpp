#include <fstream>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "tests/cli/process.hpp"

namespace flowstone::cli {
namespace {

class Anchor : public testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& bytes) {
    std::ofstream(scratch_ / name, std::ios::binary) << bytes;
    return (scratch_ / name).string();
  }
  Ran anchor(const std::string& old_bytes, const std::string& new_bytes, const std::string& spans) {
    return run(scratch_.path(),
               {"anchor", file("old.md", old_bytes), file("new.md", new_bytes), "--spans", file("spans.json", spans)});
  }
  boost::json::array answers(const std::string& old_bytes, const std::string& new_bytes, const std::string& spans) {
    const auto ran = anchor(old_bytes, new_bytes, spans);
    EXPECT_EQ(ran.status, 0) << ran.err;
    return boost::json::parse(ran.out).as_array();
  }

  ScratchDirectory scratch_;
};

TEST_F(Anchor, AnswersOneEachInOrder) {
  const auto found = answers("It rains. Pay in 30 days. The end.", "Well. It rains. Pay in 60 days.",
                             R"([{"start":10,"end":25},{"start":0,"end":9},{"start":26,"end":34}])");
  ASSERT_EQ(found.size(), 3U);
  const auto& changed = found[0].as_object();
  EXPECT_EQ(changed.at("verdict"), "changed");
  EXPECT_EQ(changed.at("exact"), "Pay in 60 days.");
  EXPECT_EQ(changed.at("start"), 16);
  EXPECT_EQ(changed.at("end"), 31);
  EXPECT_EQ(changed.at("materiality"), "material");
  EXPECT_EQ(changed.at("document"), "new.md");
  EXPECT_TRUE(changed.at("version").is_null());
  EXPECT_FALSE(changed.at("reason").as_string().empty());
  EXPECT_EQ(found[1].as_object().at("verdict"), "same");
  EXPECT_EQ(found[2].as_object().at("verdict"), "lost");
  EXPECT_TRUE(found[2].as_object().at("start").is_null());
}

TEST_F(Anchor, OffsetsAreThoseOfTheFilesWhateverTheirLineEndsAndNormalForm) {
  const auto found =
      answers("Cafe\u0301 here.\r\n\r\nThe second line.\r\n", "\ufeffNew.\n\nCaf\u00e9 here.\n\nThe second line.\n",
              R"([{"start":0,"end":11},{"start":15,"end":31}])");
  EXPECT_EQ(found[0].as_object().at("verdict"), "same");
  EXPECT_EQ(found[0].as_object().at("exact"), "Caf\u00e9 here.");
  EXPECT_EQ(found[0].as_object().at("start"), 7);
  EXPECT_EQ(found[1].as_object().at("exact"), "The second line.");
}

TEST_F(Anchor, SaysWhichSpanIsOutOfRange) {
  const auto ran = anchor("short", "short", R"([{"start":0,"end":5},{"start":2,"end":6}])");
  EXPECT_EQ(ran.status, 1);
  EXPECT_NE(ran.err.find("span 1 ends at 6, but OLD has 5 code points"), std::string::npos) << ran.err;
  EXPECT_EQ(ran.out, "");
}

TEST_F(Anchor, SaysWhatIsWrongWithSpans) {
  EXPECT_NE(anchor("a", "a", R"([{"start":1,"end":0}])").err.find("span 0 ends at 0, before its start 1"),
            std::string::npos);
  EXPECT_NE(anchor("a", "a", R"([{"start":-1,"end":0}])").err.find("span 0 must have"), std::string::npos);
  EXPECT_NE(anchor("a", "a", "{}").err.find("must be a list"), std::string::npos);
  EXPECT_NE(anchor("a", "a", "[").err.find("is not JSON"), std::string::npos);
}

TEST_F(Anchor, SaysWhatIsWrongWithFiles) {
  EXPECT_NE(anchor("\xff", "a", "[]").err.find("old.md: is not UTF-8 text"), std::string::npos);
  const auto ran = run(scratch_.path(), {"anchor", "nowhere.md", file("b", ""), "--spans", file("s", "[]")});
  EXPECT_EQ(ran.status, 1);
  EXPECT_NE(ran.err.find("nowhere.md: cannot be read"), std::string::npos) << ran.err;
}

TEST_F(Anchor, ReadsSpansFromStandardInput) {
  file("old.md", "One two.");
  file("new.md", "Zero. One two.");
  const auto out = (scratch_ / "out.json").string();
  const auto command = "echo '[{\"start\":0,\"end\":8}]' | " FLOWSTONE_PROGRAM " anchor " +
                       (scratch_ / "old.md").string() + " " + (scratch_ / "new.md").string() + " --spans - > " + out;
  ASSERT_EQ(::system(command.c_str()), 0);  // NOLINT(concurrency-mt-unsafe,cert-env33-c)
  EXPECT_EQ(boost::json::parse(read_file(out)).as_array().at(0).as_object().at("start"), 6);
}

}  // namespace
}  // namespace flowstone::cli
