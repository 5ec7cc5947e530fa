// What a run's events mean to people.
#include "cli/run_events.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace flowstone::cli {
namespace {

std::string printed(std::initializer_list<std::string_view> events, RunPrinter& printer) {
  testing::internal::CaptureStderr();
  for (const auto event : events) printer.print(boost::json::parse(event).as_object());
  return testing::internal::GetCapturedStderr();
}

TEST(RunPrinter, TellsAWorkflowsStepsWithWhatWentInAndCameOutAndWhatBecameOfErrors) {
  RunPrinter printer(false, false, false);
  const auto told = printed(
      {R"({"type":"run.requested","data":{"name":"Intake"}})",
       R"({"type":"run.step_started","data":{"step":"Ask","path":"Each[2]","input":{"n":1}}})",
       R"({"type":"run.task_scheduled","data":{"step":"Ask","path":"Each[2]","resource":"flowstone:http","input":{"Url":"u"}}})",
       R"({"type":"run.task_failed","data":{"step":"Ask","path":"Each[2]","error":"Http.Timeout","cause":"after 30 s"}})",
       R"({"type":"run.retry_scheduled","data":{"step":"Ask","path":"Each[2]","attempt":"1","until":"2030-01-01T00:00:00Z"}})",
       R"({"type":"run.step_finished","data":{"step":"Ask","path":"Each[2]","output":null}})",
       R"({"type":"run.timer_set","data":{"step":"Wait","until":"2030-01-01T00:00:00Z"}})",
       R"({"type":"run.completed","data":{"output":{"n":2}}})"},
      printer);
  EXPECT_EQ(told,
            "── run Intake\n"
            "── step Each[2]/Ask {\"n\":1}\n"
            "── Each[2]/Ask asks flowstone:http {\"Url\":\"u\"}\n"
            "── Each[2]/Ask failed: Http.Timeout: after 30 s\n"
            "── Each[2]/Ask is tried again, attempt 2 at 2030-01-01T00:00:00Z\n"
            "── Each[2]/Ask done\n"
            "── Wait waits until 2030-01-01T00:00:00Z\n"
            "── completed\n");
  EXPECT_EQ(printer.ended(), 0);
}

TEST(RunPrinter, ARunThatTookTooLongHasEnded) {
  RunPrinter printer(false, false, true);
  EXPECT_EQ(printed({R"({"type":"run.timed_out","data":{}})"}, printer), "");
  EXPECT_EQ(printer.ended(), 1);
}

TEST(RunPrinter, LongValuesAreCutBetweenCharacters) {
  RunPrinter printer(false, false, false);
  std::string text = "x";
  for (int each = 0; each < 300; ++each) text += "ü";
  const auto event = R"({"type":"run.step_started","data":{"step":"A","input":")" + text + R"("}})";
  const auto told = printed({event}, printer);
  EXPECT_TRUE(told.ends_with("ü…\n")) << told;
}

}  // namespace
}  // namespace flowstone::cli
