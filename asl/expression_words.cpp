#include "asl/expression_words.hpp"

#include <algorithm>
#include <string_view>

#include "jsonata/json_text.hpp"

namespace flowstone::asl {
namespace {

struct Words {
  std::string_view code, text;
};

constexpr std::size_t kMaxShown = 1'000;  // bytes of a value in a sentence

constexpr Words kWords[] = {
    {"T0410", "Argument {index} of function \"{token}\" does not match function signature"},
    {"T0411", "Context value is not a compatible type with argument {index} of function \"{token}\""},
    {"D1001", "Number out of range: {value}"},
    {"D1002", "Cannot negate a non-numeric value: {value}"},
    {"T1003", "Key in object structure must evaluate to a string; got: {value}"},
    {"D1004", "Regular expression matches zero length string"},
    {"T1005", "Attempted to invoke a non-function. Did you mean ${token}?"},
    {"T1006", "Attempted to invoke a non-function"},
    {"T1007", "Attempted to partially apply a non-function. Did you mean ${token}?"},
    {"T1008", "Attempted to partially apply a non-function"},
    {"D1009", "Multiple key definitions evaluate to same key: {value}"},
    {"T2001", "The left side of the \"{token}\" operator must evaluate to a number"},
    {"T2002", "The right side of the \"{token}\" operator must evaluate to a number"},
    {"T2003", "The left side of the range operator (..) must evaluate to an integer"},
    {"T2004", "The right side of the range operator (..) must evaluate to an integer"},
    {"T2006", "The right side of the function application operator ~> must be a function"},
    {"T2008", "The expressions within an order-by clause must evaluate to numeric or string values"},
    {"T2010", "The expressions either side of operator \"{token}\" must evaluate to numeric or string values"},
    {"D3010", "Second argument of replace function cannot be an empty string"},
    {"D3011", "Fourth argument of replace function must evaluate to a positive number"},
    {"D3012", "Attempted to replace a matched string with a non-string value"},
    {"D3020", "Third argument of split function must evaluate to a positive number"},
    {"D3030", "Unable to cast value to a number: {value}"},
    {"D3040", "Third argument of match function must evaluate to a positive number"},
    {"D3060", "The sqrt function cannot be applied to a negative number: {value}"},
    {"D3138", "The $single() function expected exactly 1 matching result.  Instead it matched more."},
    {"D3139", "The $single() function expected exactly 1 matching result.  Instead it matched 0."},
};

void put(std::string& text, std::string_view place, const std::string& what) {
  if (const auto at = text.find(place); at != std::string::npos) text.replace(at, place.size(), what);
}

}  // namespace

std::string usual_words(const jsonata::Error& error) {
  const auto* found = std::ranges::find(kWords, error.code, &Words::code);
  if (found == std::end(kWords)) return error.message;
  std::string text(found->text);
  put(text, "{index}", std::to_string(error.index));
  put(text, "{token}", error.token);
  if (text.ends_with("{value}")) put(text, "{value}", jsonata::write_json(error.value, kMaxShown).value_or("..."));
  return text;
}

}  // namespace flowstone::asl
