// The judge must see what it is there to see.
#include "tests/crash/history.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/crash/fold.hpp"

namespace flowstone::crash {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kPrefix = "crash-";

Event event(std::uint64_t position, std::string stream, std::uint64_t revision, std::string command_id,
            boost::json::object data = {}) {
  const std::string category = stream.substr(0, stream.find('-'));
  return {.position = position,
          .revision = revision,
          .stream = std::move(stream),
          .type = category + (revision == 1 ? ".created" : ".updated"),
          .command_id = std::move(command_id),
          .time = "2030-01-01T00:00:00Z",
          .actor = "key:1",
          .data = std::move(data),
          .text = std::to_string(position)};
}

Entry entry(std::vector<Expected> commands, std::vector<Acknowledged> acknowledged) {
  return {.number = 1,
          .attempt = {.request = {}, .commands = std::move(commands)},
          .answered = !acknowledged.empty(),
          .acknowledged = std::move(acknowledged)};
}

Entry created(const std::string& command_id, std::uint64_t position, const std::string& stream) {
  return entry({{.command_id = command_id, .aggregate = "task"}},
               {{.status = 201, .position = position, .revision = 1, .stream = stream}});
}

const std::vector<Event> kLog = {event(1, "task-a", 1, "crash-1"), event(2, "task-b", 1, "crash-2"),
                                 event(3, "task-a", 2, "crash-3")};

TEST(History, ALogInOrderIsInOrder) { EXPECT_THAT(check_order(kLog), IsEmpty()); }

TEST(History, AMissingPositionIsFound) {
  EXPECT_THAT(check_order({kLog[0], kLog[2]}), ElementsAre(HasSubstr("position 3 follows position 1")));
}

TEST(History, ADoubledPositionIsFound) {
  EXPECT_THAT(check_order({kLog[0], kLog[1], kLog[1], kLog[2]}),
              ElementsAre(HasSubstr("position 2 follows position 2"), HasSubstr("revision 1 follows revision 1")));
}

TEST(History, AHoleInAStreamIsFound) {
  EXPECT_THAT(check_order({kLog[0], event(2, "task-a", 3, "")}),
              ElementsAre(HasSubstr("revision 3 follows revision 1")));
}

TEST(History, WhatWasAcknowledgedAndIsThereIsFine) {
  EXPECT_THAT(check_ledger(kLog,
                           {created("crash-1", 1, "task-a"), created("crash-2", 2, "task-b"),
                            entry({{.command_id = "crash-3", .aggregate = "task"}}, {})},
                           kPrefix),
              IsEmpty());
}

TEST(History, ALostAcknowledgementIsFound) {
  EXPECT_THAT(check_ledger({kLog[0]}, {created("crash-1", 1, "task-a"), created("crash-2", 2, "task-b")}, kPrefix),
              ElementsAre(HasSubstr("its position is not in the log")));
}

TEST(History, AnAcknowledgementGivenForAnothersEventIsFound) {
  EXPECT_THAT(check_ledger({kLog[0]}, {created("crash-1", 1, "task-a"), created("crash-2", 1, "task-a")}, kPrefix),
              ElementsAre(HasSubstr("no event carries its command id")));
}

TEST(History, AnAcknowledgedRevisionThatIsNotThereIsFound) {
  Entry wrong = created("crash-1", 1, "task-a");
  wrong.acknowledged[0].revision = 7;
  EXPECT_THAT(check_ledger({kLog[0]}, {wrong}, kPrefix), ElementsAre(HasSubstr("has the revision that was answered")));
}

TEST(History, ACommandIdThatWasCarriedOutTwiceIsFound) {
  EXPECT_THAT(check_ledger({kLog[0], kLog[1], event(3, "task-c", 1, "crash-1")},
                           {created("crash-1", 1, "task-a"), created("crash-2", 2, "task-b")}, kPrefix),
              ElementsAre(HasSubstr("'crash-1' are not in one piece")));
}

TEST(History, ARefusedCommandThatLeftAnEventIsFound) {
  EXPECT_THAT(
      check_ledger({kLog[0]}, {entry({{.command_id = "crash-1", .aggregate = "task"}}, {{.status = 412}})}, kPrefix),
      ElementsAre(HasSubstr("refused with 412")));
}

TEST(History, AnEventThatNobodyAskedForIsFound) {
  EXPECT_THAT(check_ledger({kLog[0]}, {}, kPrefix), ElementsAre(HasSubstr("nobody used it")));
}

TEST(History, HalfAnAtomicBatchIsFound) {
  Entry batch =
      entry({{.command_id = "crash-1", .aggregate = "task"}, {.command_id = "crash-2", .aggregate = "task"}}, {});
  batch.attempt.atomic = true;
  EXPECT_THAT(check_ledger({kLog[0]}, {batch}, kPrefix), ElementsAre(HasSubstr("1 of 2 commands")));
  EXPECT_THAT(check_ledger({kLog[0], kLog[1]}, {batch}, kPrefix), IsEmpty());
}

TEST(History, AForeignEventWithinAnAtomicBatchIsFound) {
  Entry batch =
      entry({{.command_id = "crash-1", .aggregate = "task"}, {.command_id = "crash-3", .aggregate = "task"}}, {});
  batch.attempt.atomic = true;
  EXPECT_THAT(check_ledger(kLog, {batch, created("crash-2", 2, "task-b")}, kPrefix),
              ElementsAre(HasSubstr("other events are between")));
}

TEST(History, AMarkerThatIsThereTwiceIsFound) {
  Entry once = entry({{.aggregate = "task", .marker = "only once"}}, {});
  const std::vector<Event> doubled = {event(1, "task-a", 1, "", {{"title", "only once"}}),
                                      event(2, "task-b", 1, "", {{"title", "only once"}})};
  EXPECT_THAT(check_ledger(doubled, {once}, kPrefix), ElementsAre(HasSubstr("recorded 2 times")));
  EXPECT_THAT(check_ledger({doubled[0]}, {once}, kPrefix), IsEmpty());
  EXPECT_THAT(check_ledger({}, {once}, kPrefix), IsEmpty());
}

TEST(History, AnEventThatChangedSinceItWasSeenIsFound) {
  Event changed = kLog[1];
  changed.text = "something else";
  EXPECT_THAT(check_prefix({kLog[0], changed, kLog[2]}, kLog), ElementsAre(HasSubstr("position 2 was seen as")));
}

TEST(History, AnEventThatWasSeenAndIsGoneIsFound) {
  EXPECT_THAT(check_prefix({kLog[0]}, {kLog[0], kLog[1]}), ElementsAre(HasSubstr("ends before position 2")));
}

TEST(History, ASequenceTakenTwiceIsFound) {
  const std::vector<Event> log = {event(1, "run-a", 1, ""), event(2, "run-a", 2, "", {{"sequence", 1}}),
                                  event(3, "run-a", 3, "", {{"sequence", 1}})};
  EXPECT_THAT(check_runs(log, {}), ElementsAre(HasSubstr("sequence 1 follows sequence 1")));
}

TEST(History, ASequenceAcknowledgedAndLostIsFound) {
  const Entry recorded = entry({{.aggregate = "run", .last_sequence = 2}}, {{.status = 200, .stream = "run-a"}});
  EXPECT_THAT(check_runs({event(1, "run-a", 1, "", {{"sequence", 1}})}, {recorded}),
              ElementsAre(HasSubstr("run-a ends at 1")));
}

TEST(History, ACodeThatTwoIntentsHoldIsFound) {
  const Event first = event(1, "intent-a", 1, "", {{"code", "deep"}});
  const Event second = event(2, "intent-b", 1, "", {{"code", "DEEP"}});
  EXPECT_THAT(check_codes({first, second}), ElementsAre(HasSubstr("which intent-a holds")));
  EXPECT_THAT(check_codes({first, event(2, "intent-a", 2, "", {{"code", "other"}}), second}), IsEmpty());
}

TEST(Fold, ATaskIsWhatItsEventsMadeOfIt) {
  Fold fold;
  fold.add(event(1, "task-a", 1, "", {{"title", "first"}, {"description", "long"}, {"priority", 3}}));
  fold.add(event(2, "task-a", 2, "", {{"title", "second"}, {"cleared", {"description"}}}));
  EXPECT_EQ(difference(fold.rows().at("task-a"), {{"id", "a"},
                                                  {"revision", 2},
                                                  {"title", "second"},
                                                  {"status", "todo"},
                                                  {"priority", 3},
                                                  {"progress", 0},
                                                  {"created_at", "2030-01-01T00:00:00Z"},
                                                  {"created_by", "key:1"},
                                                  {"updated_at", "2030-01-01T00:00:00Z"},
                                                  {"updated_by", "key:1"}}),
            "");
}

TEST(Fold, ADifferenceIsNamedByItsField) {
  EXPECT_EQ(difference({{"title", "a"}}, {{"title", "b"}}), R"(title: folded "a", shown "b"; )");
  EXPECT_EQ(difference({}, {{"progress", 5}}), "progress: folded nothing, shown 5; ");
  EXPECT_EQ(difference({{"labels", {"x"}}}, {}), R"(labels: folded ["x"], shown nothing; )");
}

}  // namespace
}  // namespace flowstone::crash
