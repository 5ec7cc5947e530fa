#include "cli/demo_content.hpp"

#include <array>

#include <fmt/core.h>

namespace flowstone::cli {
namespace {

constexpr std::string_view kDeepWork = "01920000-0000-7000-8000-000000000001";
constexpr std::string_view kFirstTask = "01920000-0000-7000-8000-000000000011";
constexpr std::string_view kThirdTask = "01920000-0000-7000-8000-000000000013";

constexpr std::array kCommands{
    DemoCommand{"demo-intent-1", "create_intent", kDeepWork,
                R"({"code":"DEEP_WORK","name":"Deep work","description":"Long stretches without interruption."})"},
    DemoCommand{
        "demo-intent-2", "create_intent", "01920000-0000-7000-8000-000000000002",
        R"({"code":"ADMIN","name":"Administration","description":"What must be done so that the rest can be."})"},
    DemoCommand{"demo-intent-3", "create_intent", "01920000-0000-7000-8000-000000000003",
                R"({"code":"LEARNING","name":"Learning","description":"Reading, courses, experiments."})"},
    DemoCommand{
        "demo-task-1", "create_task", kFirstTask,
        R"({"title":"Write the quarterly report","description":"Figures from finance, two pages at most.","priority":4,)"
        R"("labels":["writing","finance"],"effort_minutes":90,"intent_id":"01920000-0000-7000-8000-000000000001"})"},
    DemoCommand{"demo-task-2", "create_task", "01920000-0000-7000-8000-000000000012",
                R"({"title":"Book the train to Ghent","priority":2,"labels":["travel"],"effort_minutes":15,)"
                R"("intent_id":"01920000-0000-7000-8000-000000000002"})"},
    DemoCommand{
        "demo-task-3", "create_task", kThirdTask,
        R"({"title":"Read the paper on log-structured merge trees","priority":3,"labels":["reading"],"effort_minutes":60,)"
        R"("preferred_time":"evening","intent_id":"01920000-0000-7000-8000-000000000003"})"},
    DemoCommand{"demo-task-4", "create_task", "01920000-0000-7000-8000-000000000014",
                R"({"title":"Water the plants","priority":1,"effort_minutes":5})"},
    DemoCommand{"demo-task-1-progress", "update_task", kFirstTask, R"({"progress":40,"priority":5})"},
    DemoCommand{"demo-task-3-done", "complete_task", kThirdTask, "{}"},
    DemoCommand{"demo-run-1", "create_run", kDemoRun,
                R"({"name":"make test","kind":"exec","command":["make","test"],"host":"demo","labels":["demo"]})"},
};

}  // namespace

std::span<const DemoCommand> demo_commands() { return kCommands; }

std::string demo_run_events(Timestamp end) {
  const auto at = [&](int seconds_before) { return to_rfc3339({end.micros - seconds_before * 1'000'000LL}); };
  return fmt::format(
      R"({{"events":[)"
      R"({{"sequence":1,"kind":"started","at":"{0}"}},)"
      R"({{"sequence":2,"kind":"step_started","at":"{0}","step":"build"}},)"
      R"({{"sequence":3,"kind":"step_output","at":"{0}","step":"build","text":"cc -O2 -o parser parser.c"}},)"
      R"({{"sequence":4,"kind":"step_output","at":"{1}","step":"build","stream":"stderr","text":"parser.c:12: warning: unused variable 'i'"}},)"
      R"({{"sequence":5,"kind":"step_finished","at":"{1}","step":"build","exit_code":0}},)"
      R"({{"sequence":6,"kind":"step_started","at":"{1}","step":"test"}},)"
      R"({{"sequence":7,"kind":"step_output","at":"{1}","step":"test","text":"[1/2] parses numbers ... ok"}},)"
      R"({{"sequence":8,"kind":"step_output","at":"{2}","step":"test","text":"[2/2] refuses garbage ... ok"}},)"
      R"({{"sequence":9,"kind":"step_finished","at":"{2}","step":"test","exit_code":0}},)"
      R"({{"sequence":10,"kind":"completed","at":"{2}","exit_code":0,"duration_ms":3000}}]}})",
      at(3), at(2), at(0));
}

}  // namespace flowstone::cli
