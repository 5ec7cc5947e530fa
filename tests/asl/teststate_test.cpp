// The way of data through one state, as a States Language service showed it step by step.
#include <memory>
#include <set>

#include <fmt/core.h>

#include "asl/flow.hpp"
#include "asl/machine.hpp"
#include "tests/asl/compare.hpp"
#include "tests/asl/corpus.hpp"

namespace flowstone::asl {
namespace {

Value text(std::string_view words) { return Value::string(std::string(words)); }

void collect_targets(const Value& value, std::set<std::string>& out) {
  if (value.is_array())
    for (const auto& item : value.items()) collect_targets(item, out);
  if (!value.is_object()) return;
  for (const auto& [key, inner] : value.members()) {
    if (inner.is_string() && (key == "Next" || key == "Default")) out.insert(inner.text());
    if (key != "ItemProcessor" && key != "Iterator" && key != "Branches") collect_targets(inner, out);
  }
}

// A whole machine around the state, so that it can be read as any definition.
Value machine_around(const Value& definition) {
  if (definition.find("States") != nullptr) return definition;
  std::set<std::string> targets;
  collect_targets(definition, targets);
  std::vector<jsonata::Member> states{{"StateName", definition}};
  for (const auto& target : targets) states.push_back({target, Value::object({{"Type", text("Succeed")}})});
  return Value::object({{"StartAt", text("StateName")}, {"States", Value::object(std::move(states))}});
}

const State* find_state(const Machine& machine, const std::string& name) {
  if (const auto* state = machine.find(name)) return state;
  for (const auto& state : machine.states)
    for (const auto& branch : state.branches)
      if (const auto* found = find_state(branch, name)) return found;
  return nullptr;
}

Value context_of(const Value& request, const State& state) {
  if (const auto* given = request.find("context")) return *given;
  const auto* role = request.find("roleArn");
  std::vector<jsonata::Member> shown{{"Name", text("StateName")}, {"EnteredTime", text("date")}};
  if (state.type == StateType::task || !state.branches.empty()) shown.push_back({"RetryCount", Value::number(0)});
  const auto* input = request.find("input");
  return Value::object(
      {{"Execution",
        Value::object({{"Id", text("arn:x:states:y:111111111111:express:m:n")},
                       {"Input", input == nullptr ? Value::object({}) : *input},
                       {"Name", text("n")},
                       {"RoleArn", role != nullptr ? text("arn:x:iam::111111111111:role/r") : Value::null()},
                       {"StartTime", text("date")}})},
       {"StateMachine",
        Value::object({{"Id", text("arn:x:states:y:111111111111:stateMachine:m")}, {"Name", text("m")}})},
       {"State", Value::object(std::move(shown))}});
}

struct Outcome {
  std::string status = "SUCCEEDED", error, next;
  Flow flow;
};

// What the state makes of a task's answer, or of its error.
class Trial {
 public:
  Trial(const State& state, const Value& request)
      : state_(state),
        request_(request),
        input_(request.find("input") == nullptr ? Value::object({}) : *request.find("input")),
        context_(context_of(request, state)) {
    if (const auto* given = request.find("variables"); given != nullptr && given->is_object())
      variables_ = given->members();
  }

  Outcome run() {
    out_.next = state_.next;
    if (!ended(enter(state_, scope({}, {}), out_.flow))) work();
    return out_;
  }

 private:
  [[nodiscard]] Scope scope(const Value& result, const Value& error) const {
    return {input_, context_, result, error, variables_, {}, random_};
  }
  bool ended(const Result<void, Failure>& done) {
    if (done) return false;
    out_.status = "FAILED";
    out_.error = done.error().error;
    return true;
  }

  void work() {
    const auto* mock = request_.find("mock");
    const auto* thrown = mock == nullptr ? nullptr : mock->find("errorOutput");
    if (state_.type == StateType::choice) return choose();
    if (state_.type == StateType::fail) {
      out_.status = "FAILED";
      return;
    }
    if (thrown != nullptr) return handle(*thrown);
    auto result = out_.flow.effective;
    if (const auto* given = state_.field(Field::result)) result = *given->literal();
    if (const auto* given = mock == nullptr ? nullptr : mock->find("result")) {
      result = given->is_string() ? jsonata::read_json(given->text()).value_or(*given) : *given;
      ended(leave(state_, scope(result, {}), result, out_.flow));
      return;
    }
    ended(leave(state_, scope({}, {}), result, out_.flow));
  }

