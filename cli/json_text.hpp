// JSON for people and machines to read, in one line.
#pragma once

#include <string>

#include <boost/json/value.hpp>

namespace flowstone::cli {

// Numbers as people write them, 12.5 and 0, where Boost.JSON's own text has 1.25E1 and 0E0.
std::string json_text(const boost::json::value& value);

}  // namespace flowstone::cli
