// Text in JSON: the value is read by the room of expressions; here its places are found.
#include <cstdlib>
#include <string>
#include <unordered_set>

#include <fmt/core.h>

#include "asl/places.hpp"
#include "jsonata/json_text.hpp"
#include "workflows/source_reader.hpp"

namespace flowstone::workflows {
namespace {

// Counts lines and characters on its way through a text.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
  [[nodiscard]] char peek() const { return text_[at_]; }
  [[nodiscard]] std::size_t offset() const { return at_; }
  [[nodiscard]] Place place() const { return place_; }
  [[nodiscard]] std::string_view since(std::size_t start) const { return text_.substr(start, at_ - start); }

  void advance() {
    const auto byte = static_cast<unsigned char>(text_[at_++]);
    if (byte == '\n') {
      ++place_.line;
      place_.column = 1;
    } else if (at_ >= text_.size() || (static_cast<unsigned char>(text_[at_]) & 0xC0U) != 0x80) {
      ++place_.column;
    }
  }
  void skip_space() {
    while (!at_end() && std::string_view(" \t\n\r").find(peek()) != std::string_view::npos) advance();
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  Place place_;
};

// Walks a text that is known to be JSON.
class Surveyor {
 public:
  explicit Surveyor(std::string_view text) : cursor_(text) {}

  Places survey() { return value(); }
  Problems errors, warnings;

 private:
  // The pointer is one text that grows and shrinks: copied only where there is something to say.
  class Step {
   public:
    Step(std::string& pointer, std::string_view token) : pointer_(pointer), before_(pointer.size()) {
      pointer_ += '/';
      pointer_ += token;
    }
    ~Step() { pointer_.resize(before_); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    std::string& pointer_;
    std::size_t before_;
  };

  Places value() {
    cursor_.skip_space();
    Places found{.place = cursor_.place(), .children = {}};
    switch (cursor_.peek()) {
      case '{':
        object(found);
        break;
      case '[':
        array(found);
        break;
      case '"':
        text();
        break;
      default:
        word(found.place);
    }
    return found;
  }

  void object(Places& found) {
    std::unordered_set<std::string> names;
    cursor_.advance();
    for (cursor_.skip_space(); cursor_.peek() != '}'; cursor_.skip_space()) {
      if (cursor_.peek() == ',') {
        cursor_.advance();
        continue;
      }
      const auto place = cursor_.place();
      const auto name = text();
      const Step step(pointer_, asl::pointer_token(name));
      cursor_.skip_space();
      cursor_.advance();  // the colon
      auto places = value();
      places.place = place;
      if (names.insert(name).second) {
        found.children.push_back(std::move(places));
      } else if (errors.size() < kMostSourceProblems) {
        errors.push_back({.severity = Severity::error,
                          .code = "repeated_member",
                          .path = pointer_,
                          .place = place,
                          .sentence = "an object has another member of this name before"});
      }
    }
    cursor_.advance();
  }

  void array(Places& found) {
    cursor_.advance();
    for (cursor_.skip_space(); cursor_.peek() != ']'; cursor_.skip_space()) {
      if (cursor_.peek() == ',') {
        cursor_.advance();
        continue;
      }
      const Step step(pointer_, std::to_string(found.children.size()));
      found.children.push_back(value());
    }
    cursor_.advance();
  }

  std::string text() {
    const auto start = cursor_.offset();
    bool escaped = false;
    for (cursor_.advance(); cursor_.peek() != '"'; cursor_.advance()) {
      if (cursor_.peek() != '\\') continue;
      escaped = true;
      cursor_.advance();
    }
    cursor_.advance();
    const auto token = cursor_.since(start);
    if (!escaped) return std::string(token.substr(1, token.size() - 2));
    const auto read = jsonata::read_json(token);
    return read && read->is_string() ? read->text() : std::string(token);
  }

  void word(Place place) {
    const auto start = cursor_.offset();
    while (!cursor_.at_end() && std::string_view(",]} \t\n\r").find(cursor_.peek()) == std::string_view::npos)
      cursor_.advance();
    warn_if_inexact(cursor_.since(start), pointer_, place, warnings);
  }

  Cursor cursor_;
  std::string pointer_;
};

Place place_at(std::string_view text, std::size_t offset) {
  Cursor cursor(text);
  while (!cursor.at_end() && cursor.offset() < offset) cursor.advance();
  return cursor.place();
}

Problem one_error(std::string_view code, Place place, std::string sentence) {
  return {.severity = Severity::error,
          .code = std::string(code),
          .path = "",
          .place = place,
          .sentence = std::move(sentence)};
}

}  // namespace

void warn_if_inexact(std::string_view token, const std::string& pointer, Place place, Problems& warnings) {
  if (token.find_first_not_of("-0123456789") != std::string_view::npos) return;
  const double number = std::strtod(std::string(token).c_str(), nullptr);
  if (warnings.size() >= kMostSourceProblems || fmt::format("{:.0f}", number) == token) return;
  warnings.push_back({.severity = Severity::warning,
                      .code = "inexact_number",
                      .path = pointer,
                      .place = place,
                      .sentence = fmt::format("{} is kept as {:.0f}: a number has 53 bits", token, number)});
}

Result<Source, Problems> read_json_source(std::string_view text) {
  auto value = jsonata::read_json(text);
  if (!value) {
    const auto place = place_at(text, value.error().position);
    return failure(Problems{one_error("not_json", place, std::move(value.error().message))});
  }
  if (value->height() > kMaxNesting)
    return failure(Problems{one_error("too_deep", {}, fmt::format("values nest at most {} levels", kMaxNesting))});
  Surveyor surveyor(text);
  auto places = surveyor.survey();
  if (!surveyor.errors.empty()) return failure(std::move(surveyor.errors));
  return Source{.value = *std::move(value), .places = std::move(places), .warnings = std::move(surveyor.warnings)};
}

}  // namespace flowstone::workflows