  void choose() {
    const ChoiceRule* taken = nullptr;
    for (const auto& rule : state_.choices)
      if (const auto verdict = holds(rule.condition, scope({}, {})); taken == nullptr && verdict && *verdict)
        taken = &rule;
    out_.next = taken != nullptr ? taken->next : state_.default_next;
    ended(leave(state_, taken, scope({}, {}), out_.flow));
  }

  void handle(const Value& thrown) {
    const auto* error = thrown.find("error");
    const auto* cause = thrown.find("cause");
    out_.error = error == nullptr ? "" : error->text();
    const auto* configured = request_.find("stateConfiguration");
    const auto* used = configured == nullptr ? nullptr : configured->find("retrierRetryCount");
    out_.status = "FAILED";
    for (const auto& retrier : state_.retriers) {
      if (!matches(retrier.errors, out_.error)) continue;
      if ((used == nullptr ? 0 : used->as_number()) < retrier.max_attempts) {
        out_.status = "RETRIABLE";
        return;
      }
      break;
    }
    for (const auto& catcher : state_.catchers) {
      if (!matches(catcher.errors, out_.error)) continue;
      const auto shown = error_output(out_.error, cause == nullptr ? std::nullopt : std::optional(cause->text()));
      if (ended(leave(state_, catcher, scope({}, shown), shown, out_.flow))) return;
      out_.status = "CAUGHT_ERROR";
      out_.next = catcher.next;
      return;
    }
  }

  const State& state_;
  const Value& request_;
  Value input_, context_;
  Variables variables_;
  std::function<double()> random_ = [] { return 0.5; };
  Outcome out_;
};

Value parsed(const Value& value) {
  if (!value.is_string()) return value;
  return jsonata::read_json(value.text()).value_or(value);
}

// Empty where the answer is as recorded.
std::string wrong_with(const Value& recorded) {
  const auto& request = *recorded.find("request");
  const auto& response = *recorded.find("response");
  const auto read = read_definition(text_of(machine_around(*request.find("definition"))));
  if (!read) return "refused: " + read.error().front().sentence;
  const auto* named = request.find("stateName");
  const auto* state = find_state(read->machine, named == nullptr ? "StateName" : named->text());
  if (state == nullptr) return "there is no such state";
  const auto made = Trial(*state, request).run();
  if (made.status != response.find("status")->text()) return "status " + made.status;
  if (const auto* next = response.find("nextState"); next != nullptr && next->text() != made.next)
    return "next " + made.next;
  if (const auto* error = response.find("error");
      error != nullptr && !made.error.empty() && error->text() != made.error)
    return "error " + made.error;
  const auto differs = [](const Value* shown, const Value& value) {
    return shown != nullptr && !value.is_undefined() && !matches_recorded(parsed(*shown), value);
  };
  const auto* output = response.find("output");
  if (differs(output, made.flow.output)) return "output " + text_of(made.flow.output);
  const auto* steps = response.find("inspectionData");
  for (const auto& [name, value] : {std::pair("afterInputPath", made.flow.after_input_path),
                                    std::pair("afterParameters", made.flow.after_parameters),
                                    std::pair("afterArguments", made.flow.after_arguments),
                                    std::pair("afterResultSelector", made.flow.after_result_selector),
                                    std::pair("afterResultPath", made.flow.after_result_path)})
    if (steps != nullptr && made.status == "SUCCEEDED" && differs(steps->find(name), value))
      return fmt::format("{} {}", name, text_of(value));
  return "";
}

// How many items of a Map failed, is told to the service as a number; our machine counts branches.
bool tells_of_failed_items(const Value& request) {
  const auto* configured = request.find("stateConfiguration");
  const auto* failed = configured == nullptr ? nullptr : configured->find("mapIterationFailureCount");
  return failed != nullptr && failed->as_number() > 0;
}

TEST(Conformance, StatesPassDataOnAsTheServiceShowedIt) {
  FLOWSTONE_NEEDS_CORPUS();
  const auto known = known_differences("teststate");
  std::size_t passed = 0, all = 0;
  for (const auto& file : files_in("teststate")) {
    const auto recorded = json_of(file);
    if (recorded.find("response") == nullptr) continue;  // the service refuses its mock
    if (tells_of_failed_items(*recorded.find("request"))) continue;
    ++all;
    const auto wrong = wrong_with(recorded);
    passed += wrong.empty() ? 1 : 0;
    check_known(file, wrong, known);
  }
  check_stated("teststate", passed, all);
}

}  // namespace
}  // namespace flowstone::asl
