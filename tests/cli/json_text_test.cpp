#include "cli/json_text.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace flowstone::cli {
namespace {

std::string again(std::string_view text) { return json_text(boost::json::parse({text.data(), text.size()})); }

TEST(JsonText, NumbersAreWrittenAsPeopleWriteThem) {
  EXPECT_EQ(again("[0.0,12.5,-0.25,1234567.5]"), "[0,12.5,-0.25,1234567.5]");
}

TEST(JsonText, IntegersKeepEveryDigit) {
  EXPECT_EQ(again("[18446744073709551615,-9223372036854775808]"), "[18446744073709551615,-9223372036854775808]");
}

TEST(JsonText, EverythingElseComesBackAsItWas) {
  const std::string text = R"({"a\"b":[true,null,"\u0001é",{}],"c":[]})";
  EXPECT_EQ(again(text), text);
}

}  // namespace
}  // namespace flowstone::cli
