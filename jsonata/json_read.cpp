#include "jsonata/failure.hpp"
#include "jsonata/json_text.hpp"
#include "jsonata/number_text.hpp"
#include "jsonata/unicode.hpp"

namespace flowstone::jsonata {
namespace {

// Inside, bytes that are not JSON end the reading as an exception.
struct NotJson {
  std::size_t at;
  const char* why;
};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Value read_all() {
    Value value = read(0);
    skip_space();
    if (at_ != text_.size()) throw NotJson{at_, "there is more behind the value"};
    return value;
  }

 private:
  void skip_space() {
    while (at_ < text_.size() && std::string_view(" \t\n\r").find(text_[at_]) != std::string_view::npos) ++at_;
  }
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) {
    skip_space();
    if (peek() != c || at_ == text_.size()) return false;
    ++at_;
    return true;
  }
  bool take_word(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  Value read(std::uint32_t depth) {
    if (depth >= kMaxNesting) throw NotJson{at_, "it nests too deeply"};
    skip_space();
    switch (peek()) {
      case '{':
        return read_object(depth);
      case '[':
        return read_array(depth);
      case '"':
        return Value::string(read_string());
      case 't':
        if (take_word("true")) return Value::boolean(true);
        break;
      case 'f':
        if (take_word("false")) return Value::boolean(false);
        break;
      case 'n':
        if (take_word("null")) return Value::null();
        break;
      default:
        return read_number();
    }
    throw NotJson{at_, "a value was expected"};
  }

  Value read_array(std::uint32_t depth) {
    ++at_;
    std::vector<Value> items;
    if (take(']')) return Value::array(std::move(items));
    do {
      items.push_back(read(depth + 1));
    } while (take(','));
    if (!take(']')) throw NotJson{at_, "\",\" or \"]\" was expected"};
    return Value::array(std::move(items));
  }

  Value read_object(std::uint32_t depth) {
    ++at_;
    std::vector<Member> members;
    if (take('}')) return Value::object(std::move(members));
    do {
      skip_space();
      if (peek() != '"') throw NotJson{at_, "the name of a member was expected"};
      std::string key = read_string();
      if (!take(':')) throw NotJson{at_, "\":\" was expected"};
      members.push_back({std::move(key), read(depth + 1)});
    } while (take(','));
    if (!take('}')) throw NotJson{at_, "\",\" or \"}\" was expected"};
    return Value::object(std::move(members));
  }

  std::size_t digits() {
    const std::size_t from = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ - from;
  }

  Value read_number() {
    const std::size_t start = at_;
    if (peek() == '-') ++at_;
    if (peek() == '0') {
      ++at_;
    } else if (digits() == 0) {
      throw NotJson{start, "a value was expected"};
    }
    if (peek() == '.') {
      ++at_;
      if (digits() == 0) throw NotJson{at_, "a digit was expected"};
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (digits() == 0) throw NotJson{at_, "a digit was expected"};
    }
    const auto number = parse_decimal(text_.substr(start, at_ - start));
    if (!number) throw NotJson{start, "the number is too large"};
    return Value::number(*number);
  }

  std::string read_string() {
    const std::size_t start = at_++;
    std::string text;
    while (at_ < text_.size() && text_[at_] != '"') {
      const auto c = static_cast<unsigned char>(text_[at_]);
      if (c < 0x20) throw NotJson{at_, "control characters are written as escapes"};
      if (c == '\\') {
        read_escape(text);
      } else if (c < 0x80) {
        text.push_back(text_[at_++]);
      } else {
        const std::size_t from = at_;
        const char32_t code_point = next_code_point(text_, at_);
        if (at_ == from + 1) throw NotJson{from, "the text is not UTF-8"};
        append_code_point(text, code_point);
      }
    }
    if (at_ == text_.size()) throw NotJson{start, "the string does not end"};
    ++at_;
    return text;
  }

  void read_escape(std::string& into) {
    constexpr std::string_view kNamed = "\"\\/bfnrt";
    constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
    ++at_;
    const auto named = at_ < text_.size() ? kNamed.find(text_[at_]) : std::string_view::npos;
    if (named != std::string_view::npos) {
      into.push_back(kMeant[named]);
      ++at_;
      return;
    }
    char32_t unit = read_unit();
    if (unit >= 0xD800 && unit < 0xDC00 && text_.substr(at_).starts_with("\\u")) {
      const std::size_t behind = at_;
      const char32_t low = read_unit();
      if (low >= 0xDC00 && low < 0xE000) {
        unit = 0x10000 + ((unit - 0xD800) << 10U) + (low - 0xDC00);
      } else {
        at_ = behind;
      }
    }
    append_code_point(into, unit);
  }

  // The four digits behind "u"; a backslash may still stand before it.
  char32_t read_unit() {
    if (peek() == '\\') ++at_;
    const auto digits = text_.substr(std::min(at_ + 1, text_.size()), 4);
    if (peek() != 'u' || digits.size() != 4 ||
        digits.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos)
      throw NotJson{at_, "there is no such escape"};
    at_ += 5;
    return static_cast<char32_t>(std::stoul(std::string(digits), nullptr, 16));
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Result<Value, Error> read_json(std::string_view text) {
  try {
    return Reader(text).read_all();
  } catch (const NotJson& wrong) {
    Error error{.code = "J0001",
                .message = std::string("not JSON: ") + wrong.why,
                .position = static_cast<std::uint32_t>(wrong.at)};
    return failure(std::move(error));
  } catch (Failure& failed) {
    return failure(std::move(failed.error));
  }
}

}  // namespace flowstone::jsonata
