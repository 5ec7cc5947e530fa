#include "eventstore/block.hpp"

#include <cstring>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "base/check.hpp"
#include "eventstore/checksum.hpp"
#include "eventstore/encoding.hpp"
#include "eventstore/merkle.hpp"
#include "eventstore/record.hpp"

namespace flowstone::eventstore {
namespace {

constexpr std::size_t kChecksum = 4;  // offsets in the header
constexpr std::size_t kRoot = BlockLayout::kHeader - sizeof(Digest);
constexpr std::size_t kChecked = 8;  // the checksum covers everything from here

void append_name(Bytes& out, std::string_view name) {
  out.push_back(static_cast<char>(name.size()));
  out.append(name);
}

}  // namespace

void BlockBuilder::begin() {
  block_.reserve(BlockLayout::kTarget + BlockLayout::kTarget / 2);
  block_.resize(BlockLayout::kHeader);
}

void BlockBuilder::add(const AppendEntry& entry, BytesView records) {
  ++appends_;
  std::uint32_t events = 0;
  append_varint(table_, entry.writes.size() << 1 | (entry.is_command ? 1 : 0));
  for (const WriteSpan& write : entry.writes) {
    append_varint(table_, write.events);
    append_varint(table_, write.revision.value);
    events += write.events;
  }
  if (events == 0) {
    append_name(table_, entry.workspace);
    append_name(table_, entry.command_id);
    append_fixed(table_, entry.time.micros);
  }
  if (entry.is_command) table_.append(view(entry.fingerprint));
  events_ += events;
  block_.append(records);
}

Bytes BlockBuilder::finish(std::uint64_t number, Position first) {
  Bytes header(BlockLayout::kMagic);
  append_fixed(header, std::uint32_t{0});
  append_fixed(header, number);
  append_fixed(header, first.value);
  append_fixed(header, events_);
  append_fixed(header, appends_);
  append_fixed(header, static_cast<std::uint32_t>(block_.size() - BlockLayout::kHeader));
  append_fixed(header, static_cast<std::uint32_t>(table_.size()));
  header.resize(BlockLayout::kHeader);
  header.copy(block_.data(), header.size());
  block_.append(table_);
  events_ = appends_ = 0;
  table_.clear();
  Bytes block = std::exchange(block_, {});
  begin();
  return block;
}

void seal_block(Bytes& block, const Digest& root) {
  std::memcpy(block.data() + kRoot, root.data(), sizeof root);
  put_fixed(block.data() + kChecksum, crc32c(BytesView(block).substr(kChecked)));
}

std::optional<BlockExtent> block_extent(BytesView bytes) {
  if (bytes.size() < BlockLayout::kHeader) return std::nullopt;
  ByteReader header(bytes.substr(kChecked));
  BlockExtent extent;
  extent.number = header.fixed<std::uint64_t>();
  extent.first = {header.fixed<std::uint64_t>()};
  extent.events = header.fixed<std::uint32_t>();
  return extent;
}

Result<void, std::string> BlockReader::open(BytesView bytes, Trust trust) {
  offsets_.clear();
  writes_.clear();
  first_writes_.clear();
  appends_.clear();
  append_hint_ = 0;
  auto opened = read_header(bytes, trust);
  if (!opened) {
    offsets_.clear();
    appends_.clear();
  }
  return opened;
}

Result<void, std::string> BlockReader::read_header(BytesView bytes, Trust trust) {
  if (bytes.size() < BlockLayout::kHeader || bytes.size() > BlockLayout::kAtMost) {
    return failure(fmt::format("a block of {} bytes", bytes.size()));
  }
  ByteReader header(bytes);
  if (header.bytes(4) != BlockLayout::kMagic) return failure(std::string("the block's magic is wrong"));
  const auto checksum = header.fixed<std::uint32_t>();
  if (trust == Trust::checksum && crc32c(bytes.substr(kChecked)) != checksum) {
    return failure(std::string("the block's checksum does not match its bytes"));
  }
  number_ = header.fixed<std::uint64_t>();
  first_ = {header.fixed<std::uint64_t>()};
  const auto events = header.fixed<std::uint32_t>();
  if (first_ == Position{} || first_.value > UINT64_MAX - events) {
    return failure(std::string("the block's positions are none that a log has"));
  }
  const auto appends = header.fixed<std::uint32_t>();
  const auto records = header.fixed<std::uint32_t>();
  const auto table = header.fixed<std::uint32_t>();
  std::memcpy(root_.data(), header.bytes(sizeof root_).data(), sizeof root_);
  if (std::size_t{table} + records != header.left().size()) {
    return failure(std::string("the block's sizes do not add up"));
  }
  FLOWSTONE_TRY_VOID(read_records(header.bytes(records), events));
  return read_appends(header.left(), appends);
}

Result<void, std::string> BlockReader::read_records(BytesView records, std::uint32_t count) {
  records_ = records;
  offsets_.reserve(std::min<std::size_t>(count, records.size() / RecordLayout::kNames) + 1);
  std::size_t at = 0;
  while (at < records.size()) {
    const auto size = record_size(records.substr(at));
    if (!size) return failure(fmt::format("the record at position {} is cut short", first_.value + offsets_.size()));
    offsets_.push_back(static_cast<std::uint32_t>(at));
    at += *size;
  }
  if (offsets_.size() != count)
    return failure(fmt::format("{} records where {} were promised", offsets_.size(), count));
  offsets_.push_back(static_cast<std::uint32_t>(at));
  return {};
}

Result<void, std::string> BlockReader::read_appends(BytesView table, std::uint32_t count) {
  ByteReader reader(table);
  Position next = first_;
  for (std::uint32_t append = 0; append < count; ++append) {
    AppendEntry entry;
    entry.first = next;
    if (!read_append(reader, entry)) return failure(std::string("the append table does not match the records"));
    next = entry.last.next();
    appends_.push_back(entry);
  }
  if (!reader.at_end() || next.value != first_.value + events()) {
    return failure(std::string("the append table does not match the records"));
  }
  // Spans are made when `writes_` has stopped growing.
  for (std::size_t append = 0; append < appends_.size(); ++append) {
    const std::size_t end = append + 1 < appends_.size() ? first_writes_[append + 1] : writes_.size();
    appends_[append].writes = std::span(writes_).subspan(first_writes_[append], end - first_writes_[append]);
  }
  return {};
}

bool BlockReader::read_append(ByteReader& reader, AppendEntry& entry) {
  const std::uint64_t begin = reader.varint();
  entry.is_command = (begin & 1) != 0;
  first_writes_.push_back(writes_.size());
  std::uint64_t events_here = 0;
  for (std::uint64_t write = 0; write < begin >> 1; ++write) {
    const std::uint64_t of_write = reader.varint();
    const Revision revision{reader.varint()};
    if (!reader.ok() || of_write > events()) return false;
    events_here += of_write;
    writes_.push_back({static_cast<std::uint32_t>(of_write), revision});
  }
  entry.last = {entry.first.value + events_here - 1};
  if (entry.last.next().value > first_.value + events()) return false;
  if (events_here == 0) {
    entry.workspace = reader.name();
    entry.command_id = reader.name();
    entry.time = {reader.fixed<std::int64_t>()};
  }
  if (entry.is_command) {
    const BytesView fingerprint = reader.bytes(sizeof entry.fingerprint);
    if (reader.ok()) std::memcpy(entry.fingerprint.data(), fingerprint.data(), fingerprint.size());
  }
  return reader.ok();
}

std::optional<AppendEntry> BlockReader::named(AppendEntry append) const {
  if (append.last < append.first) return append;
  RecordedEvent event;
  if (!decode_record(record(append.first), event)) return std::nullopt;
  append.workspace = event.workspace;
  append.command_id = event.command_id;
  append.time = event.time;
  return append;
}

BytesView BlockReader::record(Position position) const {
  const std::size_t index = position.value - first_.value;
  return records_.substr(offsets_[index], offsets_[index + 1] - offsets_[index]);
}

bool BlockReader::event(Position position, RecordedEvent& event) {
  check(holds(position), "the event is in the block");
  if (!decode_record(record(position), event) || event.position != position) return false;
  if (position < appends_[append_hint_].first) append_hint_ = 0;
  while (appends_[append_hint_].last < position) ++append_hint_;
  const AppendEntry& append = appends_[append_hint_];
  event.append_first = append.first;
  event.append_last = append.last;
  event.fingerprint = append.fingerprint;
  event.write = 0;
  Position end{append.first.value + append.writes[0].events};
  while (end <= position) end.value += append.writes[++event.write].events;
  return true;
}

Result<SharedBlock, std::string> recompute_block(Bytes bytes) {
  auto block = std::make_shared<CommittedBlock>();
  block->bytes = std::move(bytes);
  BlockReader reader;
  FLOWSTONE_TRY_VOID(reader.open(block->bytes));
  block->number = reader.number();
  block->first = reader.first();
  block->events = static_cast<std::uint32_t>(reader.events());
  block->root = reader.root();
  Bytes key;
  RecordedEvent event;
  std::vector<BytesView> headers;
  for (Position at = reader.first(); reader.holds(at); ++at.value) {
    if (!reader.event(at, event)) return failure(fmt::format("the record at position {} is malformed", at.value));
    headers.push_back(record_header(reader.record(at)));
    key.clear();
    append_stream_key(key, event.workspace, event.stream);
    block->streams.push_back(std::hash<std::string_view>{}(key));
  }
  leaf_hashes(headers, block->leaves);
  return block;
}

}  // namespace flowstone::eventstore
