// Numbers in English words.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "jsonata/meter.hpp"
#include "jsonata/picture_integer.hpp"
#include "jsonata/unicode.hpp"

namespace flowstone::jsonata {
namespace {

constexpr std::array<std::string_view, 20> kSmall{
    "zero", "one",    "two",    "three",    "four",     "five",    "six",     "seven",     "eight",    "nine",
    "ten",  "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
constexpr std::array<std::string_view, 20> kSmallOrdinal{
    "zeroth",     "first",     "second",    "third",       "fourth",     "fifth",     "sixth",
    "seventh",    "eighth",    "ninth",     "tenth",       "eleventh",   "twelfth",   "thirteenth",
    "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth"};
constexpr std::array<std::string_view, 8> kTens{"twenty", "thirty",  "forty",  "fifty",
                                                "sixty",  "seventy", "eighty", "ninety"};
struct Magnitude {
  std::string_view word;
  double value;
};
constexpr std::array<Magnitude, 4> kMagnitudes{
    {{"trillion", 1e12}, {"billion", 1e9}, {"million", 1e6}, {"thousand", 1e3}}};

std::string below_hundred(unsigned number, bool ordinal) {
  if (number < 20) return std::string(ordinal ? kSmallOrdinal[number] : kSmall[number]);
  std::string tens(kTens[number / 10 - 2]);
  if (number % 10 != 0) return tens + "-" + below_hundred(number % 10, ordinal);
  return ordinal ? tens.substr(0, tens.size() - 1) + "ieth" : tens;
}

std::string below_thousand(unsigned number, bool ordinal) {
  if (number < 100) return below_hundred(number, ordinal);
  std::string words = std::string(kSmall[number / 100]) + " hundred";
  if (number % 100 != 0) return words + " and " + below_hundred(number % 100, ordinal);
  return ordinal ? words + "th" : words;
}

std::string in_words(double number, bool ordinal) {
  if (number < 1000) return below_thousand(static_cast<unsigned>(number), ordinal);
  const auto& magnitude = *std::ranges::find_if(kMagnitudes, [&](const Magnitude& m) { return number >= m.value; });
  const double count = std::floor(number / magnitude.value);
  const double rest = number - count * magnitude.value;
  std::string words = in_words(count, false) + " " + std::string(magnitude.word);
  if (rest > 0) return words + (rest < 100 ? " and " : ", ") + in_words(rest, ordinal);
  return ordinal ? words + "th" : words;
}

std::string title(std::string words) {
  bool first = true;
  for (std::size_t at = 0; at < words.size(); ++at) {
    const bool is_and = words.compare(at, 4, "and ") == 0;
    if (first && !is_and && words[at] >= 'a' && words[at] <= 'z') words[at] = static_cast<char>(words[at] - 'a' + 'A');
    first = words[at] == ' ' || words[at] == '-';
  }
  return words;
}

const std::map<std::string, double, std::less<>>& values() {
  static const std::map<std::string, double, std::less<>> kValues = [] {
    std::map<std::string, double, std::less<>> values;
    for (std::size_t at = 0; at < kSmall.size(); ++at) {
      values.emplace(kSmall[at], at);
      values.emplace(kSmallOrdinal[at], at);
    }
    for (std::size_t at = 0; at < kTens.size(); ++at) {
      const std::string tens(kTens[at]);
      values.emplace(tens, 20 + 10 * at);
      values.emplace(tens.substr(0, tens.size() - 1) + "ieth", 20 + 10 * at);
    }
    values.emplace("hundred", 100);
    values.emplace("hundredth", 100);
    for (const auto& magnitude : kMagnitudes) {
      values.emplace(magnitude.word, magnitude.value);
      values.emplace(std::string(magnitude.word) + "th", magnitude.value);
    }
    return values;
  }();
  return kValues;
}

}  // namespace

std::string number_in_words(double number, bool ordinal, LetterCase letter_case) {
  std::string words = in_words(number, ordinal);
  if (letter_case == LetterCase::upper) return to_upper(words);
  return letter_case == LetterCase::title ? title(std::move(words)) : words;
}

double number_of_words(std::string_view words) {
  // Sums of what stands before a magnitude are multiplied by it; parts add up.
  std::vector<double> parts{0};
  const std::string lower = to_lower(words);
  for (std::size_t at = 0; at < lower.size();) {
    const auto end = std::min(lower.find_first_of(" ,-", at), lower.size());
    const auto word = std::string_view(lower).substr(at, end - at);
    at = end + 1;
    if (word.empty() || word == "and") continue;
    const auto value = values().find(word);
    if (value == values().end()) return NAN;
    if (value->second >= 100) {
      parts.back() *= value->second;
    } else if (parts.back() >= 1000) {
      parts.push_back(value->second);
    } else {
      parts.back() += value->second;
    }
  }
  double total = 0;
  for (const double part : parts) total += part;
  return total;
}

std::vector<std::string> words_of_numbers() {
  std::vector<std::string> words;
  for (const auto& [word, value] : values()) words.push_back(word);
  return words;
}

}  // namespace flowstone::jsonata
