#include <cmath>

#include <fmt/format.h>

#include "jsonata/failure.hpp"
#include "jsonata/json_text.hpp"
#include "jsonata/meter.hpp"
#include "jsonata/number_text.hpp"
#include "jsonata/sequence.hpp"

namespace flowstone::jsonata {
namespace {

struct TooLong {};

class Writer {
 public:
  // `for_people`: the rules of $string.
  Writer(std::size_t max_bytes, bool indented, bool for_people)
      : max_bytes_(max_bytes), indented_(indented), for_people_(for_people) {}

  void write(const Value& value) {
    spend(1);
    switch (value.kind()) {
      case Kind::undefined:
      case Kind::null:
        text_ += "null";
        break;
      case Kind::boolean:
        text_ += value.as_boolean() ? "true" : "false";
        break;
      case Kind::number:
        write_number(value);
        break;
      case Kind::string:
        append_json_string(text_, value.text());
        break;
      case Kind::array:
        write_array(value);
        break;
      case Kind::object:
        write_object(value);
        break;
      case Kind::function:
        text_ += "\"\"";
        break;
    }
    if (text_.size() > max_bytes_) throw TooLong();
    if (for_people_) admit(text_.size());
  }

  std::string take() { return std::move(text_); }

 private:
  void write_number(const Value& value) {
    if (for_people_) {
      is_finite_number(value);
      text_ += number_text(to_precision_15(value.as_number()));
    } else {
      text_ += std::isfinite(value.as_number()) ? number_text(value.as_number()) : "null";
    }
  }

  void write_array(const Value& value) {
    if (value.items().empty()) {
      text_ += "[]";
      return;
    }
    open('[');
    bool first = true;
    for (const auto& item : value.items()) {
      begin_item(first);
      write(item);
    }
    close(']');
  }

  void write_object(const Value& value) {
    bool first = true;
    for (const auto& member : value.members()) {
      if (member.value.is_undefined()) continue;
      if (first) open('{');
      begin_item(first);
      append_json_string(text_, member.key);
      text_ += indented_ ? ": " : ":";
      write(member.value);
    }
    if (first) {
      text_ += "{}";
    } else {
      close('}');
    }
  }

  void open(char bracket) {
    text_.push_back(bracket);
    ++depth_;
  }
  void begin_item(bool& first) {
    if (!first) text_.push_back(',');
    first = false;
    new_line();
  }
  void close(char bracket) {
    --depth_;
    new_line();
    text_.push_back(bracket);
  }
  void new_line() {
    if (!indented_) return;
    text_.push_back('\n');
    text_.append(2 * depth_, ' ');
  }

  std::size_t max_bytes_;
  bool indented_, for_people_;
  std::string text_;
  std::size_t depth_ = 0;
};

bool is_lone_surrogate(std::string_view text, std::size_t at) {
  return at + 2 < text.size() && static_cast<unsigned char>(text[at]) == 0xED &&
         static_cast<unsigned char>(text[at + 1]) >= 0xA0;
}

}  // namespace

void append_json_string(std::string& json, std::string_view text) {
  json.push_back('"');
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    constexpr std::string_view kSpecial = "\"\\\b\f\n\r\t";
    if (const auto special = kSpecial.find(c); special != std::string_view::npos) {
      json.push_back('\\');
      json.push_back("\"\\bfnrt"[special]);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      json += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else if (is_lone_surrogate(text, at)) {
      const auto unit = 0xD000U | ((static_cast<unsigned char>(text[at + 1]) & 0x3FU) << 6U) |
                        (static_cast<unsigned char>(text[at + 2]) & 0x3FU);
      json += fmt::format("\\u{:04x}", unit);
      at += 2;
    } else {
      json.push_back(c);
    }
  }
  json.push_back('"');
}

Result<std::string, Error> write_json(const Value& value, std::size_t max_bytes, bool indented) {
  Writer writer(max_bytes, indented, false);
  try {
    writer.write(value);
  } catch (const TooLong&) {
    Error error{.code = "U1001", .message = "the result as text is longer than allowed"};
    return failure(std::move(error));
  }
  return writer.take();
}

std::string to_text(const Value& value, bool indented) {
  if (value.is_undefined() || value.is_function()) return "";
  if (value.is_string()) return value.text();
  if (value.is_number() && !std::isfinite(value.as_number())) fail("D3001", {.value = value});
  Writer writer(SIZE_MAX, indented, true);
  writer.write(value);
  return writer.take();
}

}  // namespace flowstone::jsonata
