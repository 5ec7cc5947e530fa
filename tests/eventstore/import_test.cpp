#include "tests/eventstore/store_fixture.hpp"

namespace flowstone::eventstore {
namespace {

// An event whose views have an owner: what an exported line would hold.
struct OwnedEvent {
  explicit OwnedEvent(const RecordedEvent& event)
      : names{std::string(event.workspace),   std::string(event.stream),     std::string(event.type),
              std::string(event.actor),       std::string(event.command_id), std::string(event.causation),
              std::string(event.correlation), std::string(event.request_id), std::string(event.traceparent),
              std::string(event.payload),     std::string(event.salt)},
        event_(event) {}
  [[nodiscard]] RecordedEvent event() const {
    RecordedEvent event = event_;
    event.workspace = names[0];
    event.stream = names[1];
    event.type = names[2];
    event.actor = names[3];
    event.command_id = names[4];
    event.causation = names[5];
    event.correlation = names[6];
    event.request_id = names[7];
    event.traceparent = names[8];
    event.payload = names[9];
    event.salt = names[10];
    return event;
  }
  std::vector<std::string> names;

 private:
  RecordedEvent event_;
};

class Importing : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    for (std::size_t number = 0; number < 50; ++number) {
      Append append = append_of("task-" + std::to_string(number % 4), 1 + number % 3);
      append.writes.push_back(append_of("note-1", number % 2).writes[0]);
      if (number % 5 != 0) append.command_id = "command-" + std::to_string(number);
      append.fingerprint = sha256(append.command_id);
      ASSERT_TRUE(store_->append(std::move(append)));
    }
    auto reader = store_->read({}, {});
    ASSERT_TRUE(reader);
    while (const RecordedEvent* event = *(*reader)->next()) owned_.emplace_back(*event);
    for (const OwnedEvent& owned : owned_) events_.push_back(owned.event());
    head_ = store_->tree_head();
    open_target();
  }

  void open_target() {
    target_.reset();
    StoreOptions options;
    options.directory = target_directory_.path();
    if (GetParam() == JournalKind::memory) options.journal = target_memory_;
    target_ = *Store::open(std::move(options));
  }

  void expect_refused(const std::vector<RecordedEvent>& events, Position at) {
    const auto imported = target_->import(events);
    ASSERT_FALSE(imported);
    EXPECT_EQ(imported.error().code, StoreError::Code::mismatch) << imported.error().detail;
    EXPECT_EQ(imported.error().position, at);
    EXPECT_FALSE(imported.error().detail.empty());
  }

  std::vector<OwnedEvent> owned_;
  std::vector<RecordedEvent> events_;
  TreeHead head_;
  ScratchDirectory target_directory_{"flowstone-test"};
  std::shared_ptr<Journal> target_memory_ = make_memory_journal();
  std::unique_ptr<Store> target_;
};
FLOWSTONE_ON_BOTH_JOURNALS(Importing);

TEST_P(Importing, GivesTheSameEventsAndTheSameRoot) {
  ASSERT_TRUE(target_->import(events_));
  EXPECT_EQ(target_->tree_head().size, head_.size);
  EXPECT_EQ(target_->tree_head().root, head_.root);
  EXPECT_EQ(all_of(target_->read({}, {})), all_of(store_->read({}, {})));
  ASSERT_TRUE(target_->verify({}));
  open_target();
  EXPECT_EQ(target_->tree_head().root, head_.root);
}

TEST_P(Importing, CarriesCommandsAndRevisionsOver) {
  ASSERT_TRUE(target_->import(events_));
  const auto before = store_->find_command("w1", "command-7");
  const auto after = target_->find_command("w1", "command-7");
  ASSERT_TRUE(after && *after);
  EXPECT_EQ((*after)->fingerprint, (*before)->fingerprint);
  EXPECT_EQ((*after)->answer.first, (*before)->answer.first);
  EXPECT_EQ((*after)->answer.last, (*before)->answer.last);
  EXPECT_EQ((*after)->answer.time, (*before)->answer.time);
  EXPECT_EQ(target_->stream_head("w1", "task-1")->value, store_->stream_head("w1", "task-1")->value);
}

TEST_P(Importing, InPartsGivesTheSameRoot) {
  for (std::size_t begin = 0; begin < events_.size();) {
    const std::size_t end = events_[begin].append_last.value;
    ASSERT_TRUE(target_->import(std::span(events_).subspan(begin, end - begin)));
    begin = end;
  }
  EXPECT_EQ(target_->tree_head().root, head_.root);
}

TEST_P(Importing, RefusesWhatDoesNotFollowTheHead) {
  expect_refused({events_.begin() + static_cast<std::ptrdiff_t>(events_[0].append_last.value), events_.end()},
                 events_[0].append_last.next());
  ASSERT_TRUE(target_->append(append_of("task-9", 1)));
  expect_refused(events_, {1});
}

TEST_P(Importing, RefusesChangedEvents) {
  const auto changed = [&](auto change) {
    std::vector<RecordedEvent> events = events_;
    change(events[0]);
    return events;
  };
  expect_refused(changed([](RecordedEvent& event) { event.payload = "another payload"; }), {1});
  expect_refused(changed([](RecordedEvent& event) { event.revision = {2}; }), {1});
  expect_refused(changed([](RecordedEvent& event) { event.salt = "short"; }), {1});
  expect_refused(changed([](RecordedEvent& event) { event.stream = "with space"; }), {1});
  expect_refused(changed([](RecordedEvent& event) { event.append_last = {10'000'000}; }), {1});
  expect_refused(changed([](RecordedEvent& event) { event.time.micros = -1; }), {1});
  expect_refused(changed([](RecordedEvent& event) { event.time.micros = 253'402'300'800'000'000; }), {1});
}

TEST_P(Importing, RefusesCutAppendsAndTimesThatGoBack) {
  const auto cut = std::find_if(events_.begin(), events_.end(),
                                [](const RecordedEvent& event) { return event.append_first != event.append_last; });
  ASSERT_NE(cut, events_.end());
  std::vector<RecordedEvent> events(events_.begin(), cut + 1);
  expect_refused(events, cut->append_first);

  events = events_;
  const Position last = events.back().append_first;
  for (RecordedEvent& event : events) {
    if (event.append_first == last) event.time.micros = 1;
  }
  expect_refused(events, last);
  EXPECT_EQ(target_->state().durable.value, last.value - 1);
}

TEST_P(Importing, RefusesACommandThatIsThereAlready) {
  std::vector<RecordedEvent> events = events_;
  for (RecordedEvent& event : events) {
    if (event.command_id == "command-2") {
      event.command_id = "command-1";
      event.fingerprint = sha256("command-1");
    }
  }
  const auto imported = target_->import(events);
  ASSERT_FALSE(imported);
  EXPECT_EQ(imported.error().code, StoreError::Code::mismatch);
}

}  // namespace
}  // namespace flowstone::eventstore
