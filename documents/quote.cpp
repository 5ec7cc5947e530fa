#include "documents/quote.hpp"

#include <algorithm>
#include <memory>
#include <unicode/brkiter.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/utext.h>
#include <unicode/utf8.h>
#include <utility>

#include "base/check.hpp"
#include "documents/anchor.hpp"

namespace flowstone::documents {
namespace {

constexpr std::size_t kMostOccurrences = 1'000;

std::string in_nfc(std::string_view utf8) {
  UErrorCode status = U_ZERO_ERROR;
  const auto* const nfc = icu::Normalizer2::getNFCInstance(status);
  std::string normal;
  icu::StringByteSink<std::string> sink(&normal);
  nfc->normalizeUTF8(0, icu::StringPiece(utf8.data(), static_cast<std::int32_t>(utf8.size())), sink, nullptr, status);
  check(U_SUCCESS(status) != 0, "ICU normalises");
  return normal;
}

// What readers see as one character is not cut.
class Graphemes {
 public:
  explicit Graphemes(const Text& text) : text_(text) {
    UErrorCode status = U_ZERO_ERROR;
    characters_.reset(icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), status));
    utext_openUTF8(&utf8_, text.utf8().data(), static_cast<std::int64_t>(text.utf8().size()), &status);
    characters_->setText(&utf8_, status);
    check(U_SUCCESS(status) != 0, "ICU has its own data");
  }
  ~Graphemes() { utext_close(&utf8_); }
  Graphemes(const Graphemes&) = delete;
  Graphemes& operator=(const Graphemes&) = delete;

  bool between(std::uint32_t code_point) {
    return characters_->isBoundary(static_cast<std::int32_t>(text_.byte_of(code_point))) != 0;
  }
  bool holds(Span span) { return between(span.start) && between(span.end); }

  QuotePlace place(Span span) {
    std::uint32_t before = span.start < kQuoteContext ? 0 : span.start - kQuoteContext;
    std::uint32_t behind = std::min(text_.size(), span.end + kQuoteContext);
    while (before < span.start && !between(before)) ++before;
    while (behind > span.end && !between(behind)) --behind;
    return {.span = span,
            .exact = std::string(text_.slice(span)),
            .prefix = std::string(text_.slice({before, span.start})),
            .suffix = std::string(text_.slice({span.end, behind}))};
  }

 private:
  const Text& text_;
  UText utf8_ = UTEXT_INITIALIZER;
  std::unique_ptr<icu::BreakIterator> characters_;
};

// Text in which what readers do not distinguish is the same; each character knows where it comes from.
struct Folded {
  std::u32string characters;
  std::vector<Span> sources;

  void add(char32_t character, std::uint32_t at) {
    characters += character;
    sources.push_back({at, at + 1});
  }
};

char32_t folded_mark(char32_t character) {
  switch (character) {
    case 0x2018:
    case 0x2019:
    case 0x201a:
    case 0x201b:
    case 0x2032:
    case 0x2039:
    case 0x203a:
      return '\'';
    case 0x201c:
    case 0x201d:
    case 0x201e:
    case 0x201f:
    case 0x2033:
    case 0xab:
    case 0xbb:
      return '"';
    case 0x2010:
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2014:
    case 0x2015:
    case 0x2212:
      return '-';
    default:
      return character;
  }
}

Folded folded(const Text& text, std::span<const Span> invisible) {
  Folded result;
  const auto utf8 = text.utf8();
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(utf8.data());  // NOLINT: chars seen as bytes
  std::size_t hidden = 0;
  std::uint32_t code_point = 0;
  bool space = false;
  for (std::int64_t at = 0; at < static_cast<std::int64_t>(utf8.size()); ++code_point) {
    UChar32 character = 0;
    U8_NEXT(bytes, at, static_cast<std::int64_t>(utf8.size()), character);
    while (hidden < invisible.size() && invisible[hidden].end <= code_point) ++hidden;
    const bool is_hidden = hidden < invisible.size() && invisible[hidden].start <= code_point;
    if (is_hidden || character == 0xad || character == 0xfeff || character == 0x200b) continue;
    if (u_isUWhiteSpace(character) != 0) {
      if (space) result.sources.back().end = code_point + 1;
      if (!space) result.add(' ', code_point);
      space = true;
      continue;
    }
    space = false;
    if (character == 0x2026) {
      for (int dot = 0; dot < 3; ++dot) result.add('.', code_point);
    } else {
      result.add(folded_mark(static_cast<char32_t>(character)), code_point);
    }
  }
  return result;
}

