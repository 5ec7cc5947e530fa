#include "api/feed.hpp"

#include <algorithm>
#include <sys/prctl.h>

#include "api/cloud_event.hpp"

namespace flowstone::api {
namespace {

constexpr std::size_t kChunkEvents = 64;
constexpr std::size_t kChunkBytes = 128 << 10;
constexpr std::size_t kLoadChunks = 8;
constexpr std::uint64_t kLoadExamines = 200'000;
constexpr std::size_t kBatchPieces = 64;
constexpr std::size_t kBatchBytes = 256 << 10;
constexpr std::uint64_t kPassEvents = 4096;
constexpr int kWarmPasses = 64;
constexpr std::size_t kIdleFeeds = 4096;

std::string key_of(const eventstore::Filter& filter, Framing framing) {
  std::string key(1, static_cast<char>(framing));
  const auto add = [&key](std::string_view text) { key.append(text).push_back('\n'); };
  add(filter.workspace);
  add(filter.stream);
  add(filter.actor);
  add(filter.correlation);
  for (const auto& type : filter.types) add(type);
  key += '\r';
  for (const auto& category : filter.categories) add(category);
  if (filter.until) add(std::to_string(filter.until->micros));
  return key;
}

}  // namespace

// Frames events into chunks of a handy size, and hands each to the feed with the positions it answers for.
class FeedBuilder {
 public:
  explicit FeedBuilder(Framing framing, std::uint64_t first) : framing_(framing), first_(first) {}

  struct Part {
    std::uint64_t first = 0, last = 0;
    std::shared_ptr<const Chunk> chunk;
  };

  void add(Position position, std::string_view json) {
    chunk_.entries.push_back({position.value, static_cast<std::uint32_t>(chunk_.bytes.size())});
    append_framed(framing_, position, json, chunk_.bytes);
    ++events_;
    if (chunk_.entries.size() >= kChunkEvents || chunk_.bytes.size() >= kChunkBytes) seal(position.value);
  }
  // What was examined up to `last` is complete.
  std::vector<Part> finish(std::uint64_t last) {
    if (last >= first_) seal(last);
    return std::move(parts_);
  }
  [[nodiscard]] std::size_t parts() const { return parts_.size(); }
  [[nodiscard]] std::size_t events() const { return events_; }

 private:
  void seal(std::uint64_t last) {
    std::shared_ptr<const Chunk> chunk;
    if (!chunk_.entries.empty()) {
      chunk_.bytes.shrink_to_fit();
      chunk = std::make_shared<const Chunk>(std::move(chunk_));
      chunk_ = {};
    }
    parts_.push_back({first_, last, std::move(chunk)});
    first_ = last + 1;
  }

