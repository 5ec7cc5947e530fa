#include "documents/diff_render.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace flowstone::documents {
namespace {

constexpr std::size_t kContext = 3;

// Bytes that are the same in both texts, in order.
struct Same {
  std::size_t old_begin = 0, new_begin = 0, size = 0;
};

std::vector<Same> same_bytes(const DocumentDiff& diff, const Text& old_text, const Text& new_text) {
  std::vector<Same> found;
  const auto add = [&](ChangeKind kind, Span old_span, Span new_span) {
    if (kind != ChangeKind::equal) return;
    const Same next{old_text.byte_of(old_span.start), new_text.byte_of(new_span.start),
                    old_text.slice(old_span).size()};
    const bool goes_on = !found.empty() && found.back().old_begin + found.back().size == next.old_begin &&
                         found.back().new_begin + found.back().size == next.new_begin;
    if (goes_on) {
      found.back().size += next.size;
    } else {
      found.push_back(next);
    }
  };
  for (const auto& operation : diff.operations) {
    add(operation.kind, operation.old_span, operation.new_span);
    if (operation.kind != ChangeKind::replacement) continue;
    for (const auto& edit : operation.edits) add(edit.kind, edit.old_span, edit.new_span);
  }
  return found;
}

struct Line {
  std::size_t begin = 0, end = 0;
};

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    lines.push_back({at, end});
    at = end;
  }
  return lines;
}

// A line of the result: ' ', '-' or '+'.
struct Marked {
  char mark = ' ';
  std::string_view text;
};

std::vector<Marked> marked_lines(const std::vector<Same>& same, std::string_view old_text, std::string_view new_text) {
  const auto old_lines = lines_of(old_text), new_lines = lines_of(new_text);
  std::vector<Marked> marked;
  std::size_t new_at = 0, region = 0;
  const auto text = [](std::string_view whole, Line line) { return whole.substr(line.begin, line.end - line.begin); };
  for (const Line line : old_lines) {
    while (region < same.size() && same[region].old_begin + same[region].size < line.end) ++region;
    const bool inside = region < same.size() && same[region].old_begin <= line.begin;
    const std::size_t there = inside ? same[region].new_begin + (line.begin - same[region].old_begin) : 0;
    // The line must begin there, too, and end where the text does or with the line.
    const auto found = std::ranges::lower_bound(new_lines, there, {}, &Line::begin);
    const bool kept =
        inside && found != new_lines.end() && found->begin == there && text(new_text, *found) == text(old_text, line);
    if (!kept) {
      marked.push_back({'-', text(old_text, line)});
      continue;
    }
    const auto index = static_cast<std::size_t>(found - new_lines.begin());
    while (new_at < index) marked.push_back({'+', text(new_text, new_lines[new_at++])});
    marked.push_back({' ', text(old_text, line)});
    ++new_at;
  }
  while (new_at < new_lines.size()) marked.push_back({'+', text(new_text, new_lines[new_at++])});
  return marked;
}

void append_line(std::string& out, const Marked& line) {
  out += line.mark;
  out += line.text;
  if (!line.text.ends_with('\n')) out += "\n\\ No newline at end of file\n";
}

std::string range_text(std::size_t before, std::size_t count) {
  const std::size_t first = count == 0 ? before : before + 1;
  return count == 1 ? fmt::format("{}", first) : fmt::format("{},{}", first, count);
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char byte : text) {
    switch (byte) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += byte;
    }
  }
}

class HtmlWriter {
 public:
  HtmlWriter(const Text& old_text, const Text& new_text) : old_(old_text), new_(new_text) {}

  std::string run(const DocumentDiff& diff) {
    const auto& counts = diff.statistics;
    out_ = fmt::format(
        "<section class=\"diff\" aria-label=\"Changes\">\n<p class=\"diff-summary\">{} words inserted, {} deleted, {} "
        "moved.</p>\n<pre class=\"diff-text\">",
        counts.words_inserted, counts.words_deleted, counts.words_moved);
    for (const auto& operation : diff.operations) add(operation);
    return out_ + "</pre>\n</section>\n";
  }

