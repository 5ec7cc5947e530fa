// What people see: colours, tables and progress on a terminal, plain text everywhere else.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace flowstone::cli {

enum class Ink : std::uint8_t { plain, bold, dim, red, green, yellow, blue, cyan };

// True if `descriptor` is a terminal, NO_COLOR is unset or empty and TERM is not "dumb".
bool wants_colour(int descriptor);

// `text` in `ink`; unchanged unless `colour`.
std::string paint(std::string_view text, Ink ink, bool colour);

// `text` with every control character made visible, so that no stored text can command the reader's terminal.
std::string harmless(std::string_view text);

// Columns lined up and cut to the terminal's width; cells are made harmless.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> headings, std::size_t indent = 0)
      : headings_(std::move(headings)), indent_(indent) {}
  void add(std::vector<std::string> cells);
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  // To stdout. On a terminal headings are bold and lines end at its width.
  void print() const;

 private:
  std::vector<std::string> headings_;
  std::size_t indent_;  // of every line, in columns
  std::vector<std::vector<std::string>> rows_;
};

// A bar on stderr that is drawn again in place, at most ten times a second; without a terminal nothing is drawn until
// the end.
class ProgressBar {
 public:
  explicit ProgressBar(std::string label);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void show(std::uint64_t done, std::uint64_t total);
  // The same with a rate and time left that somebody else has measured; 0 where unknown.
  void show(std::uint64_t done, std::uint64_t total, double per_second, std::chrono::milliseconds left);
  // Draws the bar full, if it was drawn at all.
  void complete(std::uint64_t total);
  void finish();

 private:
  std::string label_;
  bool terminal_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point started_;
  std::chrono::steady_clock::time_point next_;
};

// "1,234,567"
std::string with_commas(std::uint64_t number);
// "850 ms", "3.2 s", "4 min 05 s"
std::string duration_text(std::chrono::milliseconds duration);

}  // namespace flowstone::cli
