#include "api/header_values.hpp"

#include <algorithm>
#include <charconv>

namespace flowstone::api {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string lower(std::string_view text) {
  std::string folded(text);
  for (char& c : folded) c = lower(c);
  return folded;
}

bool equal_folded(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, [](char a, char b) { return lower(a) == lower(b); });
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool is_lower_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_token_char(char c) {
  if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return true;
  return std::string_view("!#$%&'*+-.^_`|~:/=").find(c) != std::string_view::npos;
}

// Reads one opaque tag with its quotes off the front of `text`.
std::optional<std::string_view> take_quoted_tag(std::string_view& text) {
  if (!text.starts_with('"')) return std::nullopt;
  const std::size_t end = text.find('"', 1);
  if (end == std::string_view::npos) return std::nullopt;
  const auto tag = text.substr(1, end - 1);
  const bool valid = std::ranges::all_of(tag, [](char c) { return c == '!' || (c >= '#' && c != 0x7f) || c < 0; });
  if (!valid) return std::nullopt;
  text.remove_prefix(end + 1);
  return tag;
}

int parse_quality(std::string_view parameter) {
  const auto value = trim(parameter);
  if (value.empty() || (value[0] != '0' && value[0] != '1')) return 1000;
  int thousandths = (value[0] - '0') * 1000;
  if (value.size() > 2 && value[1] == '.') {
    int unit = 100;
    for (const char c : value.substr(2, 3)) {
      if (c < '0' || c > '9') return 1000;
      thousandths += (c - '0') * unit;
      unit /= 10;
    }
  }
  return std::min(thousandths, 1000);
}

// How closely the range names the type: 0 not at all, 1 by */*, 2 by its group, 3 exactly.
int closeness(std::string_view range, std::string_view type) {
  if (range == type) return 3;
  if (range == "*/*") return 1;
  if (range.ends_with("/*") && type.starts_with(range.substr(0, range.size() - 1))) return 2;
  return 0;
}

int quality_of(const std::vector<MediaRange>& ranges, std::string_view type) {
  int best = 0;
  int quality = 0;
  for (const MediaRange& range : ranges) {
    const int close = closeness(range.type, type);
    if (close > best) {
      best = close;
      quality = range.quality;
    }
  }
  return quality;
}

}  // namespace

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

std::vector<std::string_view> split_list(std::string_view list, char separator) {
  std::vector<std::string_view> items;
  while (!list.empty()) {
    const std::size_t end = list.find(separator);
    const auto item = trim(list.substr(0, end));
    if (!item.empty()) items.push_back(item);
    if (end == std::string_view::npos) break;
    list.remove_prefix(end + 1);
  }
  return items;
}

bool has_token(std::string_view list, std::string_view token) {
  const auto items = split_list(list);
  return std::ranges::any_of(items, [token](std::string_view item) { return equal_folded(item, token); });
}

Result<EntityTags, Refusal> parse_entity_tags(std::string_view text, bool weak_allowed) {
  EntityTags tags;
  text = trim(text);
  if (text == "*") {
    tags.any = true;
    return tags;
  }
  const Refusal refusal = "must be `*` or entity tags such as \"5\", with their quotes";
  if (text.empty()) return failure(refusal);
  while (!text.empty()) {
    const bool weak = text.starts_with("W/");
    if (weak) text.remove_prefix(2);
    const auto tag = take_quoted_tag(text);
    if (!tag) return failure(refusal);
    const auto revision = parse_number(*tag);
    if (revision && (!weak || weak_allowed)) tags.revisions.push_back({*revision});
    text = trim(text);
    if (text.empty()) break;
    if (!text.starts_with(',')) return failure(refusal);
    text = trim(text.substr(1));
  }
  return tags;
}

