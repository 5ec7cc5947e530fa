#include "jsonata/error.hpp"

#include <algorithm>

#include "jsonata/failure.hpp"
#include "jsonata/json_text.hpp"

namespace flowstone::jsonata {
namespace {

struct Sentence {
  std::string_view code, text;
};

constexpr std::size_t kMaxShown = 200;  // bytes of a value in a sentence

constexpr Sentence kSentences[] = {
    {"S0101", "the string does not end"},
    {"S0102", "the number {token} is too large"},
    {"S0103", "there is no escape \\{token}"},
    {"S0104", "\\u wants four hexadecimal digits"},
    {"S0105", "the name in backticks does not end"},
    {"S0106", "the comment does not end"},
    {"S0201", "nothing can follow here, but {token} does"},
    {"S0202", "{value} was expected, not {token}"},
    {"S0203", "{value} was expected before the end"},
    {"S0204", "there is no operator {token}"},
    {"S0205", "{token} was not expected"},
    {"S0206", "{token} is no expression"},
    {"S0207", "the expression ends where an operand was expected"},
    {"S0208", "a parameter of a function is a variable, which {token} is not"},
    {"S0209", "a predicate cannot follow a grouping"},
    {"S0210", "a step can have one grouping only"},
    {"S0211", "{token} cannot begin an operand"},
    {"S0212", "only a $variable can stand left of :="},
    {"S0213", "the literal {token} cannot be a step of a path"},
    {"S0214", "a $variable must follow {token}"},
    {"S0215", "@ must come before the predicates of its step"},
    {"S0216", "@ must come before the order-by of its path"},
    {"S0217", "% has no parent here"},
    {"S0301", "the regular expression is empty"},
    {"S0302", "the regular expression does not end"},
    {"S0303", "the regular expression cannot be used: {token}"},
    {"S0401", "in the signature {token}, only arrays and functions can have <...>"},
    {"S0402", "the signature {token} has a choice with <...>, or is too long"},
    {"S0500", "the expression is too long or nests too deeply"},
    {"S0501", "the expression is not UTF-8"},
    {"T0410", "argument {index} of {token} has a type that it does not take"},
    {"T0411", "the context has a type that argument {index} of {token} does not take"},
    {"T0412", "argument {index} of {token} must be an array with items of one type"},
    {"T1003", "a key of an object must be a string, not {value}"},
    {"T1005", "{token} is no function; did you mean ${token}?"},
    {"T1006", "{token} is no function"},
    {"T1007", "{token} is no function to fill in partly; did you mean ${token}?"},
    {"T1008", "{token} is no function to fill in partly"},
    {"T1010", "the function given as a matcher does not return a match"},
    {"T2001", "the left side of {token} must be a number, not {value}"},
    {"T2002", "the right side of {token} must be a number, not {value}"},
    {"T2003", "a range must begin with a whole number, not {value}"},
    {"T2004", "a range must end with a whole number, not {value}"},
    {"T2006", "the right side of ~> must be a function"},
    {"T2007", "order-by cannot compare strings with numbers"},
    {"T2008", "order-by compares strings or numbers, not {value}"},
    {"T2009", "{token} compares two numbers or two strings"},
    {"T2010", "{token} compares numbers or strings, not {value}"},
    {"T2011", "the update of a transform must be an object, not {value}"},
    {"T2012", "the deletion of a transform must be a string or strings, not {value}"},
    {"D1001", "the number {value} is out of range"},
    {"D1002", "only a number can be negated, not {value}"},
    {"D1004", "the regular expression matches the empty string"},
    {"D1009", "two keys of the object are both {value}"},
    {"D2014", "a range of {value} items is too long; 10,000,000 is the most"},
    {"D2015", "arrays and objects nest too deeply"},
    {"D3001", "the number {value} is not finite and has no text"},
    {"D3010", "what $replace looks for cannot be the empty string"},
    {"D3011", "the limit of $replace cannot be negative"},
    {"D3012", "the function given to $replace must return a string"},
    {"D3020", "the limit of $split cannot be negative"},
    {"D3030", "{value} cannot be read as a number"},
    {"D3040", "the limit of $match cannot be negative"},
    {"D3050", "the function given to $reduce must take two arguments or more"},
    {"D3060", "$sqrt of the negative number {value}"},
    {"D3061", "the power is out of range, base {value}"},
    {"D3070", "without a function $sort takes strings only, or numbers only"},
    {"D3080", "the picture of $formatNumber has more than one separator of sub-pictures"},
    {"D3081", "a sub-picture has more than one decimal separator"},
    {"D3082", "a sub-picture has more than one percent sign"},
    {"D3083", "a sub-picture has more than one per-mille sign"},
    {"D3084", "a sub-picture has both a percent and a per-mille sign"},
    {"D3085", "a sub-picture has no digit in its mantissa"},
    {"D3086", "a sub-picture has other characters between its digits"},
    {"D3087", "a sub-picture has a grouping separator beside the decimal separator"},
    {"D3088", "the whole part of a sub-picture ends with a grouping separator"},
    {"D3089", "a sub-picture has two grouping separators in a row"},
    {"D3090", "the whole part of a sub-picture has an optional digit behind a mandatory one"},
    {"D3091", "the fraction of a sub-picture has a mandatory digit behind an optional one"},
    {"D3092", "a sub-picture has an exponent and a percent or per-mille sign"},
    {"D3093", "the exponent of a sub-picture is not made of mandatory digits alone"},
    {"D3100", "the base of $formatBase must be from 2 to 36, not {value}"},
    {"D3110", "{value} is no ISO 8601 time"},
    {"D3120", "the text given to $eval does not compile: {value}"},
    {"D3121", "the text given to $eval could not be evaluated: {value}"},
    {"D3130", "integers cannot be written with the picture {value}"},
    {"D3131", "the digits of a picture must come from one script"},
    {"D3132", "times have no component {value}"},
    {"D3133", "the component {value} has no names"},
    {"D3134", "a time zone has four digits at most in a picture"},
    {"D3135", "a marker of the picture does not end with ]"},
    {"D3136", "the picture leaves parts of the time open, or does not name a day of a year"},
    {"D3137", "$error() function evaluated"},
    {"D3138", "$single found more than one"},
    {"D3139", "$single found none"},
    {"D3140", "Malformed URL passed to ${function}(): {value}"},
    {"D3141", "$assert() was given something false"},
    {"D3142", "$base64encode takes characters up to U+00FF"},
    {"D3143", "{value} is not base64"},
    {"D3144", "no source of randomness was given to this evaluation"},
};

std::string shown(const Value& value) {
  auto text = write_json(value, 1U << 16U);
  if (!text) return "a large value";
  if (value.is_undefined()) return "nothing";
  if (value.is_function()) return "a function";
  if (text->size() <= kMaxShown) return *std::move(text);
  text->resize(kMaxShown);
  while (!text->empty() && (static_cast<unsigned char>(text->back()) & 0x80U) != 0) text->pop_back();
  return *text + "...";
}

std::string word_for(std::string_view name, const Error& error) {
  if (name == "token") return error.token.empty() ? "this" : error.token;
  if (name == "index") return std::to_string(error.index);
  if (name == "function") return error.function_name;
  const bool plain = error.code.starts_with("S") && error.value.is_string();
  return plain ? error.value.text() : shown(error.value);
}

}  // namespace

std::string sentence_of(const Error& error) {
  const auto* found = std::ranges::find(kSentences, std::string_view(error.code), &Sentence::code);
  if (found == std::ranges::end(kSentences)) return "the expression failed";
  std::string sentence;
  for (std::size_t at = 0; at < found->text.size(); ++at) {
    const auto end = found->text[at] == '{' ? found->text.find('}', at) : std::string_view::npos;
    if (end == std::string_view::npos) {
      sentence.push_back(found->text[at]);
    } else {
      sentence += word_for(found->text.substr(at + 1, end - at - 1), error);
      at = end;
    }
  }
  return sentence;
}

Failure failure_of(std::string_view code, Details details) {
  return {{.code = std::string(code),
           .message = {},
           .position = details.position,
           .token = std::move(details.token),
           .function_name = std::move(details.function_name),
           .index = details.index,
           .value = std::move(details.value)}};
}

void fail(std::string_view code, Details details) { throw failure_of(code, std::move(details)); }

void fail_with(std::string_view code, std::string message) {
  Error error;
  error.code = code;
  error.message = std::move(message);
  throw Failure{std::move(error)};
}

void fail_budget(std::string_view what) {
  Error error;
  error.code = "U1001";
  error.message = "the evaluation needs " + std::string(what);
  throw Failure{std::move(error)};
}

}  // namespace flowstone::jsonata
