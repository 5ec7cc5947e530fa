// Tasks asked for as a run asks for them.
#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "jsonata/json_text.hpp"
#include "workers/tasks/task.hpp"

namespace flowstone::workers {

inline constexpr std::chrono::seconds kPatience{60};

inline TaskCall call_of(std::string resource, std::string_view arguments, std::string key = "run-1/T/1") {
  auto input = jsonata::read_json(arguments);
  EXPECT_TRUE(input) << arguments;
  return {.workspace = "01900000-0000-7000-8000-00000000aaaa",
          .run_id = "01900000-0000-7000-8000-000000000001",
          .path = "",
          .state = "T",
          .resource = std::move(resource),
          .input = input ? *std::move(input) : Value(),
          .attempt = 1,
          .key = std::move(key),
          .scheduled_at = {},
          .deadline = {}};
}

// A task on its way.
class Pending {
 public:
  Pending(TaskHandler& handler, TaskCall call) {
    handler.perform(std::move(call), [told = told_](TaskOutcome outcome) { told->set_value(std::move(outcome)); });
  }
  TaskOutcome outcome() {
    if (outcome_.wait_for(kPatience) == std::future_status::ready) return outcome_.get();
    ADD_FAILURE() << "the task has no outcome";
    return {};
  }
  // Asked for when nothing can tell it any more.
  bool was_told() { return outcome_.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }

 private:
  std::shared_ptr<std::promise<TaskOutcome>> told_ = std::make_shared<std::promise<TaskOutcome>>();
  std::future<TaskOutcome> outcome_ = told_->get_future();
};

inline TaskOutcome outcome_of(TaskHandler& handler, TaskCall call) {
  return Pending(handler, std::move(call)).outcome();
}

inline std::string json_of(const Value& value) { return jsonata::write_json(value).value_or("?"); }

// "ERROR: cause", or the output as JSON.
inline std::string told(const TaskOutcome& outcome) {
  return outcome.error ? *outcome.error + ": " + outcome.cause.value_or("") : json_of(outcome.output);
}

}  // namespace flowstone::workers
