// $match, $contains, $split, $replace: with text or with regular expressions.
#include <charconv>
#include <cmath>

#include "jsonata/evaluator.hpp"
#include "jsonata/failure.hpp"
#include "jsonata/meter.hpp"
#include "jsonata/sequence.hpp"
#include "jsonata/unicode.hpp"

namespace flowstone::jsonata {
namespace {

// The matches of a matcher in a text, one after the other: of a regular expression, or of the author's own function,
// which returns {match, start, end, groups, next}.
class Matches {
 public:
  Matches(Call& call, const Value& text, const Value& matcher) : call_(call), text_(text), matcher_(matcher) {
    if (const auto* regex = matcher_of(matcher)) regex_ = regex->regex;
  }

  // Nothing where there are no more.
  std::optional<Match> next() { return regex_ ? next_of_regex() : next_of_function(); }

 private:
  std::optional<Match> next_of_regex() {
    if (from_ > text_.text().size()) return std::nullopt;
    auto match = regex_->find(text_.text(), from_);
    if (!match) return std::nullopt;
    if (match->start == match->end) fail("D1004", {.value = Value::string(regex_->pattern())});
    from_ = match->end;
    return match;
  }

  std::optional<Match> next_of_function() {
    spend(1);
    const Value found = started_ ? call_.apply(matcher_, {}) : call_.apply(matcher_, {text_});
    started_ = true;
    if (found.is_undefined()) return std::nullopt;
    const Value* text = member(found, "match", Kind::string);
    const Value* start = member(found, "start", Kind::number);
    const Value* end = member(found, "end", Kind::number);
    const Value* groups = member(found, "groups", Kind::array);
    matcher_ = *member(found, "next", Kind::function);
    (void)text;
    Match match;
    match.start = byte_at(start->as_number());
    match.end = std::max(match.start, byte_at(end->as_number()));
    for (const auto& group : groups->items())
      match.groups.push_back(group.is_string() ? std::optional(group.text()) : std::nullopt);
    return match;
  }

  const Value* member(const Value& found, std::string_view name, Kind kind) const {
    const Value* value = found.is_object() ? found.find(name) : nullptr;
    if (value == nullptr || value->kind() != kind) fail("T1010", {.value = found});
    return value;
  }

  [[nodiscard]] std::size_t byte_at(double code_point) const {
    return byte_of_code_point(text_.text(), code_point > 0 ? static_cast<std::size_t>(std::min(code_point, 1e15)) : 0);
  }

