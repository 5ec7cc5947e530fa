#include "cli/terminal.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

#include <fmt/core.h>

namespace flowstone::cli {
namespace {

constexpr std::size_t kBarCells = 30;

std::string_view code_of(Ink ink) {
  switch (ink) {
    case Ink::plain:
      return "0";
    case Ink::bold:
      return "1";
    case Ink::dim:
      return "2";
    case Ink::red:
      return "31";
    case Ink::green:
      return "32";
    case Ink::yellow:
      return "33";
    case Ink::blue:
      return "34";
    case Ink::cyan:
      return "36";
  }
  std::unreachable();
}

std::size_t terminal_columns() {
  winsize size{};
  if (isatty(STDOUT_FILENO) == 0 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 0;
  return size.ws_col;
}

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return !continues_character(c); }));
}

std::string cut_to(std::string text, std::size_t columns) {
  if (columns == 0 || width_of(text) <= columns) return text;
  std::size_t at = 0;
  for (std::size_t seen = 0; at < text.size(); ++at) {
    if (continues_character(text[at])) continue;
    if (++seen == columns) break;
  }
  text.resize(at);
  return text + "…";
}

}  // namespace

bool wants_colour(int descriptor) {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  if (no_colour != nullptr && *no_colour != '\0') return false;
  if (terminal != nullptr && std::string_view(terminal) == "dumb") return false;
  return isatty(descriptor) != 0;
}

std::string paint(std::string_view text, Ink ink, bool colour) {
  if (!colour || ink == Ink::plain) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code_of(ink), text);
}

std::string harmless(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\t' || c == '\n') {
      out += ' ';
    } else if (byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  return out;
}

void TextTable::add(std::vector<std::string> cells) {
  cells.resize(headings_.size());
  for (auto& cell : cells) cell = harmless(cell);
  rows_.push_back(std::move(cells));
}

void TextTable::print() const {
  std::vector<std::size_t> widths;
  for (std::size_t column = 0; column < headings_.size(); ++column) {
    std::size_t widest = width_of(headings_[column]);
    for (const auto& row : rows_) widest = std::max(widest, width_of(row[column]));
    widths.push_back(widest);
  }
  const auto line_of = [&](const std::vector<std::string>& cells) {
    std::string line(indent_, ' ');
    for (std::size_t column = 0; column < cells.size(); ++column) {
      line += cells[column];
      if (column + 1 < cells.size()) line.append(widths[column] - width_of(cells[column]) + 2, ' ');
    }
    while (line.ends_with(' ')) line.pop_back();
    return cut_to(std::move(line), terminal_columns());
  };
  std::puts(paint(line_of(headings_), Ink::bold, wants_colour(STDOUT_FILENO)).c_str());
  for (const auto& row : rows_) std::puts(line_of(row).c_str());
}

ProgressBar::ProgressBar(std::string label)
    : label_(std::move(label)),
      terminal_(isatty(STDERR_FILENO) != 0),
      started_(std::chrono::steady_clock::now()),
      next_(started_) {}

ProgressBar::~ProgressBar() { finish(); }

void ProgressBar::show(std::uint64_t done, std::uint64_t total) {
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - started_;
  const double rate = spent.count() > 0 ? static_cast<double>(done) / spent.count() : 0;
  const double left = rate > 0 && total > done ? static_cast<double>(total - done) / rate : 0;
  show(done, total, rate, std::chrono::milliseconds(static_cast<std::int64_t>(left * 1000)));
}

void ProgressBar::show(std::uint64_t done, std::uint64_t total, double per_second, std::chrono::milliseconds left) {
  const auto now = std::chrono::steady_clock::now();
  if (!terminal_ || (now < next_ && done < total)) return;
  next_ = now + std::chrono::milliseconds(100);
  const double share = total == 0 ? 1.0 : std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  const auto full = static_cast<std::size_t>(share * static_cast<double>(kBarCells));
  std::string bar;
  for (std::size_t cell = 0; cell < kBarCells; ++cell) bar += cell < full ? "█" : "░";
  fmt::print(stderr, "\r\x1b[K{} {} {:3.0f}%  {} of {}", label_, bar, share * 100, with_commas(done),
             with_commas(total));
  if (per_second >= 1) fmt::print(stderr, "  {}/s", with_commas(static_cast<std::uint64_t>(per_second)));
  if (per_second >= 1 && done < total) fmt::print(stderr, "  {} left", duration_text(left));
  std::fflush(stderr);
  drawn_ = true;
}

void ProgressBar::complete(std::uint64_t total) {
  if (drawn_) show(total, total, 0, std::chrono::milliseconds(0));
}

void ProgressBar::finish() {
  if (drawn_) std::fputc('\n', stderr);
  drawn_ = false;
}

std::string with_commas(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

std::string duration_text(std::chrono::milliseconds duration) {
  const auto millis = duration.count();
  if (millis < 1000) return fmt::format("{} ms", millis);
  if (millis < 60'000) return fmt::format("{:.1f} s", static_cast<double>(millis) / 1000);
  const auto seconds = millis / 1000;
  if (seconds < 3600) return fmt::format("{} min {:02} s", seconds / 60, seconds % 60);
  return fmt::format("{} h {:02} min", seconds / 3600, seconds / 60 % 60);
}

}  // namespace flowstone::cli
