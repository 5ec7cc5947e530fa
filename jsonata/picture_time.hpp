// Times by pictures of XPath's fn:format-dateTime: "[D1o] [MNn] [Y0001], [h]:[m01] [PN] [Z]".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jsonata/picture_integer.hpp"

namespace flowstone::jsonata {

// One [..] of a picture, or the text between two.
struct TimePart {
  std::string literal;  // where `component` is 0
  char component = 0;
  bool names = false;  // N, n, Nn: in words that are names
  LetterCase letter_case = LetterCase::lower;
  bool zulu = false;  // t behind a zone: "Z" for UTC
  IntegerPicture integer;
  std::optional<std::size_t> min_width, max_width;
  bool followed_by_digits = false;  // by another number, without text between
};

// Fails with D3132, D3133 or D3135.
std::vector<TimePart> parse_time_picture(std::string_view picture);

// Minutes east of Greenwich of "+0530", "-05:00", "0000", "Z". Fails with D3134.
int zone_of(std::string_view text);

std::string format_time(double millis, const std::vector<TimePart>& picture, int zone_minutes);
// Milliseconds since 1970; nothing where the text does not match. What is left open comes from `now`, from the largest
// part down. Fails with D3136.
std::optional<double> parse_time(std::string_view text, const std::vector<TimePart>& picture, double now_millis);

// ISO 8601, as far as ECMAScript reads it; without a zone it is UTC.
std::optional<double> parse_iso_time(std::string_view text);

inline constexpr std::string_view kIsoPicture = "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]";
inline constexpr double kMaxMillis = 8.64e15;

struct CivilTime {
  std::int64_t year = 1970;
  int month = 1, day = 1, hour = 0, minute = 0, second = 0, millisecond = 0;
};
std::int64_t days_of(std::int64_t year, std::int64_t month, std::int64_t day);  // since 1970; months and days overflow
CivilTime civil_of(double millis);
// Of the component's names, in order; nothing where it has none.
const std::vector<std::string>* names_of(char component);

}  // namespace flowstone::jsonata
