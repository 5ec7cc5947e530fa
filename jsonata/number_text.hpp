// Numbers as text, as JavaScript writes them: the shortest digits that read back the same.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flowstone::jsonata {

// "0.000001", "1e-7", "100000000000000000000", "1e+21"; "NaN", "Infinity", "-Infinity".
std::string number_text(double number);

// Rounded to 15 significant digits unless it is a whole number: how the language turns numbers into strings.
double to_precision_15(double number);

// The whole text as a decimal number with optional fraction and exponent; nothing if it is none or overflows.
std::optional<double> parse_decimal(std::string_view text);

// A whole number in base 2 to 36, exact at any size.
std::string whole_in_base(double number, unsigned base);

// digits * 10^exponent, where the decimal digits are those of `number`'s shortest text.
double shifted(double number, int places);

}  // namespace flowstone::jsonata
