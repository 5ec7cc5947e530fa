// Why an expression could not be compiled or evaluated.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "jsonata/value.hpp"

namespace flowstone::jsonata {

inline constexpr std::uint32_t kNowhere = 0xFFFFFFFF;

// The codes are the language's own: S syntax, T type, D evaluation, U limits. docs/jsonata.md lists them.
struct Error {
  std::string code = {};
  std::string message = {};           // one sentence with what is known filled in
  std::uint32_t position = kNowhere;  // of the first code point of the token in the expression
  std::string token = {};             // the operator, function or text that failed
  std::string function_name = {};     // of built-in functions that name themselves in their message
  std::uint32_t index = 0;            // of the argument, from 1; 0 where there is none
  Value value = {};                   // what was refused
};

// The sentence of a code with {token}, {value}, {index} and the like filled in.
std::string sentence_of(const Error& error);

}  // namespace flowstone::jsonata