  Framing framing_;
  std::uint64_t first_;
  std::size_t events_ = 0;
  Chunk chunk_;
  std::vector<Part> parts_;
};

Chunk::Slice Chunk::slice(Position from, Position to, std::uint64_t most) const {
  const auto begin = std::ranges::lower_bound(entries, from.value, {}, &Entry::position);
  auto end = std::ranges::upper_bound(entries, to.value, {}, &Entry::position);
  if (begin >= end) return {};
  if (static_cast<std::uint64_t>(end - begin) > most) end = begin + static_cast<std::ptrdiff_t>(most);
  const std::size_t stop = end == entries.end() ? bytes.size() : end->offset;
  return {std::string_view(bytes).substr(begin->offset, stop - begin->offset),
          static_cast<std::size_t>(end - begin),
          {std::prev(end)->position}};
}

Batch::Cut Batch::cut_after(std::size_t written) const {
  Cut cut;
  for (std::size_t at = 0; at < pieces.size(); ++at) {
    const Chunk& chunk = *chunks[at];
    const auto offset = static_cast<std::size_t>(pieces[at].data() - chunk.bytes.data());
    const std::size_t taken = offset + std::min(written, pieces[at].size());
    for (std::size_t entry = 0; entry < chunk.entries.size(); ++entry) {
      if (chunk.entries[entry].offset < offset || chunk.entries[entry].offset >= taken) continue;
      cut.last = {chunk.entries[entry].position};
      const std::size_t end = entry + 1 < chunk.entries.size() ? chunk.entries[entry + 1].offset : chunk.bytes.size();
      if (end > taken) cut.rest = std::string_view(chunk.bytes).substr(taken, end - taken);
    }
    if (written <= pieces[at].size()) break;
    written -= pieces[at].size();
  }
  return cut;
}

void Waker::wake() {
  if (under_way_.exchange(true, std::memory_order_acq_rel)) return;
  self_ = shared_from_this();
  loop_.send(*this);
}

void Waker::deliver() {
  const auto self = std::move(self_);
  under_way_.store(false, std::memory_order_release);
  called_ = true;
  if (signal_ != nullptr) signal_->set();
}

Feeds::Feeds(eventstore::Store& store, BlockingPool& pool, std::size_t memory)
    : store_(store), pool_(pool), memory_(memory) {}

Feeds::~Feeds() { stop(); }

void Feeds::start() {
  live_ = std::jthread([this](std::stop_token stop) { run_live(std::move(stop)); });
}

void Feeds::stop() {
  if (live_.joinable()) {
    live_.request_stop();
    {
      const std::lock_guard guard(mutex_);
      any_warm_ = true;
    }
    warmed_.notify_all();
    live_.join();
  }
  std::unique_lock lock(mutex_);
  warmed_.wait(lock, [this] { return loads_ == 0; });
}

std::size_t Feeds::feeds() const {
  const std::lock_guard guard(mutex_);
  return feeds_.size();
}

std::shared_ptr<Feed> Feeds::find(const eventstore::Filter& filter, Framing framing) {
  auto key = key_of(filter, framing);
  const std::lock_guard guard(mutex_);
  if (feeds_.size() >= kIdleFeeds) {
    std::erase_if(feeds_, [this](const auto& entry) {
      if (entry.second.use_count() > 1) return false;
      for (const auto& [first, span] : entry.second->spans_) {
        if (span.chunk) bytes_.fetch_sub(span.chunk->bytes.size(), std::memory_order_relaxed);
      }
      return true;
    });
  }
  auto& feed = feeds_[std::move(key)];
  if (!feed) feed = std::make_shared<Feed>(filter, framing);
  return feed;
}

Batch Feeds::next(const std::shared_ptr<Feed>& feed, const Wanted& wanted, const std::shared_ptr<Waker>& waker) {
  Batch batch;
  bool must_load = false;
  {
    const std::lock_guard guard(feed->mutex_);
    gather(*feed, wanted, batch);
    if (batch.examined.value != 0) return batch;
    if (!feed->failure_.empty()) {
      batch.failure = std::exchange(feed->failure_, {});
      return batch;
    }
    if (std::ranges::find(feed->waiting_, waker) == feed->waiting_.end()) feed->waiting_.push_back(waker);
    // Registered first, looked second: a commit in between either shows here or finds the waker.
    if (store_.state().durable >= wanted.from) {
      must_load = !std::exchange(feed->loading_, true);
    } else {
      feed->warmth_ = kWarmPasses;
    }
  }
  if (must_load) {
    begin_load(feed, wanted.from);
  } else {
    heat();
  }
  return batch;
}

void Feeds::begin_load(const std::shared_ptr<Feed>& feed, Position from) {
  {
    const std::lock_guard guard(mutex_);
    ++loads_;
  }
  pool_.run([this, feed, from] {
    load(feed, from);
    const std::lock_guard guard(mutex_);
    --loads_;
    warmed_.notify_all();
  });
}

void Feeds::gather(Feed& feed, const Wanted& wanted, Batch& batch) {
  Position from = wanted.from;
  auto at = feed.spans_.upper_bound(from.value);
  if (at == feed.spans_.begin()) return;
  --at;
  const std::uint64_t now = clock_.fetch_add(1, std::memory_order_relaxed);
  while (at != feed.spans_.end() && at->second.last >= from.value && at->first <= from.value) {
    Feed::Span& span = at->second;
    span.used = now;
    const auto slice = span.chunk ? span.chunk->slice(from, wanted.to, wanted.events - batch.events) : Chunk::Slice{};
    if (slice.events > 0) {
      batch.chunks.push_back(span.chunk);
      batch.pieces.push_back(slice.bytes);
      batch.events += slice.events;
      batch.bytes += slice.bytes.size();
    }
    const bool enough = batch.events == wanted.events;
    batch.examined = enough ? slice.last : Position{std::min(span.last, wanted.to.value)};
    if (enough || span.last >= wanted.to.value || batch.pieces.size() >= kBatchPieces || batch.bytes >= kBatchBytes)
      return;
    from = {span.last + 1};
    ++at;
  }
}

void Feeds::leave(Feed& feed, const std::shared_ptr<Waker>& waker) {
  waker->detach();
  const std::lock_guard guard(feed.mutex_);
  std::erase(feed.waiting_, waker);
}

std::vector<std::shared_ptr<Waker>> Feeds::take_waiting(Feed& feed) { return std::exchange(feed.waiting_, {}); }

void Feeds::insert(Feed& feed, std::uint64_t first, std::uint64_t last, std::shared_ptr<const Chunk> chunk) {
  auto after = feed.spans_.upper_bound(last);
  if (after != feed.spans_.begin()) {
    const auto before = std::prev(after);
    // Known already: what is there stays, what is new begins behind it.
    if (before->second.last >= last) return;
    first = std::max(first, before->second.last + 1);
    if (!chunk && before->second.last + 1 == first) {
      before->second.last = last;
      return;
    }
  }
  if (chunk) bytes_.fetch_add(chunk->bytes.size(), std::memory_order_relaxed);
  feed.spans_.emplace(first, Feed::Span{last, std::move(chunk), clock_.fetch_add(1, std::memory_order_relaxed)});
}

void Feeds::load(const std::shared_ptr<Feed>& feed, Position from) {
  Position to = store_.state().durable;
  {
    const std::lock_guard guard(feed->mutex_);
    const auto after = feed->spans_.upper_bound(from.value);
    if (after != feed->spans_.end()) to = std::min(to, Position{after->first - 1});
  }
  std::string failure;
  FeedBuilder builder(feed->framing, from.value);
  std::uint64_t examined = from.value - 1;
  auto reader = store_.read(feed->filter, {.from = from, .to = to, .examine_at_most = kLoadExamines});
  std::string json;
  while (reader && builder.parts() < kLoadChunks) {
    const auto event = (*reader)->next();
    if (!event) {
      failure = event.error().detail;
      break;
    }
    if (*event == nullptr) {
      examined = std::min((*reader)->examined().value, to.value);
      break;
    }
    json.clear();
    append_cloud_event(**event, json);
    builder.add((*event)->position, json);
    examined = (*event)->position.value;
  }
  if (!reader) failure = reader.error().detail;
  const auto parts = builder.finish(examined);

  std::vector<std::shared_ptr<Waker>> waiting;
  {
    const std::lock_guard guard(feed->mutex_);
    for (const auto& part : parts) insert(*feed, part.first, part.last, part.chunk);
    feed->loading_ = false;
    if (examined < from.value && failure.empty() && to >= from) failure = "the log could not be read there";
    feed->failure_ = failure;
    waiting = take_waiting(*feed);
  }
  for (const auto& waker : waiting) waker->wake();
  if (bytes_.load(std::memory_order_relaxed) > memory_) evict();
}

void Feeds::evict() {
  struct Candidate {
    std::uint64_t used;
    Feed* feed;
    std::uint64_t first;
  };
  const std::lock_guard guard(mutex_);
  std::vector<Candidate> candidates;
  for (const auto& [key, feed] : feeds_) {
    const std::lock_guard feed_guard(feed->mutex_);
    for (const auto& [first, span] : feed->spans_) candidates.push_back({span.used, feed.get(), first});
  }
  std::ranges::sort(candidates, {}, &Candidate::used);
  for (const Candidate& candidate : candidates) {
    if (bytes_.load(std::memory_order_relaxed) <= memory_ / 4 * 3) break;
    const std::lock_guard feed_guard(candidate.feed->mutex_);
    const auto span = candidate.feed->spans_.find(candidate.first);
    if (span == candidate.feed->spans_.end()) continue;
    if (span->second.chunk) bytes_.fetch_sub(span->second.chunk->bytes.size(), std::memory_order_relaxed);
    candidate.feed->spans_.erase(span);
  }
}

void Feeds::heat() {
  {
    const std::lock_guard guard(mutex_);
    if (any_warm_) return;
    any_warm_ = true;
  }
  warmed_.notify_all();
}

std::vector<std::shared_ptr<Feed>> Feeds::warm_feeds() {
  std::vector<std::shared_ptr<Feed>> warm;
  const std::lock_guard guard(mutex_);
  for (const auto& [key, feed] : feeds_) {
    const std::lock_guard feed_guard(feed->mutex_);
    if (feed->waiting_.empty() && --feed->warmth_ <= 0) {
      feed->warmth_ = 0;
      continue;
    }
    warm.push_back(feed);
  }
  any_warm_ = !warm.empty();
  return warm;
}

void Feeds::run_live(std::stop_token stop) {
  prctl(PR_SET_NAME, "feeds");
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      warmed_.wait(lock, [this] { return any_warm_; });
    }
    // Whoever began to wait before this thread looked, looks again itself.
    live_mark_ = store_.state().durable.value;
    for (const auto& feed : warm_feeds()) {
      std::vector<std::shared_ptr<Waker>> waiting;
      {
        const std::lock_guard guard(feed->mutex_);
        waiting = take_waiting(*feed);
      }
      for (const auto& waker : waiting) waker->wake();
    }
    for (bool warm = true; warm && !stop.stop_requested();) {
      const Position head = store_.wait_beyond({live_mark_}, std::chrono::seconds(1), stop);
      const auto feeds = warm_feeds();
      warm = !feeds.empty();
      if (head.value > live_mark_ && warm) pass(feeds, head);
    }
  }
}

