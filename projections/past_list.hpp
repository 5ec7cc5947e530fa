// A list as it was at a position in the past: folded from the log into memory, then filtered and sorted as the table
// is.
#pragma once

#include "domain/aggregate.hpp"
#include "eventstore/store.hpp"
#include "projections/catalog.hpp"

namespace flowstone::projections {

Result<Page, QueryError> past_list(eventstore::Store& store, const domain::AggregateType& aggregate,
                                   const ListQuery& query, Position as_of);

}  // namespace flowstone::projections