  Call& call_;
  Value text_, matcher_;
  std::shared_ptr<const Regex> regex_;
  std::size_t from_ = 0;
  bool started_ = false;
};

double count_before(std::string_view text, std::size_t byte) {
  return static_cast<double>(count_code_points(text.substr(0, byte)));
}

Value strings(const std::vector<std::optional<std::string>>& texts) {
  std::vector<Value> items;
  for (const auto& text : texts) items.push_back(text ? Value::string(*text) : Value());
  return Value::array(std::move(items));
}

Value shown(const Match& match, const std::string& text, double index) {
  return Value::object({{"match", Value::string(text.substr(match.start, match.end - match.start))},
                        {"index", Value::number(index)},
                        {"groups", strings(match.groups)}});
}

Value with_places(const Match& match, const std::string& text) {
  const double start = count_before(text, match.start);
  const double length = count_before(std::string_view(text).substr(match.start), match.end - match.start);
  return Value::object({{"match", Value::string(text.substr(match.start, match.end - match.start))},
                        {"start", Value::number(start)},
                        {"end", Value::number(start + length)},
                        {"groups", strings(match.groups)}});
}

// How many there may be; fails with the code where negative.
double limit_of(const Value& limit, const char* code) {
  if (limit.is_undefined()) return INFINITY;
  if (limit.as_number() < 0) fail(code, {.value = limit, .index = 3});
  return std::floor(limit.as_number());
}

Value match(Call& call) {
  if (call[0].is_undefined()) return {};
  const double limit = limit_of(call[2], "D3040");
  const std::string& text = call[0].text();
  Matches matches(call, call[0], call[1]);
  std::vector<Value> found;
  std::size_t counted_to = 0;
  double index = 0;
  while (static_cast<double>(found.size()) < limit) {
    const auto next = matches.next();
    if (!next) break;
    index += count_before(std::string_view(text).substr(std::min(counted_to, next->start)),
                          next->start - std::min(counted_to, next->start));
    counted_to = next->start;
    found.push_back(shown(*next, text, index));
  }
  return make_sequence(std::move(found));
}

Value contains(Call& call) {
  if (call[0].is_undefined() || call[1].is_undefined()) return {};
  if (call[1].is_string()) {
    spend(call[0].text().size() / 64);
    return Value::boolean(call[0].text().find(call[1].text()) != std::string::npos);
  }
  return Value::boolean(Matches(call, call[0], call[1]).next().has_value());
}

std::vector<Value> split_at_text(const std::string& text, const std::string& separator, double limit) {
  std::vector<Value> parts;
  std::size_t from = 0;
  while (static_cast<double>(parts.size()) < limit) {
    spend(1);
    std::size_t found = text.find(separator, from);
    if (separator.empty()) {
      if (from == text.size()) break;
      found = from;
      next_code_point(text, found);
    }
    parts.push_back(Value::string(text.substr(from, found == std::string::npos ? found : found - from)));
    if (found == std::string::npos) break;
    from = found + separator.size();
  }
  return parts;
}

Value split(Call& call) {
  if (call[0].is_undefined() || call[1].is_undefined()) return {};
  const double limit = limit_of(call[2], "D3020");
  const std::string& text = call[0].text();
  if (call[1].is_string()) return Value::array(split_at_text(text, call[1].text(), limit));
  Matches matches(call, call[0], call[1]);
  std::vector<Value> parts;
  std::size_t from = 0;
  while (static_cast<double>(parts.size()) < limit) {
    const auto next = matches.next();
    const std::size_t end = next ? std::max(from, next->start) : text.size();
    parts.push_back(Value::string(text.substr(from, end - from)));
    if (!next) break;
    from = std::max(end, next->end);
  }
  return Value::array(std::move(parts));
}

// "$1" and the like in what $replace puts in; as many digits belong to the number as there could be groups.
std::string filled_in(const std::string& pattern, const Match& match, const std::string& text) {
  std::string result;
  const std::size_t groups = match.groups.size();
  const std::size_t max_digits = groups == 0 ? 1 : std::to_string(groups).size();
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    if (pattern[at] != '$') {
      result.push_back(pattern[at]);
      continue;
    }
    if (at + 1 < pattern.size() && pattern[at + 1] == '$') {
      result.push_back(pattern[++at]);
      continue;
    }
    std::size_t digits = 0;
    while (digits < max_digits && at + 1 + digits < pattern.size() &&
           std::isdigit(static_cast<unsigned char>(pattern[at + 1 + digits])) != 0)
      ++digits;
    std::size_t group = 0;
    const auto read = [&] { std::from_chars(&pattern[at + 1], &pattern[at + 1] + digits, group); };
    if (digits == 0) {
      result.push_back('$');
      continue;
    }
    read();
    if (digits > 1 && group > groups) {
      --digits;
      read();
    }
    if (group == 0) result += text.substr(match.start, match.end - match.start);
    if (group > 0 && group <= groups) result += match.groups[group - 1].value_or("");
    at += digits;
  }
  return result;
}

Value replaced_text(const std::string& text, const Value& pattern, const Value& replacement, double limit) {
  const std::string& wanted = pattern.text();
  if (wanted.empty()) fail("D3010", {.value = pattern, .index = 2});
  std::string result;
  std::size_t from = 0;
  for (double count = 0; count < limit; ++count) {
    const auto found = text.find(wanted, from);
    if (found == std::string::npos) break;
    spend(1);
    result.append(text, from, found - from).append(replacement.text());
    admit(result.size());
    from = found + wanted.size();
  }
  return Value::string(result.append(text, from));
}

Value replace(Call& call) {
  if (call[0].is_undefined() || call[1].is_undefined() || call[2].is_undefined()) {
    if (call[0].is_undefined()) return {};
    fail("T0410", {.value = {}, .index = call[1].is_undefined() ? 2U : 3U});
  }
  const double limit = limit_of(call[3], "D3011");
  const std::string& text = call[0].text();
  if (call[1].is_string()) {
    if (!call[2].is_string()) fail("D3012", {.value = call[2], .index = 3});
    return replaced_text(text, call[1], call[2], limit);
  }
  Matches matches(call, call[0], call[1]);
  std::string result;
  std::size_t from = 0;
  for (double count = 0; count < limit; ++count) {
    const auto next = matches.next();
    if (!next) break;
    if (next->start > from) result.append(text, from, next->start - from);
    if (call[2].is_string()) {
      result += filled_in(call[2].text(), *next, text);
    } else {
      const Value made = call.apply(call[2], {with_places(*next, text)});
      if (!made.is_string()) fail("D3012", {.value = made});
      result += made.text();
    }
    admit(result.size());
    from = std::max(from, next->end);
  }
  return Value::string(result.append(text, from));
}

}  // namespace

Value match_object(const std::shared_ptr<const Regex>& regex, const Value& text, std::size_t from) {
  if (!text.is_string() || from > text.text().size()) return {};
  const auto match = regex->find(text.text(), from);
  if (!match) return {};
  if (match->start == match->end) fail("D1004", {.value = Value::string(regex->pattern())});
  std::vector<Member> members = with_places(*match, text.text()).members();
  members.push_back({"next", make_function(NextMatch{regex, text, match->end})});
  return Value::object(std::move(members));
}

void add_matching_functions(std::vector<BuiltIn>& all) {
  all.insert(all.end(), {
                            {"match", "<s-f<s:o>n?:a<o>>", 3, match},
                            {"contains", "<s-(sf):b>", 2, contains},
                            {"split", "<s-(sf)n?:a<s>>", 3, split},
                            {"replace", "<s-(sf)(sf)n?:s>", 4, replace},
                        });
}

}  // namespace flowstone::jsonata
