// Errors of expressions in the words of the language's reference implementation, which people look for.
#pragma once

#include <string>

#include "jsonata/error.hpp"

namespace flowstone::asl {

// Our own sentence where there are no usual words, or where they say less.
std::string usual_words(const jsonata::Error& error);

}  // namespace flowstone::asl
