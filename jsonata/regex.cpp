#include "jsonata/regex.hpp"

#include <re2/re2.h>

#include "jsonata/failure.hpp"
#include "jsonata/meter.hpp"
#include "jsonata/unicode.hpp"

namespace flowstone::jsonata {
namespace {

constexpr std::int64_t kMaxProgramBytes = 1U << 20U;
constexpr std::string_view kAnySpace =
    R"(\t\n\v\f\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff})";
constexpr std::string_view kAnyButLineEnd = R"([^\n\r\x{2028}\x{2029}])";

// Says in RE2's words what the pattern says in JavaScript's.
class Translation {
 public:
  Translation(std::string_view pattern, std::uint32_t position) : pattern_(pattern), position_(position) {}

  std::string translate() {
    while (at_ < pattern_.size()) {
      const char c = pattern_[at_];
      if (c == '\\') {
        escape();
      } else if (in_class_) {
        class_character(c);
      } else if (c == '[') {
        open_class();
      } else if (c == '.') {
        put(kAnyButLineEnd, 1);
      } else if (c == '(' && pattern_.substr(at_).starts_with("(?")) {
        special_group();
      } else {
        put(pattern_.substr(at_, 1), 1);
      }
    }
    return std::move(out_);
  }

 private:
  void put(std::string_view text, std::size_t taken) {
    out_ += text;
    at_ += taken;
  }

  [[noreturn]] void refuse(std::string_view what) const {
    fail("S0303", {.position = position_, .token = std::string(what)});
  }

  void open_class() {
    in_class_ = true;
    const auto rest = pattern_.substr(at_);
    if (rest.starts_with("[^]")) {
      in_class_ = false;
      return put(R"([\s\S])", 3);
    }
    if (rest.starts_with("[]")) {
      in_class_ = false;
      return put(R"([^\s\S])", 2);
    }
    rest.starts_with("[^") ? put("[^", 2) : put("[", 1);
  }

  void class_character(char c) {
    if (c == ']') in_class_ = false;
    if (c == '[') return put("\\[", 1);
    put(pattern_.substr(at_, 1), 1);
  }

  void special_group() {
    const auto rest = pattern_.substr(at_);
    if (rest.starts_with("(?=") || rest.starts_with("(?!")) refuse("look-ahead");
    if (rest.starts_with("(?<=") || rest.starts_with("(?<!")) refuse("look-behind");
    if (rest.starts_with("(?<")) return put("(?P<", 3);
    put("(?", 2);
  }

  void escape() {
    const auto rest = pattern_.substr(at_);
    if (rest.size() < 2) refuse("a backslash at the end");
    const char c = rest[1];
    if (!in_class_ && ((c >= '1' && c <= '9') || c == 'k')) refuse("a back reference");
    if (c == 's') return in_class_ ? put(kAnySpace, 2) : put("[" + std::string(kAnySpace) + "]", 2);
    if (c == 'S' && !in_class_) return put("[^" + std::string(kAnySpace) + "]", 2);
    if (c == 'u') return unicode_escape(rest);
    if (c == 'b' && in_class_) return put("\\x08", 2);
    if (c == '0') return put("\\x00", 2);
    if (c == '/' || c == '-') return put(c == '-' ? "\\-" : "/", 2);
    put(rest.substr(0, 2), 2);
  }

  void unicode_escape(std::string_view rest) {
    if (rest.size() < 6) refuse("an incomplete \\u");
    const auto digits = rest.substr(2, 4);
    if (digits.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos) refuse("an incomplete \\u");
    put("\\x{" + std::string(digits) + "}", 6);
  }

  std::string_view pattern_;
  std::uint32_t position_;
  std::string out_;
  std::size_t at_ = 0;
  bool in_class_ = false;
};

}  // namespace

Regex::Regex(std::unique_ptr<re2::RE2> compiled) : compiled_(std::move(compiled)) {}
Regex::~Regex() = default;

std::shared_ptr<const Regex> Regex::compile(const std::string& pattern, std::string_view flags,
                                            std::uint32_t position) {
  std::string translated = Translation(pattern, position).translate();
  if (flags.find('m') != std::string_view::npos) translated = "(?m)" + translated;
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxProgramBytes);
  options.set_case_sensitive(flags.find('i') == std::string_view::npos);
  auto compiled = std::make_unique<re2::RE2>(translated, options);
  if (!compiled->ok()) fail("S0303", {.position = position, .token = compiled->error()});
  return std::make_shared<const Regex>(std::move(compiled));
}

std::optional<Match> Regex::find(std::string_view text, std::size_t from) const {
  spend(1 + (text.size() - from) / 64);
  std::vector<re2::StringPiece> found(static_cast<std::size_t>(compiled_->NumberOfCapturingGroups()) + 1);
  const re2::StringPiece subject(text.data(), text.size());
  if (!compiled_->Match(subject, from, text.size(), re2::RE2::UNANCHORED, found.data(), static_cast<int>(found.size())))
    return std::nullopt;
  Match match;
  match.start = static_cast<std::size_t>(found[0].data() - text.data());
  match.end = match.start + found[0].size();
  for (std::size_t group = 1; group < found.size(); ++group) {
    const auto& text_of_group = found[group];
    match.groups.push_back(text_of_group.data() == nullptr ? std::nullopt : std::optional(text_of_group.as_string()));
  }
  return match;
}

const std::string& Regex::pattern() const { return compiled_->pattern(); }

}  // namespace flowstone::jsonata
