#include "jsonata/picture_integer.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "jsonata/failure.hpp"
#include "jsonata/number_text.hpp"
#include "jsonata/unicode.hpp"

namespace flowstone::jsonata {
namespace {

// The digit zero of each script that writes decimal numbers in the basic plane.
constexpr std::array<char32_t, 37> kZeros{
    0x30,   0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66,
    0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50,
    0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10};

struct Numeral {
  std::string_view letters;
  unsigned value;
};
constexpr std::array<Numeral, 13> kRoman{{{"m", 1000},
                                          {"cm", 900},
                                          {"d", 500},
                                          {"cd", 400},
                                          {"c", 100},
                                          {"xc", 90},
                                          {"l", 50},
                                          {"xl", 40},
                                          {"x", 10},
                                          {"ix", 9},
                                          {"v", 5},
                                          {"iv", 4},
                                          {"i", 1}}};
constexpr double kMaxRoman = 1e6;  // a thousand M

[[noreturn]] void refuse(std::string_view picture) { fail("D3130", {.value = Value::string(std::string(picture))}); }

void read_digits(IntegerPicture& made, std::u32string_view picture, std::string_view text) {
  char32_t family = 0;
  std::size_t position = 0;
  for (std::size_t at = picture.size(); at-- > 0;) {
    const char32_t c = picture[at];
    if (c == U'#') {
      ++made.optional;
      ++position;
    } else if (const char32_t zero = zero_of(c); zero != 0) {
      if (family != 0 && zero != family) fail("D3131");
      family = zero;
      ++made.mandatory;
      ++position;
    } else {
      made.separators.emplace_back(position, c);
    }
  }
  if (made.mandatory == 0) refuse(text);
  made.zero = family;
}

// Separators of one kind at multiples of one distance go on for ever.
void find_regularity(IntegerPicture& made) {
  const auto& separators = made.separators;
  if (separators.empty()) return;
  std::size_t distance = 0;
  for (const auto& [position, character] : separators) {
    if (character != separators.front().second) return;
    distance = std::gcd(distance, position);
  }
  for (std::size_t at = 0; at < separators.size(); ++at) {
    if (separators[at].first != (at + 1) * distance) return;
  }
  made.regular = distance;
}

std::string with_separators(std::u32string digits, const IntegerPicture& picture) {
  const auto insert = [&](std::size_t from_right, char32_t character) {
    if (from_right > 0 && from_right < digits.size()) digits.insert(digits.size() - from_right, 1, character);
  };
  if (picture.regular > 0) {
    const std::size_t count = (digits.size() - 1) / picture.regular;
    for (std::size_t at = count; at > 0; --at)
      digits.insert(digits.size() - at * picture.regular, 1, picture.separators.front().second);
    // Inserted from the left, so that what is counted from the right stays where it is.
  } else {
    for (auto separator = picture.separators.rbegin(); separator != picture.separators.rend(); ++separator)
      insert(separator->first, separator->second);
  }
  return to_utf8(digits);
}

std::string ordinal_suffix(std::string_view digits) {
  const char last = digits.back();
  const bool teen = digits.size() > 1 && digits[digits.size() - 2] == '1';
  if (teen || last > '3' || last == '0') return "th";
  return last == '1' ? "st" : last == '2' ? "nd" : "rd";
}

std::string in_decimal(double number, const IntegerPicture& picture) {
  std::string digits = whole_in_base(number, 10);
  if (digits.size() < picture.mandatory) digits.insert(0, picture.mandatory - digits.size(), '0');
  std::u32string own;
  for (const char c : digits) own.push_back(picture.zero + static_cast<char32_t>(c - '0'));
  return with_separators(std::move(own), picture) + (picture.ordinal ? ordinal_suffix(digits) : "");
}

std::string in_roman(double number) {
  std::string letters;
  auto rest = static_cast<unsigned>(std::min(number, kMaxRoman));
  for (const auto& numeral : kRoman) {
    for (; rest >= numeral.value; rest -= numeral.value) letters += numeral.letters;
  }
  return letters;
}

// 1 is a, 26 is z, 27 is aa.
std::string in_letters(double number) {
  std::string reversed;
  for (; number >= 1; number = std::floor((number - 1) / 26))
    reversed.push_back(static_cast<char>('a' + static_cast<int>(std::fmod(number - 1, 26))));
  std::ranges::reverse(reversed);
  return reversed;
}

double of_roman(std::string_view letters) {
  double total = 0;
  for (const auto& numeral : kRoman) {
    while (letters.starts_with(numeral.letters)) {
      total += numeral.value;
      letters.remove_prefix(numeral.letters.size());
    }
  }
  return letters.empty() ? total : NAN;
}

double of_letters(std::string_view letters) {
  double total = 0;
  for (const char c : letters) {
    if (c < 'a' || c > 'z') return NAN;
    total = total * 26 + (c - 'a' + 1);
  }
  return total;
}

double of_decimal(std::string_view text, const IntegerPicture& picture) {
  std::string digits;
  for (const char32_t c : to_code_points(text)) {
    if (c >= picture.zero && c < picture.zero + 10) {
      digits.push_back(static_cast<char>('0' + (c - picture.zero)));
    } else if (c == U'-' && digits.empty()) {
      digits.push_back('-');
    } else if (std::ranges::find(picture.separators, c, [](const auto& s) { return s.second; }) ==
               picture.separators.end()) {
      break;  // an ordinal's suffix
    }
  }
  return parse_decimal(digits).value_or(NAN);
}

}  // namespace

char32_t zero_of(char32_t digit) {
  for (const char32_t zero : kZeros) {
    if (digit >= zero && digit < zero + 10) return zero;
  }
  return 0;
}

IntegerPicture IntegerPicture::parse(std::string_view picture) {
  if (picture.size() > kMaxPictureBytes) refuse(picture.substr(0, 20));
  IntegerPicture made;
  std::string_view primary = picture;
  if (const auto semicolon = picture.rfind(';'); semicolon != std::string_view::npos) {
    primary = picture.substr(0, semicolon);
    made.ordinal = picture.substr(semicolon + 1).starts_with('o');
  }
  if (primary == "A" || primary == "a") {
    made.style = Style::letters;
  } else if (primary == "I" || primary == "i") {
    made.style = Style::roman;
  } else if (primary == "W" || primary == "w" || primary == "Ww") {
    made.style = Style::words;
  } else {
    read_digits(made, to_code_points(primary), picture);
    find_regularity(made);
    return made;
  }
  made.letter_case = primary == "Ww" ? LetterCase::title : primary[0] < 'a' ? LetterCase::upper : LetterCase::lower;
  return made;
}

std::string format_integer(double number, const IntegerPicture& picture) {
  if (!std::isfinite(number)) return number_text(number);
  const double floor = std::floor(number);
  const double whole = std::abs(floor);
  std::string text;
  switch (picture.style) {
    case IntegerPicture::Style::decimal:
      text = in_decimal(whole, picture);
      break;
    case IntegerPicture::Style::words:
      text = number_in_words(whole, picture.ordinal, picture.letter_case);
      break;
    case IntegerPicture::Style::letters:
    case IntegerPicture::Style::roman:
      text = picture.style == IntegerPicture::Style::roman ? in_roman(whole) : in_letters(whole);
      if (picture.letter_case == LetterCase::upper) text = to_upper(text);
      break;
  }
  return floor < 0 ? "-" + text : text;
}

double parse_integer(std::string_view text, const IntegerPicture& picture) {
  switch (picture.style) {
    case IntegerPicture::Style::letters:
      return of_letters(to_lower(text));
    case IntegerPicture::Style::roman:
      return of_roman(to_lower(text));
    case IntegerPicture::Style::words:
      return number_of_words(text);
    case IntegerPicture::Style::decimal:
      return of_decimal(text, picture);
  }
  return NAN;
}

}  // namespace flowstone::jsonata
