#include "projections/table_query.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "projections/codec.hpp"
#include "projections/id_stream.hpp"
#include "projections/keys.hpp"
#include "projections/row_filter.hpp"
#include "projections/row_indexes.hpp"

namespace flowstone::projections {
namespace {

using Test = FieldFilter::Test;

constexpr std::size_t kFirstProbe = 256;  // matches gathered before rows are tried in order
constexpr std::size_t kFirstLooks = 4;    // rows tried in order for each row of a page, before more is gathered
constexpr std::size_t kGatheredAtMost = 16'384;
constexpr char kAbsent = '\0';   // follows an absent value at once
constexpr char kPresent = '\1';  // begins a present one

Bytes encoded(std::string_view id) {
  Bytes out;
  append_id(out, id);
  return out;
}

Result<void, std::string> checked(const rocksdb::Iterator& entries) {
  if (entries.status().ok()) return {};
  return failure("views: " + entries.status().ToString());
}

struct IndexEntry {
  BytesView value, encoded_id;
};

IndexEntry parse_entry(const rocksdb::Iterator& entries, std::size_t prefix_size) {
  const BytesView rest = entries.key().ToStringView().substr(prefix_size);
  const auto id_size = static_cast<std::size_t>(read_big_endian(entries.value().ToStringView()));
  return {rest.substr(0, rest.size() - id_size - 1), rest.substr(rest.size() - id_size)};
}

// Sorted, without doubles.
std::vector<Bytes> distinct(std::vector<Bytes> texts) {
  std::ranges::sort(texts);
  texts.erase(std::ranges::unique(texts).begin(), texts.end());
  return texts;
}

}  // namespace

TableQuery::TableQuery(const Snapshot& snapshot, BuildId build, const Checkpoint& checkpoint,
                       const schemas::Aggregate& aggregate, const ListQuery& query)
    : snapshot_(snapshot),
      build_(build),
      checkpoint_(checkpoint),
      aggregate_(aggregate),
      query_(query),
      rows_prefix_(rows_prefix(build, query.workspace)) {}

Result<Page, QueryError> TableQuery::run() {
  FLOWSTONE_TRY(start_, start_of(aggregate_, query_));
  Found found = find();
  if (!found) return failure(QueryError{QueryError::Code::io, std::move(found).error()});
  return page_of(aggregate_, query_, *std::move(found), checkpoint_.position);
}

TableQuery::Found TableQuery::find() {
  if (never_matches()) return {};
  const bool has_equal = !filters_with(Test::equal).empty();
  if (checkpoint_.bulk) return query_.sort == nullptr ? in_row_order() : by_scanning_all();
  if (query_.sort == nullptr && has_equal) return by_ids();
  const bool only_sort_field =
      std::ranges::all_of(query_.filters, [&](const FieldFilter& filter) { return filter.field == query_.sort; });
  if (!only_sort_field) {
    FLOWSTONE_TRY(FoundOrNot::value_type few, gather(kFirstProbe));
    if (few) return *std::move(few);
    FLOWSTONE_TRY(FoundOrNot::value_type page, in_order(kFirstLooks * (query_.limit + 1)));
    if (page) return *std::move(page);
    FLOWSTONE_TRY(FoundOrNot::value_type more, gather(worth_gathering()));
    if (more) return *std::move(more);
  }
  FLOWSTONE_TRY(FoundOrNot::value_type all, in_order(SIZE_MAX));
  return *std::move(all);
}

TableQuery::FoundOrNot TableQuery::in_order(std::size_t most) {
  looks_left_ = most;
  gave_up_ = false;
  FLOWSTONE_TRY(std::vector<Candidate> found, query_.sort == nullptr ? in_row_order() : in_sort_order());
  if (gave_up_) return std::nullopt;
  return found;
}

bool TableQuery::may_look() {
  gave_up_ = looks_left_ == 0;
  if (!gave_up_) --looks_left_;
  return !gave_up_;
}

bool TableQuery::never_matches() const {
  return std::ranges::any_of(query_.filters, [](const FieldFilter& filter) { return filter.keys.empty(); });
}

std::vector<const FieldFilter*> TableQuery::filters_with(Test test) const {
  std::vector<const FieldFilter*> filters;
  for (const FieldFilter& filter : query_.filters) {
    if (filter.test == test) filters.push_back(&filter);
  }
  return filters;
}

std::size_t TableQuery::worth_gathering() const {
  const double even = std::sqrt(static_cast<double>(query_.limit) * static_cast<double>(checkpoint_.rows));
  return std::min(static_cast<std::size_t>(even), kGatheredAtMost);
}

std::unique_ptr<IdStream> TableQuery::equal_ids(bool descending) const {
  std::vector<std::unique_ptr<IdStream>> conditions;
  for (const FieldFilter* filter : filters_with(Test::equal)) {
    std::vector<std::unique_ptr<IdStream>> values;
    for (const Bytes& key : distinct(filter->keys)) {
      Bytes prefix = index_prefix(build_, filter->field->slot, query_.workspace);
      prefix.append(key).push_back('\0');
      values.push_back(ids_after_prefix(snapshot_, std::move(prefix), descending));
    }
    conditions.push_back(any_of(std::move(values), descending));
  }
  return all_of(std::move(conditions));
}

TableQuery::Found TableQuery::by_ids() {
  std::vector<Candidate> found;
  const auto ids = equal_ids(query_.descending);
  if (start_) {
    const Bytes last = encoded(start_->id);
    ids->seek(last);
    if (ids->id() == last) ids->next();
  }
  for (; !ids->id().empty(); ids->next()) {
    FLOWSTONE_TRY(const bool more, take_if_wanted(found, ids->id(), {}));
    if (!more) break;
  }
  if (std::string error = ids->error(); !error.empty()) return failure(std::move(error));
  return found;
}

TableQuery::FoundOrNot TableQuery::gather(std::size_t most) {
  if (!filters_with(Test::equal).empty()) {
    FLOWSTONE_TRY(const std::optional<std::vector<Bytes>> ids, few_equal_ids(most));
    if (ids) {
      FLOWSTONE_TRY(std::vector<Candidate> rows, sort_few(*ids));
      return rows;
    }
  }
  for (const FieldFilter& filter : query_.filters) {
    if (filter.test == Test::equal || filter.field == query_.sort) continue;
    FLOWSTONE_TRY(const std::optional<std::vector<Bytes>> ids, few_ids_in(filter, most));
    if (!ids) continue;
    FLOWSTONE_TRY(std::vector<Candidate> rows, sort_few(*ids));
    return rows;
  }
  return std::nullopt;
}

Result<std::optional<std::vector<Bytes>>, std::string> TableQuery::few_equal_ids(std::size_t most) const {
  std::vector<Bytes> ids;
  const auto stream = equal_ids(false);
  for (; !stream->id().empty(); stream->next()) {
    if (ids.size() == most) return std::nullopt;
    ids.emplace_back(stream->id());
  }
  if (std::string error = stream->error(); !error.empty()) return failure(std::move(error));
  return ids;
}

Result<std::optional<std::vector<Bytes>>, std::string> TableQuery::few_ids_in(const FieldFilter& filter,
                                                                              std::size_t most) const {
  std::vector<Bytes> ids;
  const Range range = range_of(filter);
  if (range.lower >= range.upper) return ids;
  const auto entries = snapshot_.scan(range.lower, range.upper);
  const std::size_t prefix_size = index_prefix(build_, filter.field->slot, query_.workspace).size();
  for (entries->SeekToFirst(); entries->Valid(); entries->Next()) {
    if (ids.size() == most) return std::nullopt;
    ids.emplace_back(parse_entry(*entries, prefix_size).encoded_id);
  }
  FLOWSTONE_TRY_VOID(checked(*entries));
  return distinct(std::move(ids));
}

TableQuery::Found TableQuery::sort_few(const std::vector<Bytes>& encoded_ids) const {
  FirstInOrder first(query_, start_);
  for (const Bytes& id : encoded_ids) {
    FLOWSTONE_TRY(const std::optional<Bytes> row, row_at(id));
    if (row && matches(query_, *row)) first.offer(decode_id(id), *row);
  }
  return first.take();
}

TableQuery::Range TableQuery::range_of(const FieldFilter& filter) const {
  const Bytes prefix = index_prefix(build_, filter.field->slot, query_.workspace);
  const auto [least, greatest] = std::ranges::minmax(filter.keys);
  switch (filter.test) {
    case Test::at_least:
      return {Bytes(prefix).append(least), after_prefix(prefix)};
    case Test::below:
      return {Bytes(prefix) + kPresent, Bytes(prefix).append(greatest)};
    case Test::equal:
      break;
  }
  return {Bytes(prefix).append(least), Bytes(prefix).append(greatest) + kPresent};
}

// Disjoint and ascending. A list's smallest item may lie outside of what a filter on it wants, so it gets no bounds.
std::vector<TableQuery::Range> TableQuery::sort_ranges() const {
  const Bytes prefix = index_prefix(build_, query_.sort->slot, query_.workspace);
  Range whole{prefix, after_prefix(prefix)};
  std::vector<Range> values;
  for (const FieldFilter& filter : query_.filters) {
    if (filter.field != query_.sort || query_.sort->is_list) continue;
    const Range bounds = range_of(filter);
    whole.lower = std::max(whole.lower, bounds.lower);
    whole.upper = std::min(whole.upper, bounds.upper);
    if (filter.test != Test::equal || !values.empty()) continue;
    for (const Bytes& key : distinct(filter.keys)) {
      values.push_back({Bytes(prefix).append(key) + kAbsent, Bytes(prefix).append(key) + kPresent});
    }
  }
  if (values.empty()) values.push_back(whole);
  for (Range& range : values) {
    range.lower = std::max(range.lower, whole.lower);
    range.upper = std::min(range.upper, whole.upper);
  }
  std::erase_if(values, [](const Range& range) { return range.lower >= range.upper; });
  return values;
}

TableQuery::Found TableQuery::in_sort_order() {
  std::vector<Candidate> found;
  std::vector<Range> ranges = sort_ranges();
  if (query_.descending) std::ranges::reverse(ranges);
  for (const Range& range : ranges) {
    FLOWSTONE_TRY(const bool more, scan_range(range, found));
    if (!more) break;
  }
  return found;
}

Result<bool, std::string> TableQuery::scan_range(const Range& range, std::vector<Candidate>& found) {
  const Bytes prefix = index_prefix(build_, query_.sort->slot, query_.workspace);
  const auto entries = snapshot_.scan(range.lower, range.upper);
  if (start_) {
    const Bytes last = Bytes(prefix).append(start_->value) + kAbsent + encoded(start_->id);
    query_.descending ? entries->SeekForPrev(last) : entries->Seek(last);
    if (entries->Valid() && entries->key().ToStringView() == last)
      query_.descending ? entries->Prev() : entries->Next();
  } else {
    query_.descending ? entries->SeekToLast() : entries->SeekToFirst();
  }
  for (; entries->Valid(); query_.descending ? entries->Prev() : entries->Next()) {
    const IndexEntry entry = parse_entry(*entries, prefix.size());
    FLOWSTONE_TRY(const bool more, take_if_wanted(found, entry.encoded_id, entry.value));
    if (!more) return false;
  }
  FLOWSTONE_TRY_VOID(checked(*entries));
  return true;
}

Result<std::optional<Bytes>, std::string> TableQuery::row_at(BytesView encoded_id) const {
  FLOWSTONE_TRY(std::optional<Bytes> row, snapshot_.get(Bytes(rows_prefix_).append(encoded_id)));
  if (!row) return failure("views: an index names " + decode_id(encoded_id) + ", but there is no such row");
  return row;
}

Result<bool, std::string> TableQuery::take_if_wanted(std::vector<Candidate>& found, BytesView encoded_id,
                                                     BytesView value) {
  if (!may_look()) return false;
  FLOWSTONE_TRY(std::optional<Bytes> row, row_at(encoded_id));
  if (!matches(query_, *row)) return true;
  // A row with several values stands in the order once: where its sort value is.
  if (query_.sort != nullptr && query_.sort->is_list && sort_value(query_, *row) != value) return true;
  found.push_back({{.value = Bytes(value), .id = decode_id(encoded_id)}, *std::move(row)});
  return found.size() <= query_.limit;
}

TableQuery::Found TableQuery::in_row_order() {
  std::vector<Candidate> found;
  const auto rows = snapshot_.scan(rows_prefix_, after_prefix(rows_prefix_));
  if (start_) {
    const Bytes last = Bytes(rows_prefix_).append(encoded(start_->id));
    query_.descending ? rows->SeekForPrev(last) : rows->Seek(last);
    if (rows->Valid() && rows->key().ToStringView() == last) query_.descending ? rows->Prev() : rows->Next();
  } else {
    query_.descending ? rows->SeekToLast() : rows->SeekToFirst();
  }
  for (; rows->Valid() && found.size() <= query_.limit; query_.descending ? rows->Prev() : rows->Next()) {
    if (!may_look()) return found;
    const BytesView row = rows->value().ToStringView();
    if (!matches(query_, row)) continue;
    found.push_back({{.value = {}, .id = decode_id(encoded_id_of_row(rows->key().ToStringView()))}, Bytes(row)});
  }
  FLOWSTONE_TRY_VOID(checked(*rows));
  return found;
}

TableQuery::Found TableQuery::by_scanning_all() const {
  FirstInOrder first(query_, start_);
  const auto rows = snapshot_.scan(rows_prefix_, after_prefix(rows_prefix_));
  for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
    const BytesView row = rows->value().ToStringView();
    if (matches(query_, row)) first.offer(decode_id(encoded_id_of_row(rows->key().ToStringView())), row);
  }
  FLOWSTONE_TRY_VOID(checked(*rows));
  return first.take();
}

}  // namespace flowstone::projections
