// One text for values that are the same, whatever the order of their members: RFC 8785.
#pragma once

#include <string>

#include "jsonata/value.hpp"

namespace flowstone::workflows {

std::string canonical_json(const jsonata::Value& value);

}  // namespace flowstone::workflows
