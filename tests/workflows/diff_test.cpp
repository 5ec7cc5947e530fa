#include "workflows/diff.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "jsonata/json_text.hpp"

namespace flowstone::workflows {
namespace {

Definition read(std::string_view text) {
  auto definition = read_definition(text, Format::json);
  EXPECT_TRUE(definition.has_value()) << text << (definition ? "" : definition.error().front().sentence);
  return definition ? *std::move(definition) : Definition{};
}

std::string text_of(const Value& value) { return value.is_undefined() ? "-" : *jsonata::write_json(value); }

using Told = std::vector<std::string>;

Told told(const std::vector<ValueChange>& changes) {
  Told all;
  for (const auto& change : changes)
    all.push_back(fmt::format("{} {}: {} > {}", name_of(change.change), change.pointer, text_of(change.old_value),
                              text_of(change.new_value)));
  return all;
}

Told told(const std::vector<StateChange>& changes) {
  Told all;
  for (const auto& change : changes) {
    all.push_back(fmt::format("{} {}{}{}", name_of(change.kind), change.name, change.old_name.empty() ? "" : " was ",
                              change.old_name));
    for (const auto& value : told(change.changes)) all.push_back("  " + value);
  }
  return all;
}

Told told(const std::vector<TransitionChange>& changes) {
  Told all;
  for (const auto& change : changes)
    all.push_back(fmt::format("{} {} -{}-> {}", name_of(change.change), change.from, name_of(change.kind), change.to));
  return all;
}

constexpr std::string_view kOld = R"({"StartAt":"Pay","TimeoutSeconds":60,"States":{
  "Pay":{"Type":"Task","Resource":"urn:pay","TimeoutSeconds":10,"Next":"Ship"},
  "Ship":{"Type":"Pass","End":true}}})";

TEST(Diff, OfTheSameIsEmpty) {
  EXPECT_TRUE(diff(read(kOld), read(kOld)).empty());
  EXPECT_TRUE(diff(read(kOld), read(R"({"body":{"States":{"Ship":{"End":true,"Type":"Pass"},
    "Pay":{"Next":"Ship","Resource":"urn:pay","TimeoutSeconds":10.0,"Type":"Task"}},"TimeoutSeconds":60,"StartAt":"Pay"}})"))
                  .empty());
}

TEST(Diff, NamesValuesThatChangedInAState) {
  const auto found = diff(read(kOld), read(R"({"StartAt":"Pay","TimeoutSeconds":60,"States":{
    "Pay":{"Type":"Task","Resource":"urn:pay","TimeoutSeconds":20,"HeartbeatSeconds":5,"Next":"Ship"},
    "Ship":{"Type":"Pass","End":true}}})"));
  EXPECT_EQ(told(found.states), (Told{"changed Pay", "  changed /body/States/Pay/TimeoutSeconds: 10 > 20",
                                      "  added /body/States/Pay/HeartbeatSeconds: - > 5"}));
  EXPECT_TRUE(found.transitions.empty());
  EXPECT_TRUE(found.envelope.empty());
}

TEST(Diff, NamesStatesAndTransitionsThatCameAndWent) {
  const auto found = diff(read(kOld), read(R"({"StartAt":"Pay","TimeoutSeconds":60,"States":{
    "Pay":{"Type":"Task","Resource":"urn:pay","TimeoutSeconds":10,"Next":"Wait"},
    "Wait":{"Type":"Wait","Seconds":5,"End":true}}})"));
  EXPECT_EQ(told(found.states), (Told{"changed Pay", "  changed /body/States/Pay/Next: \"Ship\" > \"Wait\"",
                                      "added Wait", "removed Ship"}));
  EXPECT_EQ(told(found.transitions), (Told{"added Pay -next-> Wait", "removed Pay -next-> Ship"}));
}

TEST(Diff, RecognisesAStateUnderAnotherName) {
  const auto found = diff(read(kOld), read(R"({"StartAt":"Charge","TimeoutSeconds":60,"States":{
    "Charge":{"Type":"Task","Resource":"urn:pay","TimeoutSeconds":10,"Next":"Send"},
    "Send":{"Type":"Pass","End":true}}})"));
  EXPECT_EQ(told(found.states), (Told{"renamed Charge was Pay", "renamed Send was Ship"}));
  EXPECT_TRUE(found.transitions.empty());
  EXPECT_TRUE(found.envelope.empty()) << told(found.envelope).front();
}

TEST(Diff, NamesWhatChangedAroundTheStates) {
  const auto found = diff(read(R"({"name":"A","concurrency":{"max":2},"body":)" + std::string(kOld) + "}"),
                          read(R"({"name":"B","inputs":{"type":"object"},"body":)" + std::string(kOld) + "}"));
  EXPECT_EQ(told(found.envelope), (Told{"changed /name: \"A\" > \"B\"", "added /inputs: - > {\"type\":\"object\"}",
                                        "removed /concurrency: {\"max\":2} > -"}));
  EXPECT_TRUE(found.states.empty());
}

TEST(Diff, LooksIntoBranchesAndItems) {
  const auto nested = [](std::string_view seconds) {
    return fmt::format(
        R"({{"StartAt":"P","States":{{"P":{{"Type":"Parallel","End":true,"Branches":[{{"StartAt":"M","States":{{
      "M":{{"Type":"Map","End":true,"ItemProcessor":{{"StartAt":"W","States":{{"W":{{"Type":"Wait","Seconds":{},"End":true}}}}}}}}}}}}]}}}}}})",
        seconds);
  };
  const auto found = diff(read(nested("1")), read(nested("2")));
  EXPECT_EQ(told(found.states),
            (Told{"changed W", "  changed /body/States/P/Branches/0/States/M/ItemProcessor/States/W/Seconds: 1 > 2"}));
}

TEST(Diff, ARenamedStateThatAlsoChangedIsTwo) {
  const auto found = diff(read(kOld), read(R"({"StartAt":"Charge","TimeoutSeconds":60,"States":{
    "Charge":{"Type":"Task","Resource":"urn:charge","TimeoutSeconds":10,"Next":"Ship"},
    "Ship":{"Type":"Pass","End":true}}})"));
  EXPECT_EQ(told(found.states), (Told{"added Charge", "removed Pay"}));
}

// A chain of states with chosen names, types and waits.
std::string chain(const std::vector<int>& waits, const std::string& prefix) {
  std::string states;
  for (std::size_t i = 0; i < waits.size(); ++i)
    states += fmt::format(R"({}"{}{}":{{"Type":"Wait","Seconds":{},{}}})", i == 0 ? "" : ",", prefix, i, waits[i],
                          i + 1 < waits.size() ? fmt::format(R"("Next":"{}{}")", prefix, i + 1) : R"("End":true)");
  return fmt::format(R"({{"StartAt":"{}0","States":{{{}}}}})", prefix, states);
}

RC_GTEST_PROP(Diff, IsEmptyExactlyWhereTheDigestsAreEqual, ()) {
  const auto waits = rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 3)));
  const auto older = read(chain(*waits, *rc::gen::elementOf(std::vector<std::string>{"a", "b"})));
  const auto newer = read(chain(*waits, *rc::gen::elementOf(std::vector<std::string>{"a", "b"})));
  RC_ASSERT(diff(older, newer).empty() == (digest_of(older) == digest_of(newer)));
  RC_ASSERT(diff(older, older).empty());
}

}  // namespace
}  // namespace flowstone::workflows
