// A store in a fresh directory, on either journal, that can be closed and opened again.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "eventstore/journal.hpp"
#include "eventstore/scratch_directory.hpp"
#include "eventstore/store.hpp"

namespace flowstone::eventstore {

enum class JournalKind : std::uint8_t { embedded, memory };

inline Append append_of(std::string stream, std::size_t events, ExpectedRevision expected = AnyRevision{}) {
  Append append;
  append.workspace = "w1";
  append.actor = "key:1";
  append.correlation = "c1";
  StreamWrite write{.stream = std::move(stream), .expected = expected, .events = {}};
  const std::string category = write.stream.substr(0, write.stream.find('-'));
  for (std::size_t event = 0; event < events; ++event) {
    write.events.push_back(
        {.type = category + ".happened", .schema_version = 1, .payload = "payload " + std::to_string(event)});
  }
  append.writes.push_back(std::move(write));
  return append;
}

// An event with its own copies of the views that tests look at.
struct SeenEvent {
  Position position;
  Revision revision;
  std::string workspace;
  std::string stream;
  std::string type;
  std::string payload;
  bool operator==(const SeenEvent&) const = default;
};

inline std::vector<SeenEvent> all_of(Result<std::unique_ptr<Reader>, StoreError> reader) {
  std::vector<SeenEvent> seen;
  if (!reader) {
    ADD_FAILURE() << reader.error().detail;
    return seen;
  }
  while (true) {
    const auto next = (*reader)->next();
    if (!next) {
      ADD_FAILURE() << next.error().detail << " at " << next.error().position.value;
      return seen;
    }
    const RecordedEvent* const event = *next;
    if (event == nullptr) return seen;
    seen.push_back({event->position, event->revision, std::string(event->workspace), std::string(event->stream),
                    std::string(event->type), std::string(event->payload)});
  }
}

inline std::vector<std::uint64_t> positions_of(Result<std::unique_ptr<Reader>, StoreError> reader) {
  std::vector<std::uint64_t> positions;
  for (const SeenEvent& event : all_of(std::move(reader))) positions.push_back(event.position.value);
  return positions;
}

class StoreTest : public testing::TestWithParam<JournalKind> {
 protected:
  void SetUp() override { open(); }

  void open() {
    StoreOptions options;
    options.directory = directory_.path();
    options.queue_bytes = queue_bytes_;
    options.recent_bytes = recent_bytes_;
    options.stream_heads = stream_heads_;
    if (GetParam() == JournalKind::memory) options.journal = memory_;
    auto opened = Store::open(std::move(options));
    ASSERT_TRUE(opened) << opened.error().detail;
    store_ = *std::move(opened);
  }
  void reopen() {
    store_.reset();
    open();
  }
  void wait_indexed() {
    while (store_->state().indexed < store_->state().durable) std::this_thread::yield();
  }

  std::size_t queue_bytes_ = 64 << 20;
  std::size_t recent_bytes_ = 32 << 20;
  std::size_t stream_heads_ = 1 << 18;
  ScratchDirectory directory_{"flowstone-test"};
  std::shared_ptr<Journal> memory_ = make_memory_journal();
  std::unique_ptr<Store> store_;
};

inline std::string journal_name(const testing::TestParamInfo<JournalKind>& info) {
  return info.param == JournalKind::embedded ? "Embedded" : "Memory";
}

#define FLOWSTONE_ON_BOTH_JOURNALS(Suite) \
  INSTANTIATE_TEST_SUITE_P(Journals, Suite, testing::Values(JournalKind::embedded, JournalKind::memory), journal_name)

}  // namespace flowstone::eventstore
