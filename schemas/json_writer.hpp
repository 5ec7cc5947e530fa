// Writes JSON step by step, with the commas where they belong.
#pragma once

#include <string>
#include <string_view>

#include <fmt/format.h>

#include "schemas/json.hpp"

namespace flowstone::schemas {

class JsonWriter {
 public:
  // What `body` writes becomes the members of an object, or the items of a list.
  template <class Body>
  void object(const Body& body) {
    enclose('{', '}', body);
  }
  template <class Body>
  void list(const Body& body) {
    enclose('[', ']', body);
  }

  // Begins a member; its value must follow.
  JsonWriter& key(std::string_view name) {
    separate();
    append_json_string(name, out_);
    out_.push_back(':');
    first_ = true;
    return *this;
  }
  void text(std::string_view value) {
    separate();
    append_json_string(value, out_);
  }
  template <class Number>
  void number(Number value) {
    raw(fmt::format("{}", value));
  }
  void boolean(bool value) { raw(value ? "true" : "false"); }
  void raw(std::string_view json) {
    separate();
    out_.append(json);
  }

  std::string take() { return std::move(out_); }

 private:
  void separate() {
    if (!first_) out_.push_back(',');
    first_ = false;
  }
  template <class Body>
  void enclose(char open, char close, const Body& body) {
    separate();
    out_.push_back(open);
    first_ = true;
    body();
    out_.push_back(close);
    first_ = false;
  }

  std::string out_;
  bool first_ = true;
};

}  // namespace flowstone::schemas
