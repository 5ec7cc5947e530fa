// The header lines of a part and what stands in them. Browsers write a quote in a name as %22, curl as %22 or \".
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "api/multipart.hpp"

namespace flowstone::api {
namespace {

constexpr std::size_t kLongestBoundary = 70;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string lowered(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || kMarks.find(c) != std::string_view::npos;
  });
}

// A quoted string with its quotes, which is taken off `text`. Nothing if it has no end.
std::optional<std::string> take_quoted(std::string_view& text) {
  std::string value;
  for (std::size_t at = 1; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') {
      text.remove_prefix(at + 1);
      return value;
    }
    const bool escapes = c == '\\' && at + 1 < text.size() && (text[at + 1] == '"' || text[at + 1] == '\\');
    value.push_back(escapes ? text[++at] : c);
  }
  return std::nullopt;
}

struct Parameter {
  std::string name, value;  // the name in lower case
};
struct Parameterised {
  std::string value;  // in lower case
  std::vector<Parameter> parameters;

  [[nodiscard]] const std::string* find(std::string_view name) const {
    const auto found = std::ranges::find(parameters, name, &Parameter::name);
    return found == parameters.end() ? nullptr : &found->value;
  }
};

// "form-data; name=x; filename="y"". The error completes "the header ...".
Result<Parameterised, std::string> parse_parameters(std::string_view text) {
  Parameterised parsed;
  auto end = std::min(text.find(';'), text.size());
  parsed.value = lowered(trimmed(text.substr(0, end)));
  text.remove_prefix(end);
  while (!text.empty()) {
    text.remove_prefix(1);  // the semicolon
    text = text.substr(std::min(text.find_first_not_of(" \t"), text.size()));
    if (text.empty()) break;
    const auto equals = text.find('=');
    const auto name = trimmed(text.substr(0, equals));
    if (equals == std::string_view::npos || !is_token(name)) return failure("has a parameter without a name and `=`");
    text = text.substr(equals + 1);
    text = text.substr(std::min(text.find_first_not_of(" \t"), text.size()));
    std::string value;
    if (text.starts_with('"')) {
      auto quoted = take_quoted(text);
      if (!quoted) return failure("has a quote without an end");
      value = *std::move(quoted);
      text = text.substr(std::min(text.find_first_not_of(" \t"), text.size()));
      if (!text.empty() && text.front() != ';') return failure("has something between a quote and a semicolon");
    } else {
      end = std::min(text.find(';'), text.size());
      value = trimmed(text.substr(0, end));
      text.remove_prefix(end);
    }
    if (parsed.find(lowered(name)) != nullptr) return failure(fmt::format("has `{}` twice", name));
    parsed.parameters.push_back({lowered(name), std::move(value)});
  }
  return parsed;
}

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (lower(c) >= 'a' && lower(c) <= 'f') return lower(c) - 'a' + 10;
  return std::nullopt;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out.push_back(text[at]);
      continue;
    }
    if (at + 2 >= text.size()) return std::nullopt;
    const auto high = hex_digit(text[at + 1]);
    const auto low = hex_digit(text[at + 2]);
    if (!high || !low) return std::nullopt;
    out.push_back(static_cast<char>(*high * 16 + *low));
    at += 2;
  }
  return out;
}

// RFC 8187: UTF-8'en'%e2%82%ac. Nothing if it is none, or of a charset that the RFC does not ask for.
std::optional<std::string> extended_value(std::string_view text) {
  const auto first = text.find('\'');
  const auto second = first == std::string_view::npos ? first : text.find('\'', first + 1);
  if (second == std::string_view::npos || lowered(text.substr(0, first)) != "utf-8") return std::nullopt;
  return percent_decoded(text.substr(second + 1));
}

// What the HTML standard has browsers escape in names; a percent sign of any other use stands for itself.
std::string unescaped(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, char>, 3> kEscapes = {{{"%22", '"'}, {"%0D", '\r'}, {"%0A", '\n'}}};
  std::string out;
  while (!text.empty()) {
    const auto* const escape =
        std::ranges::find_if(kEscapes, [text](const auto& one) { return text.starts_with(one.first); });
    out.push_back(escape == kEscapes.end() ? text.front() : escape->second);
    text.remove_prefix(escape == kEscapes.end() ? 1 : escape->first.size());
  }
  return out;
}

// The error completes "Part 3 of the form ...".
Result<void, std::string> read_disposition(std::string_view value, PartHead& head) {
  const auto disposition = parse_parameters(value);
  if (!disposition) return failure(fmt::format("has a Content-Disposition that {}", disposition.error()));
  if (disposition->value != "form-data") return failure("must have the Content-Disposition `form-data`");
  const auto* const name = disposition->find("name");
  if (name == nullptr) return failure("must have a `name` in its Content-Disposition");
  head.name = unescaped(*name);
  if (const auto* const plain = disposition->find("filename")) head.filename = unescaped(*plain);
  if (const auto* const extended = disposition->find("filename*")) {
    head.filename = extended_value(*extended);
    if (!head.filename) return failure("has a `filename*` that is not UTF-8''... with percent signs (RFC 8187)");
  }
  return {};
}

Result<void, std::string> read_line(std::string_view line, PartHead& head, bool& disposed) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
    return failure("has a header line without a name and a colon");
  const auto name = lowered(line.substr(0, colon));
  const auto value = trimmed(line.substr(colon + 1));
  if (name == "content-disposition") {
    if (std::exchange(disposed, true)) return failure("has two Content-Dispositions");
    return read_disposition(value, head);
  }
  if (name == "content-type") head.content_type = value;
  if (name == "content-transfer-encoding") {
    const auto encoding = lowered(value);
    if (encoding != "binary" && encoding != "8bit" && encoding != "7bit")
      return failure("has a Content-Transfer-Encoding, which RFC 7578 does not allow: send the bytes as they are");
  }
  return {};
}

}  // namespace

Result<std::string, std::string> boundary_of(std::string_view content_type) {
  const auto parsed = parse_parameters(content_type);
  if (!parsed) return failure(fmt::format("The Content-Type {}.", parsed.error()));
  const auto* const boundary = parsed->find("boundary");
  if (boundary == nullptr || boundary->empty()) return failure("The Content-Type must have a `boundary`.");
  constexpr std::string_view kMarks = "'()+_,-./:=? ";
  const bool allowed = std::ranges::all_of(*boundary, [&](char c) {
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || kMarks.find(c) != std::string_view::npos;
  });
  if (!allowed || boundary->size() > kLongestBoundary || boundary->ends_with(' '))
    return failure(
        fmt::format("The `boundary` must be 1 to {} letters, digits and '()+_,-./:=? (RFC 2046).", kLongestBoundary));
  return *boundary;
}

Result<PartHead, std::string> parse_part_head(std::string_view lines) {
  PartHead head;
  bool disposed = false;
  while (!lines.empty()) {
    auto end = std::min(lines.find("\r\n"), lines.size());
    // A line that begins with a blank goes on with the one before.
    while (end + 2 < lines.size() && (lines[end + 2] == ' ' || lines[end + 2] == '\t'))
      end = std::min(lines.find("\r\n", end + 2), lines.size());
    std::string line(lines.substr(0, end));
    for (auto at = line.find("\r\n"); at != std::string::npos; at = line.find("\r\n", at)) line.replace(at, 2, " ");
    FLOWSTONE_TRY_VOID(read_line(line, head, disposed));
    lines.remove_prefix(std::min(end + 2, lines.size()));
  }
  if (!disposed) return failure("must have a Content-Disposition");
  return head;
}

}  // namespace flowstone::api
