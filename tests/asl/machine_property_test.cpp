// Random machines, run by a random world: the state of a run depends on its events alone.
#include <memory>

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "asl/history.hpp"
#include "asl/machine.hpp"
#include "tests/asl/corpus.hpp"

namespace flowstone::asl {
namespace {

const Timestamp kBegin = Timestamp::from_millis(1'700'000'000'000);

// Deals numbers below a bound, as a list of random bytes says.
class Dealer {
 public:
  explicit Dealer(std::vector<std::uint8_t> bytes) : bytes_(std::move(bytes)) {}
  std::size_t below(std::size_t bound) { return at_ < bytes_.size() ? bytes_[at_++] % bound : 0; }
  [[nodiscard]] bool is_empty() const { return at_ >= bytes_.size(); }

 private:
  std::vector<std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

// A machine of states in a row, each of a random type; names are unique.
class Writer {
 public:
  explicit Writer(Dealer& dealer) : dealer_(dealer) {}

  std::string machine(int nesting) {
    const auto count = 1 + dealer_.below(3);
    const auto first = next_;
    next_ += static_cast<int>(count);
    std::string states;
    for (std::size_t at = 0; at < count; ++at) {
      const auto name = first + static_cast<int>(at);
      const bool last = at + 1 == count;
      const auto way = last ? std::string(R"("End":true)") : fmt::format(R"("Next":"S{}")", name + 1);
      catcher_ = last ? "" : fmt::format(R"("Catch":[{{"ErrorEquals":["States.ALL"],"Next":"S{}"}}],)", name + 1);
      states += fmt::format(R"({}"S{}":{{{}}})", at == 0 ? "" : ",", name, state(way, name, nesting));
    }
    return fmt::format(R"("StartAt":"S{}","States":{{{}}})", first, states);
  }

 private:
  std::string state(const std::string& way, int name, int nesting) {
    const auto catcher = catcher_;
    const auto kind = dealer_.below(nesting > 2 ? 6 : 9);
    if (kind == 0) return fmt::format(R"("Type":"Pass","Assign":{{"v{}.$":"$"}},{})", name, way);
    if (kind == 1) return fmt::format(R"("Type":"Wait","Seconds":{},{})", dealer_.below(4), way);
    if (kind == 2) return fmt::format(R"x("Type":"Pass","Parameters":{{"u.$":"States.UUID()","i.$":"$"}},{})x", way);
    if (kind == 3)
      return fmt::format(R"("Type":"Pass","QueryLanguage":"JSONata","Output":"{{% $states.input.absent %}}",{})", way);
    if (kind == 4) return fmt::format(R"("Type":"Task","Resource":"urn:x:y","TimeoutSeconds":9,{}{})", handlers(), way);
    if (kind == 5)
      return catcher.empty()
                 ? std::string(R"("Type":"Fail","Error":"E")")
                 : fmt::format(R"("Type":"Choice","Default":"S{0}","Choices":[{{"Variable":"$","IsNumeric":true,
                                  "Next":"S{0}"}}])",
                               name + 1);
    auto first = machine(nesting + 1), second = kind == 6 ? machine(nesting + 1) : "";
    catcher_ = catcher;
    if (kind == 6)
      return fmt::format(R"("Type":"Parallel","Branches":[{{{}}},{{{}}}],{}{})", first, second, handlers(), way);
    const bool distributed = kind == 8;
    return fmt::format(
        R"("Type":"Map","ItemsPath":"$$.Execution.Input.items","MaxConcurrency":{},{}{}"ItemProcessor":{{{}{}}},{})",
        dealer_.below(3), distributed ? R"("ToleratedFailureCount":1,)" : "", handlers(),
        distributed ? R"("ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},)" : "", first, way);
  }

  std::string handlers() {
    constexpr std::string_view kRetry =
        R"("Retry":[{"ErrorEquals":["States.ALL"],"MaxAttempts":2,"JitterStrategy":"FULL"}],)";
    auto out = dealer_.below(2) == 0 ? "" : std::string(kRetry);
    if (dealer_.below(2) == 0) out += catcher_;
    return out;
  }

  Dealer& dealer_;
  int next_ = 0;
  std::string catcher_;  // to the state behind
};

