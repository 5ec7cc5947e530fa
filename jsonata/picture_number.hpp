// Numbers by pictures of XPath's fn:format-number: "#,##0.00;(#,##0.00)".
#pragma once

#include <string>
#include <string_view>

#include "jsonata/value.hpp"

namespace flowstone::jsonata {

// The characters that a picture gives a meaning to.
struct DecimalFormat {
  std::u32string decimal_separator = U".", grouping_separator = U",", exponent_separator = U"e", minus_sign = U"-",
                 percent = U"%", per_mille = U"‰", zero_digit = U"0", digit = U"#", pattern_separator = U";",
                 infinity = U"Infinity", not_a_number = U"NaN";

  // By the name of the option, as "grouping-separator". Others and values that are no text change nothing.
  void set(std::string_view name, const Value& value);
};

// Fails with D3080 to D3093.
// Limits: pictures of kMaxPictureBytes (picture_integer.hpp).
std::string format_number(double number, std::string_view picture, const DecimalFormat& format);

}  // namespace flowstone::jsonata
