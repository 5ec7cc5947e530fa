#include "projections/id_stream.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "projections/keys.hpp"

namespace flowstone::projections {
namespace {

bool is_before(BytesView left, BytesView right, bool descending) { return descending ? left > right : left < right; }

std::string first_error(const std::vector<std::unique_ptr<IdStream>>& streams) {
  for (const auto& stream : streams) {
    if (std::string error = stream->error(); !error.empty()) return error;
  }
  return {};
}

class PrefixStream final : public IdStream {
 public:
  PrefixStream(const Snapshot& snapshot, Bytes prefix, bool descending)
      : prefix_(std::move(prefix)), descending_(descending), entries_(snapshot.scan(prefix_, after_prefix(prefix_))) {
    descending_ ? entries_->SeekToLast() : entries_->SeekToFirst();
  }
  [[nodiscard]] BytesView id() const override {
    return entries_->Valid() ? entries_->key().ToStringView().substr(prefix_.size()) : BytesView();
  }
  void next() override { descending_ ? entries_->Prev() : entries_->Next(); }
  void seek(BytesView target) override {
    if (!entries_->Valid() || !is_before(id(), target, descending_)) return;
    const Bytes key = Bytes(prefix_).append(target);
    descending_ ? entries_->SeekForPrev(key) : entries_->Seek(key);
  }
  [[nodiscard]] std::string error() const override {
    return entries_->status().ok() ? std::string() : "views: " + entries_->status().ToString();
  }

 private:
  const Bytes prefix_;
  const bool descending_;
  const std::unique_ptr<rocksdb::Iterator> entries_;
};

class AnyOf final : public IdStream {
 public:
  AnyOf(std::vector<std::unique_ptr<IdStream>> streams, bool descending)
      : streams_(std::move(streams)), descending_(descending) {
    settle();
  }
  [[nodiscard]] BytesView id() const override { return current_; }
  void next() override {
    for (const auto& stream : streams_) {
      if (stream->id() == current_) stream->next();
    }
    settle();
  }
  void seek(BytesView target) override {
    const Bytes kept(target);
    for (const auto& stream : streams_) stream->seek(kept);
    settle();
  }
  [[nodiscard]] std::string error() const override { return first_error(streams_); }

 private:
  void settle() {
    BytesView first;
    for (const auto& stream : streams_) {
      const BytesView id = stream->id();
      if (!id.empty() && (first.empty() || is_before(id, first, descending_))) first = id;
    }
    current_ = Bytes(first);
  }

  const std::vector<std::unique_ptr<IdStream>> streams_;
  const bool descending_;
  Bytes current_;
};

class AllOf final : public IdStream {
 public:
  explicit AllOf(std::vector<std::unique_ptr<IdStream>> streams) : streams_(std::move(streams)) { settle(); }
  [[nodiscard]] BytesView id() const override { return current_; }
  void next() override {
    streams_.front()->next();
    settle();
  }
  void seek(BytesView target) override {
    const Bytes kept(target);
    streams_.front()->seek(kept);
    settle();
  }
  [[nodiscard]] std::string error() const override { return first_error(streams_); }

 private:
  // Moves whoever is behind to the furthest one until all agree.
  void settle() {
    current_ = Bytes(streams_.front()->id());
    for (std::size_t agreed = 1, at = 1; !current_.empty() && agreed < streams_.size();
         at = (at + 1) % streams_.size()) {
      streams_[at]->seek(current_);
      const BytesView id = streams_[at]->id();
      if (id == current_) {
        ++agreed;
      } else {
        current_ = Bytes(id);
        agreed = 1;
      }
    }
  }

  const std::vector<std::unique_ptr<IdStream>> streams_;
  Bytes current_;
};

}  // namespace

std::unique_ptr<IdStream> ids_after_prefix(const Snapshot& snapshot, Bytes prefix, bool descending) {
  return std::make_unique<PrefixStream>(snapshot, std::move(prefix), descending);
}

std::unique_ptr<IdStream> any_of(std::vector<std::unique_ptr<IdStream>> streams, bool descending) {
  check(!streams.empty(), "any of nothing");
  if (streams.size() == 1) return std::move(streams.front());
  return std::make_unique<AnyOf>(std::move(streams), descending);
}

std::unique_ptr<IdStream> all_of(std::vector<std::unique_ptr<IdStream>> streams) {
  check(!streams.empty(), "all of nothing");
  if (streams.size() == 1) return std::move(streams.front());
  return std::make_unique<AllOf>(std::move(streams));
}

}  // namespace flowstone::projections
