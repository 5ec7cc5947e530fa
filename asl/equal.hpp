// Whether two JSON values are the same; the order of members does not matter.
#pragma once

#include "jsonata/value.hpp"

namespace flowstone::asl {

bool equal(const jsonata::Value& left, const jsonata::Value& right);

}  // namespace flowstone::asl
