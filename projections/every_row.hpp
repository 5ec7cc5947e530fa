// All the rows of an aggregate that have certain values, page by page.
#pragma once

#include <functional>
#include <initializer_list>
#include <string_view>

#include "base/result.hpp"
#include "projections/catalog.hpp"

namespace flowstone::projections {

struct Having {
  std::string_view field;  // with `index`
  std::string_view value;  // as a query writes it
};

// Calls `take` with each row that has all the values, in the order of ids. A row that changes meanwhile is seen before
// or after the change. The error is the catalog's. Cost: the rows that have them.
Result<void, std::string> for_each_row(Catalog& catalog, std::string_view workspace, std::string_view aggregate,
                                       std::initializer_list<Having> values,
                                       const std::function<void(const Row&)>& take);

}  // namespace flowstone::projections
