// Compares histories as the README of the recordings says.
#pragma once

#include <string>

#include "jsonata/value.hpp"

namespace flowstone::asl {

// Empty where `made` is what was recorded, otherwise the first difference.
std::string difference(const jsonata::Value& recorded_case, const jsonata::Value& made);

// The recorded value may hold placeholders: `<...>` in a text stands for any text, "date" and "timestamp" for any time.
bool matches_recorded(const jsonata::Value& recorded, const jsonata::Value& made);

}  // namespace flowstone::asl