void Feeds::pass(const std::vector<std::shared_ptr<Feed>>& feeds, Position head) {
  const std::uint64_t last = std::min(head.value, live_mark_ + kPassEvents);
  std::vector<FeedBuilder> builders;
  builders.reserve(feeds.size());
  for (const auto& feed : feeds) builders.emplace_back(feed->framing, live_mark_ + 1);
  std::string failure;
  auto reader = store_.read({}, {.from = {live_mark_ + 1}, .to = {last}});
  if (!reader) failure = reader.error().detail;
  std::string json;
  while (reader) {
    const auto event = (*reader)->next();
    if (!event) failure = event.error().detail;
    if (!event || *event == nullptr) break;
    json.clear();
    for (std::size_t at = 0; at < feeds.size(); ++at) {
      if (!feeds[at]->filter.matches(**event)) continue;
      if (json.empty()) append_cloud_event(**event, json);
      builders[at].add((*event)->position, json);
    }
  }
  for (std::size_t at = 0; at < feeds.size(); ++at) {
    const bool matched = builders[at].events() > 0;
    const auto parts = builders[at].finish(last);
    std::vector<std::shared_ptr<Waker>> waiting;
    {
      const std::lock_guard guard(feeds[at]->mutex_);
      if (failure.empty()) {
        for (const auto& part : parts) insert(*feeds[at], part.first, part.last, part.chunk);
      }
      // A reader that meets damage finds it itself, and is told where.
      if (matched || !failure.empty()) waiting = take_waiting(*feeds[at]);
    }
    for (const auto& waker : waiting) waker->wake();
  }
  live_mark_ = last;
  if (bytes_.load(std::memory_order_relaxed) > memory_) evict();
}

}  // namespace flowstone::api
