// Extractors that go by sentences: what must be done, and what words mean.
#include <algorithm>
#include <re2/re2.h>

#include "documents/extracting.hpp"
#include "documents/normalise.hpp"
#include "documents/words.hpp"

namespace flowstone::documents {
namespace {

const re2::RE2& norm_pattern() {
  static const re2::RE2 kPattern(
      R"(\b(MUST|SHALL|SHOULD|MAY|REQUIRED|RECOMMENDED|OPTIONAL|[Ss]hall|[Mm]ust|[Mm]ay not|agrees? to|undertakes? to)"
      R"(|(?:is|are) (?:obliged|required|prohibited|entitled) (?:to|from)|(?:is|are) not (?:permitted|allowed|entitled) to)\b)");
  return kPattern;
}

// "Term" means ...; the term in straight, curly or angled quotes.
const re2::RE2& definition_pattern() {
  static const re2::RE2 kPattern(
      R"x((?:"([^"\n]{1,80})"|\x{201c}([^\x{201d}\n]{1,80})\x{201d}|\x{ab}([^\x{bb}\n]{1,80})\x{bb}))x"
      R"(\s+(?:shall\s+mean|means?|is\s+defined\s+as|refers\s+to|has\s+the\s+meaning)\b[:,]?\s*)");
  return kPattern;
}

bool matches(const re2::RE2& pattern, std::string_view text, re2::StringPiece* groups, int count) {
  return pattern.Match({text.data(), text.size()}, 0, text.size(), re2::RE2::UNANCHORED, groups, count);
}

std::string first_words(std::string_view sentence) {
  constexpr int kWords = 6;
  std::size_t end = 0;
  for (int word = 0; word < kWords && end != std::string_view::npos; ++word)
    end = sentence.find(' ', end + (word > 0 ? 1 : 0));
  std::string words(sentence.substr(0, end));
  std::ranges::transform(words, words.begin(),
                         [](char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + 32) : byte; });
  return words;
}

bool is_running_text(const Block& block) {
  return block.kind == BlockKind::paragraph || block.kind == BlockKind::list_item || block.kind == BlockKind::quote ||
         block.kind == BlockKind::footnote;
}

// Calls with the span of each sentence of running text, as a reader sees it.
template <class Each>
void each_sentence(Collector& collector, Each&& each) {
  const Parsed& parsed = collector.parsed();
  const std::vector<Word> words = words_of(parsed.text);
  auto block = parsed.blocks.begin();
  for (const Unit& unit : units_of(parsed.text, words)) {
    if (unit.first == unit.last || collector.full()) continue;
    const Span span{words[unit.first].span.start, words[unit.last - 1].span.end};
    while (block != parsed.blocks.end() && block->span.end <= span.start) ++block;
    if (block == parsed.blocks.end()) return;
    const Span inside = trimmed(parsed, {std::max(span.start, block->span.start), std::min(span.end, block->span.end)});
    if (inside.start < inside.end && is_running_text(*block)) each(inside);
  }
}

Span behind(const Text& text, Span sentence, std::string_view seen, std::size_t offset) {
  const std::string_view raw = text.slice(sentence);
  const std::size_t at = raw.find(seen.substr(offset, 12));
  if (at == std::string_view::npos) return sentence;
  return {text.code_point_of(text.byte_of(sentence.start) + static_cast<std::uint32_t>(at)), sentence.end};
}

void quoted_definition(Collector& collector, Span sentence) {
  const std::string_view raw = collector.parsed().text.slice(sentence);
  re2::StringPiece groups[4];
  if (!matches(definition_pattern(), raw, groups, 4)) return;
  const re2::StringPiece& term = !groups[1].empty() ? groups[1] : !groups[2].empty() ? groups[2] : groups[3];
  const auto end = static_cast<std::size_t>(groups[0].data() + groups[0].size() - raw.data());
  const Span value = trimmed(collector.parsed(), behind(collector.parsed().text, sentence, raw, end));
  if (value.empty() || end >= raw.size()) return;
  collector.add("definition", std::string_view(term.data(), term.size()), ValueType::text,
                visible_text(collector.parsed(), value), value);
}

// **Term**: ... or **Term** means ...: at the beginning of its block, and the rest of the block is what it means.
void strong_definition(Collector& collector, const Block& block, Span term) {
  const Parsed& parsed = collector.parsed();
  if (trimmed(parsed, block.span).start != term.start) return;
  std::string name = visible_text(parsed, term);
  const std::string rest = visible_text(parsed, {term.end, block.span.end});
  const bool inside = name.ends_with(':');
  if (inside) name.pop_back();
  std::size_t skip = 0;
  for (const std::string_view mark : {":", "means", "\u2013", "\u2014", "-"}) {
    if (rest.starts_with(mark)) skip = mark.size();
  }
  if ((!inside && skip == 0) || name.empty()) return;
  const std::string_view raw = parsed.text.slice({term.end, block.span.end});
  const std::size_t mark = skip == 0 ? 0 : raw.find(rest.substr(0, skip)) + skip;
  const Span value = trimmed(
      parsed,
      {parsed.text.code_point_of(parsed.text.byte_of(term.end) + static_cast<std::uint32_t>(mark)), block.span.end});
  if (value.empty() || type_of_value(visible_text(parsed, value)) != ValueType::text) return;
  collector.add("definition", name, ValueType::text, visible_text(parsed, value), value);
}

}  // namespace

void extract_norms(Collector& collector) {
  each_sentence(collector, [&](Span sentence) {
    const std::string seen = visible_text(collector.parsed(), sentence);
    re2::StringPiece whole;
    if (matches(norm_pattern(), seen, &whole, 1))
      collector.add("norm", first_words(seen), ValueType::text, seen, sentence);
  });
}

void extract_definitions(Collector& collector) {
  each_sentence(collector, [&](Span sentence) { quoted_definition(collector, sentence); });
  const Parsed& parsed = collector.parsed();
  auto block = parsed.blocks.begin();
  for (const Span term : parsed.strong) {
    while (block != parsed.blocks.end() && block->span.end <= term.start) ++block;
    if (block == parsed.blocks.end()) return;
    if (is_running_text(*block)) strong_definition(collector, *block, term);
  }
}

}  // namespace flowstone::documents
