// Entities and lists of them, as people read them.
#pragma once

#include <string>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "schemas/contract.hpp"

namespace flowstone::cli {

// A value in one line: texts bare, lists with commas, anything else as JSON.
std::string plain_text(const boost::json::value& value);
// One field a line; a list of objects below its name as a table, with times to the second and digests cut short.
void print_entity(const boost::json::value& entity);
// A table with these columns, but for those that are empty in every row. An empty list is said on stderr.
void print_rows(const schemas::Aggregate& aggregate, const std::vector<std::string>& columns,
                const boost::json::array& items);
// The same with the id and the columns by which one can filter and sort.
void print_entities(const schemas::Aggregate& aggregate, const boost::json::array& items);

}  // namespace flowstone::cli