// The invisible spans in order, without overlap.
std::vector<Span> in_order(std::span<const Span> spans) {
  std::vector<Span> ordered(spans.begin(), spans.end());
  std::erase_if(ordered, [](const Span& span) { return span.end <= span.start; });
  std::ranges::sort(ordered);
  std::vector<Span> joined;
  for (const Span& span : ordered) {
    if (!joined.empty() && span.start <= joined.back().end) {
      joined.back().end = std::max(joined.back().end, span.end);
    } else {
      joined.push_back(span);
    }
  }
  return joined;
}

std::u32string folded_words(const std::string& utf8) {
  const auto text = Text::from_utf8(in_nfc(utf8));
  if (!text) return {};
  auto characters = folded(*text, {}).characters;
  while (!characters.empty() && characters.back() == ' ') characters.pop_back();
  while (!characters.empty() && characters.front() == ' ') characters.erase(0, 1);
  return characters;
}

std::vector<Span> verbatim(const Text& text, const std::string& quote) {
  std::vector<Span> found;
  for (auto at = text.utf8().find(quote); at != std::string_view::npos && found.size() < kMostOccurrences;
       at = text.utf8().find(quote, at + 1)) {
    found.push_back({text.code_point_of(static_cast<std::uint32_t>(at)),
                     text.code_point_of(static_cast<std::uint32_t>(at + quote.size()))});
  }
  return found;
}

std::vector<Span> loosely(const Folded& text, const std::u32string& quote) {
  std::vector<Span> found;
  for (auto at = text.characters.find(quote); at != std::u32string::npos && found.size() < kMostOccurrences;
       at = text.characters.find(quote, at + 1)) {
    found.push_back({text.sources[at].start, text.sources[at + quote.size() - 1].end});
  }
  return found;
}

class Search {
 public:
  Search(const Text& text, const QuoteSelector& selector, std::span<const Span> invisible)
      : text_(text), selector_(selector), invisible_(in_order(invisible)), graphemes_(text) {}

  QuoteSearch run() {
    const auto quote = in_nfc(selector_.exact);
    const auto loose = folded_words(selector_.exact);
    if (loose.empty()) return {};
    if (decide(verbatim(text_, quote))) return std::move(result_);
    if (decide(loosely(folded(text_, {}), loose))) return std::move(result_);
    if (!invisible_.empty() && decide(loosely(folded(text_, invisible_), loose))) return std::move(result_);
    if (result_.outcome == QuoteOutcome::not_found) suggest(quote);
    return std::move(result_);
  }

 private:
  // True if the search ends here.
  bool decide(std::vector<Span> places) {
    if (places.empty()) return false;
    const auto cut = std::ranges::partition(places, [&](Span span) { return graphemes_.holds(span); });
    if (cut.begin() == places.begin()) {
      result_.outcome = QuoteOutcome::inside_character;
      result_.candidates = {graphemes_.place(widened(places.front()))};
      return true;
    }
    places.erase(cut.begin(), places.end());
    std::ranges::sort(places);
    result_.occurrences = places.size();
    if (places.size() > 1) narrow(places);
    if (places.size() == 1) {
      result_.outcome = QuoteOutcome::found;
      result_.place = graphemes_.place(places.front());
      result_.candidates.clear();
      return true;
    }
    result_.outcome = QuoteOutcome::many;
    for (const Span& span : places) {
      if (result_.candidates.size() == kMostQuoteCandidates) break;
      result_.candidates.push_back(graphemes_.place(span));
    }
    return true;
  }

