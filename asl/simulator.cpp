#include "asl/simulator.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/core.h>

namespace flowstone::asl {
namespace {

Result<Answer, std::string> read_answer(const Value& value) {
  const auto* output = value.is_object() ? value.find("Return") : nullptr;
  const auto* thrown = value.is_object() ? value.find("Throw") : nullptr;
  if ((output == nullptr) == (thrown == nullptr))
    return failure(std::string("an answer must have either \"Return\" or \"Throw\""));
  Answer answer;
  if (const auto* seconds = value.find("Seconds")) {
    if (!seconds->is_number() || !(seconds->as_number() >= 0))
      return failure(std::string("\"Seconds\" must be a number"));
    answer.seconds = seconds->as_number();
  }
  if (output != nullptr) {
    answer.output = *output;
    return answer;
  }
  const auto* error = thrown->is_object() ? thrown->find("Error") : nullptr;
  const auto* cause = thrown->is_object() ? thrown->find("Cause") : nullptr;
  if (error == nullptr || !error->is_string()) return failure(std::string("\"Throw\" must name an \"Error\""));
  answer.error = error->text();
  if (cause != nullptr && cause->is_string()) answer.cause = cause->text();
  return answer;
}

// "3" or "1-3": the calls from the first number to the second.
std::optional<std::pair<std::size_t, std::size_t>> range_of(std::string_view text) {
  const auto number = [](std::string_view digits) -> std::optional<std::size_t> {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size() || value >= kMaxAnswers) return std::nullopt;
    return value;
  };
  const auto dash = text.find('-');
  const auto first = number(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : number(text.substr(dash + 1));
  if (!first || !last || *last < *first) return std::nullopt;
  return std::pair(*first, *last);
}

Result<std::vector<Answer>, std::string> read_calls(const Value& value) {
  std::vector<Answer> out;
  if (value.is_array()) {
    for (const auto& item : value.items()) {
      FLOWSTONE_TRY(auto answer, read_answer(item));
      out.push_back(std::move(answer));
    }
  } else if (value.is_object() && (value.find("Return") != nullptr || value.find("Throw") != nullptr)) {
    FLOWSTONE_TRY(auto answer, read_answer(value));
    out.push_back(std::move(answer));
  } else if (value.is_object()) {
    for (const auto& [calls, item] : value.members()) {
      const auto range = range_of(calls);
      if (!range) return failure(fmt::format("\"{}\" is no number of a call, and no range of them", calls));
      FLOWSTONE_TRY(const auto answer, read_answer(item));
      if (out.size() <= range->second) out.resize(range->second + 1, answer);
      std::fill(out.begin() + static_cast<std::ptrdiff_t>(range->first),
                out.begin() + static_cast<std::ptrdiff_t>(range->second) + 1, answer);
    }
  }
  if (out.empty()) return failure(std::string("its answers must be a list, or an object by the numbers of calls"));
  return out;
}

// A task that is out, and what it will say when.
struct Pending {
  Timestamp at;
  TaskReport report;
};

class Simulator {
 public:
  Simulator(std::shared_ptr<const Definition> definition, const Answers& answers, const SimulateOptions& options)
      : run_(std::move(definition)), answers_(answers), options_(options), now_(options.now) {}

  Simulation simulate(const Value& input) {
    append(start(input, options_.start, now_));
    while (run_.status() == Status::running && done_.stuck.empty()) {
      if (const auto event = next(run_, now_, options_.limits)) {
        append(*event);
        if (event->type == EventType::task_scheduled) begin_task(*event);
      } else {
        advance();
      }
    }
    done_.status = run_.status();
    done_.output = run_.output();
    if (run_.has_error_name()) done_.error = run_.error().error;
    if (run_.has_cause()) done_.cause = run_.error().cause;
    return std::move(done_);
  }

 private:
  void append(const Event& event) {
    if (const auto applied = run_.apply(event); !applied) done_.stuck = applied.error();
    done_.events.push_back(event);
  }

  void begin_task(const Event& event) {
    auto found = answers_.find(event.state);
    if (found == answers_.end()) found = answers_.find(event.resource);
    if (found == answers_.end()) {
      done_.stuck = fmt::format("the task '{}' ({}) has no answer", event.state, event.resource);
      return;
    }
    const auto call = std::min(calls_[found->first]++, found->second.size() - 1);
    const auto& answer = found->second[call];
    TaskReport told;
    told.path = event.path;
    told.state = event.state;
    told.attempt = event.attempt.value_or(0);
    if (const auto started = report(run_, told, now_)) append(*started);
    told.kind = answer.output.is_undefined() ? TaskReport::Kind::failed : TaskReport::Kind::succeeded;
    told.output = answer.output;
    if (answer.output.is_undefined()) {
      told.error = answer.error;
      told.cause = answer.cause;
    }
    pending_.push_back({later(now_, answer.seconds), std::move(told)});
  }

  // To the next thing that happens: a task's answer, or a timer.
  void advance() {
    const auto first = std::ranges::min_element(pending_, {}, &Pending::at);
    const auto due = run_.due();
    const auto stop = options_.stop_after ? std::optional(later(options_.now, *options_.stop_after)) : std::nullopt;
    const bool later_than_stop = stop && (first == pending_.end() || first->at > *stop) && (!due || *due > *stop);
    if (later_than_stop) {
      now_ = std::max(now_, *stop);
      append(abort(std::nullopt, std::nullopt, now_));
      return;
    }
    if (first == pending_.end() && !due) {
      done_.stuck = "nothing is left that could happen";
      return;
    }
    if (first == pending_.end() || (due && *due < first->at)) {
      now_ = std::max(now_, *due);
      return;
    }
    now_ = std::max(now_, first->at);
    const auto told = std::move(first->report);
    pending_.erase(first);
    // It may come too late: the task timed out, or its branch is no more.
    if (const auto event = report(run_, told, now_)) append(*event);
  }

  Run run_;
  const Answers& answers_;
  const SimulateOptions& options_;
  Timestamp now_;
  Simulation done_;
  std::map<std::string, std::size_t> calls_;
  std::vector<Pending> pending_;
};

}  // namespace

Result<Answers, std::string> read_answers(const Value& document) {
  if (!document.is_object()) return failure(std::string("answers must be an object by states or resources"));
  Answers out;
  for (const auto& [name, value] : document.members()) {
    auto calls = read_calls(value);
    if (!calls) return failure(fmt::format("{}: {}", name, calls.error()));
    out.emplace(name, *std::move(calls));
  }
  return out;
}

Simulation simulate(std::shared_ptr<const Definition> definition, const Value& input, const Answers& answers,
                    const SimulateOptions& options) {
  return Simulator(std::move(definition), answers, options).simulate(input);
}

}  // namespace flowstone::asl
