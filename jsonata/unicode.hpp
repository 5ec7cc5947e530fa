// UTF-8 by code points. Surrogates that stand alone, which JSON can write, are kept as three bytes of their own.
#pragma once

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>

namespace flowstone::jsonata {

// The code point at byte `at`, which is moved behind it. Bytes that are none count as U+FFFD, one each.
char32_t next_code_point(std::string_view utf8, std::size_t& at);
void append_code_point(std::string& utf8, char32_t code_point);

std::size_t count_code_points(std::string_view utf8);
// The byte at which the code point number `index` begins; the end where there are fewer.
std::size_t byte_of_code_point(std::string_view utf8, std::size_t index);
std::u32string to_code_points(std::string_view utf8);
std::string to_utf8(std::u32string_view code_points);

// The order of UTF-16 code units, which the language inherits.
std::strong_ordering compare_text(std::string_view left, std::string_view right);

std::string to_upper(std::string_view utf8);
std::string to_lower(std::string_view utf8);

}  // namespace flowstone::jsonata
