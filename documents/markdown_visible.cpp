#include "documents/markdown_visible.hpp"

#include <algorithm>
#include <cctype>

namespace flowstone::documents {
namespace {

bool is_punctuation(char byte) { return std::ispunct(static_cast<unsigned char>(byte)) != 0; }

std::size_t code_point_size(std::string_view text) {
  std::size_t size = 1;
  while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xc0U) == 0x80) ++size;
  return size;
}

}  // namespace

void VisibleText::begin_block(ByteRange range) {
  block_ = range;
  at_ = std::max(at_, range.begin);
  first_of_block_ = visible_.size();
  lost_ = false;
}

std::size_t VisibleText::entity_at(std::size_t at) const {
  constexpr std::size_t kLongest = 34;
  if (source_[at] != '&') return 0;
  std::size_t end = at + 1;
  const std::size_t most = std::min(block_.end, at + kLongest);
  while (end < most && (std::isalnum(static_cast<unsigned char>(source_[end])) != 0 || source_[end] == '#')) ++end;
  return end < most && end > at + 1 && source_[end] == ';' ? end + 1 - at : 0;
}

// How the source at `at` makes the beginning of `rest`; a step without source where it does not.
VisibleText::Step VisibleText::step(std::size_t at, std::string_view rest, bool is_code) const {
  if (at >= block_.end) return {};
  const char byte = source_[at];
  const char next = at + 1 < block_.end ? source_[at + 1] : '\0';
  if (byte == '\\' && next == rest.front() && is_punctuation(next) && (!is_code || next == '|')) return {2, 1, 1};
  if (!is_code) {
    if (const std::size_t entity = entity_at(at); entity > 0 && !rest.starts_with(source_.substr(at, entity))) {
      return {entity, code_point_size(rest), 0};
    }
  }
  if (byte == rest.front()) return {1, 1, 0};
  if (is_code && byte == '\n' && rest.front() == ' ') {
    std::size_t end = at + 1;
    while (end < block_.end && (source_[end] == ' ' || source_[end] == '\t' || source_[end] == '>')) ++end;
    return {end - at, 1, 0};
  }
  return {};
}

bool VisibleText::agrees(std::size_t at, std::string_view literal, bool is_code) const {
  constexpr std::size_t kEnough = 16;
  std::size_t done = 0;
  while (done < std::min(literal.size(), kEnough)) {
    const Step next = step(at, literal.substr(done), is_code);
    if (next.source == 0) return false;
    at += next.source;
    done += next.literal;
  }
  return true;
}

void VisibleText::find(std::string_view literal, std::size_t hint, bool is_code) {
  if (literal.empty() || lost_) return;
  std::size_t at = std::max(hint, at_);
  if (hint < at_ || !agrees(hint, literal, is_code)) {
    at = at_;
    while (at < block_.end && !agrees(at, literal, is_code)) ++at;
    if (at >= block_.end) {
      lost_ = true;
      return;
    }
  }
  for (std::size_t done = 0; done < literal.size();) {
    const Step next = step(at, literal.substr(done), is_code);
    if (next.source == 0) {
      lost_ = true;
      break;
    }
    show({at + next.hidden, at + next.source});
    at += next.source;
    done += next.literal;
  }
  at_ = at;
}

void VisibleText::skip(std::string_view markup, std::size_t hint) {
  if (hint >= at_ && source_.substr(std::min(hint, source_.size()), markup.size()) == markup)
    at_ = hint + markup.size();
}

void VisibleText::show(ByteRange range) {
  range.begin = std::max(range.begin, visible_.empty() ? 0 : visible_.back().end);
  if (range.begin >= range.end) return;
  at_ = std::max(at_, range.end);
  if (visible_.size() > first_of_block_ && visible_.back().end == range.begin) {
    visible_.back().end = range.end;
  } else {
    visible_.push_back(range);
  }
}

void VisibleText::end_block() {
  if (!lost_) return;
  visible_.resize(first_of_block_);
  show(block_);
}

ByteRange VisibleText::since(std::size_t mark) const {
  const auto first = std::ranges::upper_bound(visible_, mark, {}, &ByteRange::end);
  if (first == visible_.end()) return {};
  return {std::max(first->begin, mark), visible_.back().end};
}

std::vector<ByteRange> text_between_tags(std::string_view html) {
  std::vector<ByteRange> text;
  for (std::size_t at = 0; at < html.size();) {
    const std::size_t tag = std::min(html.find('<', at), html.size());
    if (tag > at) text.push_back({at, tag});
    if (tag == html.size()) break;
    const std::string_view rest = html.substr(tag);
    std::string_view closing = ">";
    if (rest.starts_with("<!--")) closing = "-->";
    if (rest.starts_with("<script")) closing = "</script>";
    if (rest.starts_with("<style")) closing = "</style>";
    const std::size_t end = html.find(closing, tag);
    at = end == std::string_view::npos ? html.size() : end + closing.size();
  }
  return text;
}

}  // namespace flowstone::documents