Result<std::string, Refusal> parse_idempotency_key(std::string_view text) {
  constexpr std::size_t kLongest = 255;
  text = trim(text);
  std::string key;
  if (text.starts_with('"')) {
    std::size_t at = 1;
    for (; at < text.size() && text[at] != '"'; ++at) {
      if (text[at] == '\\') {
        ++at;
        if (at == text.size() || (text[at] != '"' && text[at] != '\\'))
          return failure(Refusal("has a stray backslash"));
      }
      if (text[at] < 0x20 || text[at] >= 0x7f) return failure(Refusal("must be printable ASCII"));
      key += text[at];
    }
    if (at + 1 != text.size()) return failure(Refusal("must end with its quote"));
  } else {
    if (!std::ranges::all_of(text, is_token_char)) return failure(Refusal("must be a quoted string or a token"));
    key = text;
  }
  if (key.empty() || key.size() > kLongest) return failure(Refusal("must have 1 to 255 characters"));
  if (key.find(' ') != std::string::npos) return failure(Refusal("must not have spaces"));
  return key;
}

std::vector<MediaRange> parse_accept(std::string_view text) {
  std::vector<MediaRange> ranges;
  for (const std::string_view item : split_list(text)) {
    const auto parts = split_list(item, ';');
    if (parts.empty()) continue;
    MediaRange range{lower(parts[0]), 1000};
    for (const std::string_view parameter : parts) {
      if (parameter.size() > 2 && lower(parameter[0]) == 'q' && parameter[1] == '=') {
        range.quality = parse_quality(parameter.substr(2));
      }
    }
    ranges.push_back(std::move(range));
  }
  return ranges;
}

std::optional<std::size_t> choose_media(std::string_view accept, const std::vector<std::string_view>& offers) {
  const auto ranges = parse_accept(accept);
  if (ranges.empty()) return 0;
  std::optional<std::size_t> chosen;
  int best = 0;
  for (std::size_t at = 0; at < offers.size(); ++at) {
    const int quality = quality_of(ranges, offers[at]);
    if (quality > best) {
      best = quality;
      chosen = at;
    }
  }
  return chosen;
}

bool is_media_type(std::string_view text, std::string_view type) {
  const auto parts = split_list(text, ';');
  if (parts.empty() || !equal_folded(parts[0], type)) return false;
  return std::ranges::all_of(parts, [](std::string_view part) {
    const auto folded = lower(part);
    return !folded.starts_with("charset=") || folded == "charset=utf-8" || folded == "charset=\"utf-8\"";
  });
}

std::optional<TraceParent> parse_traceparent(std::string_view text) {
  // version-traceid-parentid-flags; later versions may append fields.
  if (text.size() < 55 || text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
  const auto version = text.substr(0, 2);
  const auto trace = text.substr(3, 32);
  const auto parent = text.substr(36, 16);
  const auto flags = text.substr(53, 2);
  if (!is_lower_hex(version) || !is_lower_hex(trace) || !is_lower_hex(parent) || !is_lower_hex(flags))
    return std::nullopt;
  if (version == "ff" || (version == "00" && text.size() != 55) || (text.size() > 55 && text[55] != '-'))
    return std::nullopt;
  const auto is_zero = [](std::string_view digits) { return digits.find_first_not_of('0') == std::string_view::npos; };
  if (is_zero(trace) || is_zero(parent)) return std::nullopt;
  return TraceParent{std::string(trace), std::string(parent), std::string(flags)};
}

Preferences parse_prefer(std::string_view text) {
  constexpr std::uint64_t kLongestWait = 3600;
  Preferences preferences;
  for (const std::string_view item : split_list(text)) {
    if (equal_folded(item, "respond-async")) preferences.respond_async = true;
    if (item.size() > 5 && equal_folded(item.substr(0, 5), "wait=")) {
      const auto seconds = parse_number(item.substr(5));
      if (seconds) preferences.wait = std::chrono::seconds(std::min(*seconds, kLongestWait));
    }
  }
  return preferences;
}

}  // namespace flowstone::api
