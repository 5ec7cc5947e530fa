#include "projections/row_filter.hpp"

#include <algorithm>
#include <utility>

#include "projections/codec.hpp"
#include "projections/row_indexes.hpp"

namespace flowstone::projections {
namespace {

bool holds(FieldFilter::Test test, BytesView value, BytesView key) {
  switch (test) {
    case FieldFilter::Test::equal:
      return value == key;
    case FieldFilter::Test::at_least:
      return !value.empty() && value >= key;
    case FieldFilter::Test::below:
      return !value.empty() && value < key;
  }
  return false;
}

}  // namespace

bool matches(const FieldFilter& filter, BytesView row) {
  for (const Bytes& value : sorted_index_keys(*filter.field, row)) {
    for (const Bytes& key : filter.keys) {
      if (holds(filter.test, value, key)) return true;
    }
  }
  return false;
}

bool matches(const ListQuery& query, BytesView row) {
  return std::ranges::all_of(query.filters, [&](const FieldFilter& filter) { return matches(filter, row); });
}

Bytes sort_value(const ListQuery& query, BytesView row) {
  if (query.sort == nullptr) return {};
  std::vector<Bytes> values = sorted_index_keys(*query.sort, row);
  return std::move(query.descending ? values.back() : values.front());
}

bool precedes(const ListQuery& query, const Place& left, const Place& right) {
  const auto order = std::pair(BytesView(left.value), std::string_view(left.id)) <=>
                     std::pair(BytesView(right.value), std::string_view(right.id));
  return query.descending ? order > 0 : order < 0;
}

Bytes query_identity(const schemas::Aggregate& aggregate, const ListQuery& query) {
  Encoder out;
  out.text(aggregate.name).text(query.workspace);
  out.text(query.sort == nullptr ? std::string_view() : query.sort->name).number(query.descending ? 1 : 0);
  for (const FieldFilter& filter : query.filters) {
    out.text(filter.field->name).number(std::to_underlying(filter.test)).number(filter.keys.size());
    for (const Bytes& key : filter.keys) out.text(key);
  }
  return out.take();
}

Result<std::optional<Place>, QueryError> start_of(const schemas::Aggregate& aggregate, const ListQuery& query) {
  if (query.cursor.empty()) return std::nullopt;
  std::optional<Place> place = decode_cursor(query_identity(aggregate, query), query.cursor);
  if (!place) {
    return failure(QueryError{QueryError::Code::foreign_cursor,
                              "The cursor belongs to another query or is damaged. Start without one."});
  }
  return place;
}

Page page_of(const schemas::Aggregate& aggregate, const ListQuery& query, std::vector<Candidate> candidates,
             Position position) {
  Page page{.rows = {}, .next_cursor = {}, .position = position};
  const std::size_t count = std::min(candidates.size(), query.limit);
  if (candidates.size() > count && count > 0) {
    page.next_cursor = encode_cursor(query_identity(aggregate, query), candidates[count - 1].place);
  }
  page.rows.reserve(count);
  for (std::size_t index = 0; index < count; ++index) {
    page.rows.push_back({std::move(candidates[index].place.id), std::move(candidates[index].row)});
  }
  return page;
}

FirstInOrder::FirstInOrder(const ListQuery& query, std::optional<Place> start)
    : query_(query), start_(std::move(start)) {}

void FirstInOrder::offer(std::string id, BytesView row) {
  Place place{.value = sort_value(query_, row), .id = std::move(id)};
  if (start_ && !precedes(query_, *start_, place)) return;
  const auto in_order = [&](const Candidate& left, const Candidate& right) {
    return precedes(query_, left.place, right.place);
  };
  if (heap_.size() > query_.limit) {
    if (!precedes(query_, place, heap_.front().place)) return;
    std::ranges::pop_heap(heap_, in_order);
    heap_.pop_back();
  }
  heap_.push_back({std::move(place), Bytes(row)});
  std::ranges::push_heap(heap_, in_order);
}

std::vector<Candidate> FirstInOrder::take() {
  std::ranges::sort_heap(
      heap_, [&](const Candidate& left, const Candidate& right) { return precedes(query_, left.place, right.place); });
  return std::exchange(heap_, {});
}

}  // namespace flowstone::projections