 private:
  void add(const Operation& operation) {
    switch (operation.kind) {
      case ChangeKind::replacement:
        for (const auto& edit : operation.edits) add(edit.kind, edit.old_span, edit.new_span);
        return;
      case ChangeKind::departure: {
        const auto here = place("from", operation.old_span), there = place("to", operation.counterpart);
        out_ += fmt::format("<del class=\"moved\" id=\"{}\" aria-label=\"moved from here\">", here);
        append_escaped(out_, old_.slice(operation.old_span));
        out_ += fmt::format("</del><a href=\"#{}\">moved</a>", there);
        return;
      }
      case ChangeKind::arrival: {
        const auto here = place("to", operation.new_span), there = place("from", operation.counterpart);
        out_ += fmt::format("<span class=\"moved\" id=\"{}\" role=\"insertion\" aria-label=\"moved to here\">", here);
        for (const auto& edit : operation.edits) add(edit.kind, edit.old_span, edit.new_span);
        out_ += fmt::format("</span><a href=\"#{}\">moved from</a>", there);
        return;
      }
      case ChangeKind::equal:
      case ChangeKind::insertion:
      case ChangeKind::deletion:
      case ChangeKind::formatting:
        add(operation.kind, operation.old_span, operation.new_span);
        return;
    }
  }

  void add(ChangeKind kind, Span old_span, Span new_span) {
    if (kind == ChangeKind::equal || kind == ChangeKind::formatting) {
      append_escaped(out_, new_.slice(new_span));
      return;
    }
    element("del", old_.slice(old_span));
    element("ins", new_.slice(new_span));
  }

  void element(std::string_view name, std::string_view text) {
    if (text.empty()) return;
    out_ += fmt::format("<{}>", name);
    append_escaped(out_, text);
    out_ += fmt::format("</{}>", name);
  }

  static std::string place(std::string_view end, Span span) { return fmt::format("move-{}-{}", end, span.start); }

  const Text& old_;
  const Text& new_;
  std::string out_;
};

}  // namespace

std::string unified(const DocumentDiff& diff, const Text& old_text, const Text& new_text, std::string_view old_name,
                    std::string_view new_name) {
  const auto lines = marked_lines(same_bytes(diff, old_text, new_text), old_text.utf8(), new_text.utf8());
  std::string out;
  std::size_t old_at = 0, new_at = 0, at = 0;
  const auto step = [&](std::size_t line) {
    old_at += lines[line].mark != '+' ? 1U : 0U;
    new_at += lines[line].mark != '-' ? 1U : 0U;
  };
  while (at < lines.size()) {
    const auto changed =
        static_cast<std::size_t>(std::find_if(lines.begin() + static_cast<std::ptrdiff_t>(at), lines.end(),
                                              [](const Marked& line) { return line.mark != ' '; }) -
                                 lines.begin());
    if (changed == lines.size()) break;
    const std::size_t begin = std::max(at, changed < kContext ? 0 : changed - kContext);
    while (at < begin) step(at++);
    std::size_t end = changed, quiet = 0;
    for (std::size_t line = changed; line < lines.size() && quiet <= 2 * kContext; ++line) {
      quiet = lines[line].mark == ' ' ? quiet + 1 : 0;
      if (quiet == 0) end = line + 1;
    }
    end = std::min(lines.size(), end + kContext);
    const std::size_t old_before = old_at, new_before = new_at;
    while (at < end) step(at++);
    if (out.empty()) out = fmt::format("--- {}\n+++ {}\n", old_name, new_name);
    out += fmt::format("@@ -{} +{} @@\n", range_text(old_before, old_at - old_before),
                       range_text(new_before, new_at - new_before));
    for (std::size_t line = begin; line < end; ++line) append_line(out, lines[line]);
  }
  return out;
}

std::string html(const DocumentDiff& diff, const Text& old_text, const Text& new_text) {
  return HtmlWriter(old_text, new_text).run(diff);
}

}  // namespace flowstone::documents
