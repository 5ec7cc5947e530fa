// Entities and lists of them, as people read them.
#pragma once

#include <string>

#include <boost/json/value.hpp>

#include "schemas/contract.hpp"

namespace flowstone::cli {

// A value in one line: texts bare, lists with commas, anything else as JSON.
std::string plain_text(const boost::json::value& value);
// One field a line.
void print_entity(const boost::json::value& entity);
// A table with the id and the columns by which one can filter and sort.
void print_entities(const schemas::Aggregate& aggregate, const boost::json::array& items);

}  // namespace flowstone::cli
