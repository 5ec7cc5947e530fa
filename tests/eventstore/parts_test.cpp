// Several commands in one append: atomic together, remembered one by one.
#include "tests/eventstore/store_fixture.hpp"

namespace flowstone::eventstore {
namespace {

// Two events of task-1 and one of note-1 by c1, one more of task-1 by c2, nothing of task-2 by c3, and one of note-1 by
// nobody.
Append four_parts() {
  Append append = append_of("task-1", 2, NoStream{});
  const auto add = [&](std::string stream, std::size_t events, ExpectedRevision expected) {
    append.writes.push_back(append_of(std::move(stream), events, expected).writes[0]);
  };
  add("note-1", 1, NoStream{});
  add("task-1", 1, Revision{2});
  add("task-2", 0, NoStream{});
  add("note-1", 1, Revision{1});
  append.parts = {{.writes = 2, .command_id = "c1", .fingerprint = sha256("1"), .causation = "c1"},
                  {.writes = 1, .command_id = "c2", .fingerprint = sha256("2"), .causation = "an-event"},
                  {.writes = 1, .command_id = "c3", .fingerprint = sha256("3"), .causation = "c3"},
                  {.writes = 1, .command_id = "", .fingerprint = {}, .causation = "r1"}};
  return append;
}

class Parts : public StoreTest {
 protected:
  void expect_refused(const Append& append, AppendErrorCode code, std::size_t write, std::string_view sentence) {
    const auto refused = store_->append(append);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, code) << refused.error().detail;
    EXPECT_EQ(refused.error().write, write);
    EXPECT_NE(refused.error().detail.find(sentence), std::string::npos) << refused.error().detail;
  }
  void expect_answer(std::string_view command, std::uint64_t first, std::uint64_t last,
                     const std::vector<Revision>& revisions) {
    const auto found = store_->find_command("w1", command);
    ASSERT_TRUE(found && *found) << command;
    EXPECT_EQ((*found)->answer.first.value, first) << command;
    EXPECT_EQ((*found)->answer.last.value, last) << command;
    EXPECT_EQ((*found)->answer.revisions, revisions) << command;
  }
};
FLOWSTONE_ON_BOTH_JOURNALS(Parts);

TEST_P(Parts, AreOneAppendToItsCaller) {
  const auto appended = store_->append(four_parts());
  ASSERT_TRUE(appended) << appended.error().detail;
  EXPECT_EQ(appended->first.value, 1U);
  EXPECT_EQ(appended->last.value, 5U);
  EXPECT_EQ(appended->revisions, (std::vector<Revision>{{2}, {1}, {3}, {0}, {2}}));
  EXPECT_EQ(store_->metrics().appends, 1U);
}

TEST_P(Parts, EachIsAnAppendToWhoeverReadsIt) {
  ASSERT_TRUE(store_->append(four_parts()));
  struct Place {
    std::string command_id, causation;
    std::uint64_t first, last;
    std::uint32_t write;
    bool operator==(const Place&) const = default;
  };
  const std::vector<Place> expected = {{"c1", "c1", 1, 3, 0},
                                       {"c1", "c1", 1, 3, 0},
                                       {"c1", "c1", 1, 3, 1},
                                       {"c2", "an-event", 4, 4, 0},
                                       {"", "r1", 5, 5, 0}};
  const auto reader = store_->read({}, {});
  ASSERT_TRUE(reader);
  for (const Place& place : expected) {
    const auto event = (*reader)->next();
    ASSERT_TRUE(event && *event != nullptr);
    const RecordedEvent& seen = **event;
    EXPECT_EQ((Place{std::string(seen.command_id), std::string(seen.causation), seen.append_first.value,
                     seen.append_last.value, seen.write}),
              place);
    EXPECT_EQ(seen.actor, "key:1");
    EXPECT_EQ(seen.correlation, "c1");
    EXPECT_EQ(seen.fingerprint, place.command_id.empty() ? Digest{} : sha256(place.command_id.substr(1)));
  }
}

TEST_P(Parts, EachIsRememberedByItselfAlsoAfterARestart) {
  ASSERT_TRUE(store_->append(four_parts()));
  for (int pass = 0; pass < 2; ++pass) {
    expect_answer("c1", 1, 3, {{2}, {1}});
    expect_answer("c2", 4, 4, {{3}});
    expect_answer("c3", 5, 4, {{0}});
    Append alone = append_of("task-1", 1, Revision{2});
    alone.command_id = "c2";
    alone.fingerprint = sha256("2");
    const auto again = store_->append(alone);
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_TRUE(again->repeated);
    EXPECT_EQ(again->first.value, 4U);
    reopen();
  }
  EXPECT_EQ(store_->state().durable.value, 5U);
}

TEST_P(Parts, AnExpectationThatFailsInOneRefusesAll) {
  Append append = four_parts();
  append.writes[4].expected = Revision{7};
  expect_refused(append, AppendErrorCode::wrong_expected_revision, 4, "another revision");
  EXPECT_EQ(store_->state().durable.value, 0U);
  for (const auto* command : {"c1", "c2", "c3"}) EXPECT_EQ(*store_->find_command("w1", command), std::nullopt);
  EXPECT_TRUE(store_->append(four_parts()));
}

TEST_P(Parts, ACommandIdThatCameBeforeRefusesAll) {
  Append before = append_of("task-9", 1);
  before.command_id = "c2";
  before.fingerprint = sha256("2");
  ASSERT_TRUE(store_->append(before));
  expect_refused(four_parts(), AppendErrorCode::command_id_reused, 2, "of a part");
  wait_indexed();
  expect_refused(four_parts(), AppendErrorCode::command_id_reused, 2, "of a part");
  reopen();
  expect_refused(four_parts(), AppendErrorCode::command_id_reused, 2, "of a part");
  EXPECT_EQ(store_->state().durable.value, 1U);
  Append elsewhere = four_parts();
  elsewhere.workspace = "w2";
  EXPECT_TRUE(store_->append(elsewhere));
}

TEST_P(Parts, MustHoldEveryWriteAndHaveDifferentIds) {
  constexpr auto kInvalid = AppendErrorCode::invalid;
  Append append = four_parts();
  append.parts.pop_back();
  expect_refused(append, kInvalid, 0, "do not hold every write");
  append = four_parts();
  append.parts.back().writes = 2;
  expect_refused(append, kInvalid, 0, "more than every write");
  append = four_parts();
  append.parts.push_back({.writes = 1, .command_id = "c4", .fingerprint = {}, .causation = {}});
  expect_refused(append, kInvalid, 0, "more than every write");
  append = four_parts();
  append.parts[1].writes = SIZE_MAX;  // the sum comes around to the right number
  append.parts[2].writes = 3;
  expect_refused(append, kInvalid, 0, "more than every write");
  append = four_parts();
  append.parts[2].command_id = "c1";
  expect_refused(append, kInvalid, 3, "two parts");
  append = four_parts();
  append.command_id = "c0";
  expect_refused(append, kInvalid, 0, "or its parts'");
  append = four_parts();
  append.parts[1].command_id = "not printable\n";
  expect_refused(append, kInvalid, 2, "command_id");
  append = four_parts();
  append.parts.resize(Limits::kPartsPerAppend + 1);
  expect_refused(append, kInvalid, 0, "parts");
  EXPECT_EQ(store_->state().durable.value, 0U);
}

TEST_P(Parts, AreInOneBlockHoweverLargeTheyAre) {
  Append append;
  append.workspace = "w1";
  for (int part = 0; part < 20; ++part) {
    append.writes.push_back(append_of("task-" + std::to_string(part), 30).writes[0]);
    append.parts.push_back(
        {.writes = 1, .command_id = "command-" + std::to_string(part), .fingerprint = {}, .causation = {}});
  }
  ASSERT_TRUE(store_->append(append));
  EXPECT_EQ(store_->metrics().syncs, 1U);
  EXPECT_TRUE(store_->verify({}));
  reopen();
  expect_answer("command-19", 571, 600, {{30}});
}

}  // namespace
}  // namespace flowstone::eventstore
