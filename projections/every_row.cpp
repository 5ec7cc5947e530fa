#include "projections/every_row.hpp"

namespace flowstone::projections {
namespace {

constexpr std::size_t kPage = 200;

}  // namespace

Result<void, std::string> for_each_row(Catalog& catalog, std::string_view workspace, std::string_view aggregate,
                                       std::initializer_list<Having> values,
                                       const std::function<void(const Row&)>& take) {
  const schemas::Aggregate& contract = *schemas::contracts().find_aggregate(aggregate);
  ListQuery query;
  query.workspace = workspace;
  query.limit = kPage;
  for (const Having& having : values) {
    const schemas::Field* const field = contract.state->find(having.field);
    query.filters.push_back({.field = field,
                             .test = FieldFilter::Test::equal,
                             .keys = {schemas::index_key_of(*field, having.value).value()}});
  }
  do {
    const auto page = catalog.list(contract, query);
    if (!page) return failure(page.error().detail);
    for (const Row& row : page->rows) take(row);
    query.cursor = page->next_cursor;
  } while (!query.cursor.empty());
  return {};
}

}  // namespace flowstone::projections