  Span widened(Span span) {
    while (span.start > 0 && !graphemes_.between(span.start)) --span.start;
    while (span.end < text_.size() && !graphemes_.between(span.end)) ++span.end;
    return span;
  }

  // Keeps those places that fit prefix and suffix best, and of these the one nearest to the start.
  void narrow(std::vector<Span>& places) {
    const auto prefix = folded_words(selector_.prefix), suffix = folded_words(selector_.suffix);
    std::vector<std::size_t> fits;
    for (const Span& span : places) fits.push_back(fit_before(span, prefix) + fit_behind(span, suffix));
    const std::size_t best = *std::ranges::max_element(fits);
    std::vector<Span> kept;
    for (std::size_t at = 0; at < places.size(); ++at) {
      if (fits[at] == best) kept.push_back(places[at]);
    }
    places = std::move(kept);
    if (places.size() == 1 || !selector_.start) return;
    const auto distance = [&](const Span& span) {
      return span.start > *selector_.start ? span.start - *selector_.start : *selector_.start - span.start;
    };
    std::ranges::sort(places, {}, [&](const Span& span) { return std::pair(distance(span), span.start); });
    if (distance(places[0]) < distance(places[1])) places.resize(1);
  }

  [[nodiscard]] std::size_t fit_before(Span span, const std::u32string& prefix) const {
    if (prefix.empty()) return 0;
    const auto reach = static_cast<std::uint32_t>(4 * prefix.size() + 8);
    const Span before{span.start < reach ? 0 : span.start - reach, span.start};
    auto there = folded_words(std::string(text_.slice(before)));
    std::size_t equal = 0;
    while (equal < prefix.size() && equal < there.size() &&
           prefix[prefix.size() - 1 - equal] == there[there.size() - 1 - equal])
      ++equal;
    return equal;
  }

  [[nodiscard]] std::size_t fit_behind(Span span, const std::u32string& suffix) const {
    if (suffix.empty()) return 0;
    const auto reach = static_cast<std::uint32_t>(4 * suffix.size() + 8);
    const auto there = folded_words(std::string(text_.slice({span.end, std::min(text_.size(), span.end + reach)})));
    const auto [end, unused] = std::ranges::mismatch(suffix, there);
    return static_cast<std::size_t>(end - suffix.begin());
  }

  // The closest places: where the quote would be if it were an older wording of this text.
  void suggest(const std::string& quote) {
    const auto old_text = Text::from_utf8(quote);
    if (!old_text) return;
    const auto anchor = Anchoring(*old_text, text_).anchor({0, old_text->size()});
    auto places = anchor.candidates;
    if (anchor.span && !anchor.span->empty()) places.push_back(*anchor.span);
    for (const Span& span : places) {
      if (result_.candidates.size() < kMostQuoteCandidates)
        result_.candidates.push_back(graphemes_.place(widened(span)));
    }
  }

  const Text& text_;
  const QuoteSelector& selector_;
  std::vector<Span> invisible_;
  Graphemes graphemes_;
  QuoteSearch result_;
};

}  // namespace

std::string_view name_of(QuoteOutcome outcome) {
  switch (outcome) {
    case QuoteOutcome::found:
      return "found";
    case QuoteOutcome::not_found:
      return "not_found";
    case QuoteOutcome::many:
      return "many";
    case QuoteOutcome::inside_character:
      return "inside_character";
  }
  return "";
}

QuoteSearch find_quote(const Text& text, const QuoteSelector& selector, std::span<const Span> invisible) {
  return Search(text, selector, invisible).run();
}

std::optional<QuotePlace> quote_at(const Text& text, Span span) {
  if (span.start >= span.end || span.end > text.size()) return std::nullopt;
  Graphemes graphemes(text);
  if (!graphemes.holds(span)) return std::nullopt;
  return graphemes.place(span);
}

}  // namespace flowstone::documents
