#include "asl/places.hpp"

#include "jsonata/json_text.hpp"

namespace flowstone::asl {

std::string pointer_token(std::string_view token) {
  std::string out;
  for (const char c : token) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

// A text that has been read as JSON: what follows is known, and only ends and line breaks are looked for.
Places::Places(std::string_view json) {
  struct Level {
    bool object;
    std::size_t pointer_size;  // of the object or list itself
    std::size_t index = 0;
  };
  std::vector<Level> levels;
  std::string pointer;
  std::uint32_t line = 1;
  bool key_next = false;
  const auto remember = [&] {
    if (!lines_.emplace(pointer, line).second) repeated_.push_back(pointer);
  };
  const auto enter_item = [&] {  // the value that begins here is its list's next
    if (levels.empty() || levels.back().object) return;
    pointer.resize(levels.back().pointer_size);
    pointer += "/" + std::to_string(levels.back().index++);
    remember();
  };
  remember();
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (c == '\n') ++line;
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == ':') continue;
    if (c == ',') {
      key_next = levels.back().object;
      continue;
    }
    if (c == '}' || c == ']') {
      pointer.resize(levels.back().pointer_size);
      levels.pop_back();
      key_next = false;
      continue;
    }
    if (c == '"' && key_next) {
      const auto start = at;
      for (++at; json[at] != '"'; ++at)
        if (json[at] == '\\') ++at;
      const auto key = jsonata::read_json(json.substr(start, at + 1 - start));
      pointer.resize(levels.back().pointer_size);
      pointer += "/" + pointer_token(key ? key->text() : json.substr(start + 1, at - start - 1));
      remember();
      key_next = false;
      continue;
    }
    enter_item();
    if (c == '{' || c == '[') {
      levels.push_back({c == '{', pointer.size()});
      key_next = c == '{';
    } else if (c == '"') {
      for (++at; json[at] != '"'; ++at)
        if (json[at] == '\\') ++at;
    } else {
      while (at + 1 < json.size() && std::string_view(",]} \n\r\t").find(json[at + 1]) == std::string_view::npos) ++at;
    }
  }
}

std::uint32_t Places::line_of(std::string_view pointer) const {
  for (;;) {
    if (const auto found = lines_.find(std::string(pointer)); found != lines_.end()) return found->second;
    const auto slash = pointer.rfind('/');
    if (slash == std::string_view::npos) return 1;
    pointer = pointer.substr(0, slash);
  }
}

}  // namespace flowstone::asl
