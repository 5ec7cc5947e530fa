// Whole numbers by pictures of XPath's fn:format-integer: "#,##0", "I", "a", "Ww;o".
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flowstone::jsonata {

inline constexpr std::size_t kMaxPictureBytes = 1000;

enum class LetterCase : unsigned char { lower, upper, title };

struct IntegerPicture {
  enum class Style : unsigned char { decimal, letters, roman, words };

  Style style = Style::decimal;
  LetterCase letter_case = LetterCase::lower;
  bool ordinal = false;
  // of decimal digits
  char32_t zero = U'0';
  std::size_t mandatory = 0, optional = 0;
  std::vector<std::pair<std::size_t, char32_t>> separators;  // how many digits stand right of each, and the character
  std::size_t regular = 0;                                   // digits between separators that repeat; 0: they do not

  // Fails with D3130 or D3131.
  // Limits: kMaxPictureBytes.
  static IntegerPicture parse(std::string_view picture);
};

// The number rounded down.
std::string format_integer(double number, const IntegerPicture& picture);
// NaN where the text is no such number.
double parse_integer(std::string_view text, const IntegerPicture& picture);

// "one thousand, nine hundred and eighty-four"; ordinal "... eighty-fourth".
std::string number_in_words(double number, bool ordinal, LetterCase letter_case);
double number_of_words(std::string_view words);
// Every word that numbers are made of.
std::vector<std::string> words_of_numbers();

// What stands for 0 in the family of the digit; 0 if it is none.
char32_t zero_of(char32_t digit);

}  // namespace flowstone::jsonata
