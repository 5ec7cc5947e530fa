// Whole executions, as a States Language service recorded them, event by event.
#include <memory>

#include <fmt/core.h>

#include "asl/history.hpp"
#include "asl/simulator.hpp"
#include "tests/asl/compare.hpp"
#include "tests/asl/corpus.hpp"

namespace flowstone::asl {
namespace {

Timestamp clock_of(const Value& recorded) {
  const auto* now = recorded.find("now");
  const auto at = now != nullptr && now->is_string() ? from_rfc3339(now->text()) : std::nullopt;
  return at.value_or(Timestamp::from_millis(1'700'000'000'000));
}

Simulation simulate_case(const Value& recorded, const std::shared_ptr<const Definition>& definition) {
  SimulateOptions options;
  options.now = clock_of(recorded);
  options.start = {.name = "n",
                   .id = "arn:aws:states:us-east-1:111111111111:execution:m:n",
                   .role = "snf_role_arn",
                   .machine_name = "m",
                   .machine_id = "arn:aws:states:us-east-1:111111111111:stateMachine:m",
                   .seed = 7};
  if (recorded.find("status")->text() == "ABORTED") options.stop_after = 0;
  return simulate(definition, *recorded.find("input"), {}, options);
}

// Empty where the case holds.
std::string wrong_with(const Value& recorded) {
  auto read = read_definition(text_of(*recorded.find("definition")));
  if (!read) return "the definition is refused: " + read.error().front().sentence;
  const auto definition = std::make_shared<const Definition>(*std::move(read));
  const auto made = simulate_case(recorded, definition);
  if (!made.stuck.empty()) return "stuck: " + made.stuck;
  const auto found = difference(recorded, history(*definition, made.events));
  if (!found.empty()) return found;
  if (name_of(made.status) != recorded.find("status")->text()) return "status " + std::string(name_of(made.status));
  const auto* output = recorded.find("output");
  if (made.status == Status::succeeded && output != nullptr && !matches_recorded(*output, made.output))
    return "output " + text_of(made.output);
  return "";
}

void check_folder(const std::string& folder) {
  const auto known = known_differences(folder);
  const auto files = files_in(folder);
  std::size_t passed = 0;
  for (const auto& file : files) {
    const auto wrong = wrong_with(json_of(file));
    passed += wrong.empty() ? 1 : 0;
    check_known(file, wrong, known);
  }
  check_stated(folder, passed, files.size());
}

TEST(Conformance, HistoriesAreAsTheServiceRecordedThem) {
  FLOWSTONE_NEEDS_CORPUS();
  check_folder("cases");
}

TEST(Conformance, HistoriesOfDistributedMapsAreAsTheServiceRecordedThem) {
  FLOWSTONE_NEEDS_CORPUS();
  check_folder("distributed");
}

// As after a crash: the events so far are read back, the run is folded from them and goes on.
TEST(Conformance, ARunThatStopsAfterAnyEventGoesOnToTheSameHistory) {
  FLOWSTONE_NEEDS_CORPUS();
  std::size_t turn = 0;
  for (const auto* folder : {"cases", "distributed"})
    for (const auto& file : files_in(folder)) {
      const auto recorded = json_of(file);
      auto read = read_definition(text_of(*recorded.find("definition")));
      if (!read || recorded.find("status")->text() == "ABORTED") continue;
      const auto definition = std::make_shared<const Definition>(*std::move(read));
      const auto whole = simulate_case(recorded, definition);
      const auto kept = 1 + (turn++ * 7919) % whole.events.size();
      asl::Run run(definition);
      for (std::size_t at = 0; at < kept; ++at) {
        const auto back = event_of(*jsonata::read_json(text_of(to_value(whole.events[at]))));
        ASSERT_TRUE(back) << back.error();
        ASSERT_TRUE(run.apply(*back));
      }
      for (auto at = kept; at < whole.events.size(); ++at) {
        const auto event = next(run, whole.events[at].time, {.events = 25'000, .evaluation = {}});
        ASSERT_TRUE(event) << file << " after " << kept;
        EXPECT_EQ(text_of(to_value(*event)), text_of(to_value(whole.events[at]))) << file << " after " << kept;
        ASSERT_TRUE(run.apply(*event));
      }
      EXPECT_NE(run.status(), Status::running) << file;
    }
}

}  // namespace
}  // namespace flowstone::asl
