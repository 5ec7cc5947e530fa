// Regular expressions in linear time. What only backtracking can do (look-around, back references) is refused by name.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

namespace flowstone::jsonata {

struct Match {
  std::size_t start = 0, end = 0;                  // bytes
  std::vector<std::optional<std::string>> groups;  // nothing where a group took no part
};

// Threads: immutable.
class Regex {
 public:
  // A pattern as JavaScript writes it, with the flags i and m. Fails with S0303.
  static std::shared_ptr<const Regex> compile(const std::string& pattern, std::string_view flags,
                                              std::uint32_t position);
  explicit Regex(std::unique_ptr<re2::RE2> compiled);
  ~Regex();
  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;

  // The first match at or behind byte `from`.
  [[nodiscard]] std::optional<Match> find(std::string_view text, std::size_t from) const;
  [[nodiscard]] const std::string& pattern() const;

 private:
  std::unique_ptr<re2::RE2> compiled_;
};

}  // namespace flowstone::jsonata