// All of a run that shows.
std::string picture(const asl::Run& run) {
  auto out = fmt::format("{} {} {}\n", name_of(run.status()), run.events(), run.due() ? run.due()->micros : 0);
  for (const auto& [path, branch] : run.branches()) {
    out += fmt::format("{} {} {} {} {} {}\n", path, static_cast<int>(branch.phase),
                       branch.state == nullptr ? "" : branch.state->name, branch.next, text_of(branch.input),
                       branch.error.error);
    for (const auto& [name, value] : branch.variables) out += name + "=" + text_of(value) + " ";
  }
  for (const auto& [touched, path] : run.ready()) out += fmt::format("{} {},", touched, path);
  return out;
}

// What the world does with a run that can not go on by itself; nothing where time has to pass.
std::optional<Event> world(const asl::Run& run, Dealer& dealer, Timestamp now) {
  const auto tasks = run.tasks();
  if (tasks.empty()) return std::nullopt;
  const auto& task = *tasks[dealer.below(tasks.size())];
  TaskReport told;
  told.path = task.path;
  told.state = task.state->name;
  told.attempt = task.task.attempt;
  told.kind = dealer.below(3) == 0 ? TaskReport::Kind::failed : TaskReport::Kind::succeeded;
  told.output =
      told.kind == TaskReport::Kind::succeeded ? Value::number(static_cast<double>(dealer.below(9))) : Value();
  if (told.kind == TaskReport::Kind::failed) told.error = "E";
  if (dealer.below(4) == 0) return std::nullopt;
  const auto event = report(run, told, now);
  return event ? std::optional(*event) : std::nullopt;
}

Events random_run(const std::shared_ptr<const Definition>& definition, Dealer& dealer, const RunLimits& limits) {
  asl::Run run(definition);
  Events events{start(*jsonata::read_json(R"({"items":[1,2,3]})"), {.name = "r", .seed = dealer.below(200)}, kBegin)};
  RC_ASSERT(run.apply(events.back()).has_value());
  auto now = kBegin;
  while (run.status() == Status::running) {
    auto event = next(run, now, limits);
    if (!event) event = world(run, dealer, now);
    if (!event && dealer.is_empty() && !run.due()) event = abort(std::nullopt, std::nullopt, now);
    if (!event) {
      if (run.due()) now = std::max(now, *run.due());
      continue;
    }
    RC_ASSERT(run.apply(*event).has_value());
    events.push_back(*event);
  }
  RC_ASSERT(run.branches().empty());
  return events;
}

RC_GTEST_PROP(MachineProperty, AFoldOfAnyPrefixAndTheTailIsTheFoldOfAll, (std::vector<std::uint8_t> bytes)) {
  Dealer dealer(std::move(bytes));
  auto read = read_definition("{" + Writer(dealer).machine(0) + "}");
  if (!read) RC_FAIL(read.error().front().sentence);
  const auto definition = std::make_shared<const Definition>(*std::move(read));
  RunLimits limits;
  limits.events = 120;
  const auto events = random_run(definition, dealer, limits);
  asl::Run whole(definition);
  const auto cut = dealer.below(200) % events.size();
  std::optional<asl::Run> copy;
  for (std::size_t at = 0; at < events.size(); ++at) {
    if (at == cut) copy = whole;
    if (at > 0) {
      const auto once = next(whole, events[at].time, limits), again = next(whole, events[at].time, limits);
      RC_ASSERT(once.has_value() == again.has_value());
      if (once) RC_ASSERT(text_of(to_value(*once)) == text_of(to_value(*again)));
    }
    const auto back = event_of(*jsonata::read_json(text_of(to_value(events[at]))));
    RC_ASSERT(back.has_value());
    RC_ASSERT(text_of(to_value(*back)) == text_of(to_value(events[at])));
    RC_ASSERT(whole.apply(*back).has_value());
    if (copy) {
      RC_ASSERT(copy->apply(events[at]).has_value());
      RC_ASSERT(picture(*copy) == picture(whole));
    }
  }
  const auto told = history(*definition, events);
  for (const auto& event : told.items())
    RC_ASSERT(event.find("previousEventId")->as_number() < event.find("id")->as_number());
}

}  // namespace
}  // namespace flowstone::asl
