#include "documents/materiality.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "documents/sequence.hpp"
#include "documents/similarity.hpp"

namespace flowstone::documents {
namespace {

// Lower case. Negations, modals, quantifiers that turn a sentence round, months, days, currencies; English, then the
// most frequent of German, French and Spanish.
constexpr auto kGrave = std::to_array<std::string_view>({
    "not",       "no",          "never",     "none",      "nothing",  "neither",     "nor",      "cannot",
    "without",   "unless",      "except",    "may",       "must",     "shall",       "should",   "can",
    "could",     "will",        "would",     "might",     "ought",    "required",    "optional", "recommended",
    "mandatory", "prohibited",  "forbidden", "permitted", "allowed",  "don't",       "doesn't",  "didn't",
    "isn't",     "aren't",      "wasn't",    "weren't",   "won't",    "can't",       "couldn't", "shouldn't",
    "mustn't",   "needn't",     "hasn't",    "haven't",   "hadn't",   "wouldn't",    "shan't",   "mightn't",
    "january",   "february",    "march",     "april",     "june",     "july",        "august",   "september",
    "october",   "november",    "december",  "jan",       "feb",      "mar",         "apr",      "jun",
    "jul",       "aug",         "sep",       "sept",      "oct",      "nov",         "dec",      "monday",
    "tuesday",   "wednesday",   "thursday",  "friday",    "saturday", "sunday",      "one",      "two",
    "three",     "four",        "five",      "six",       "seven",    "eight",       "nine",     "ten",
    "eleven",    "twelve",      "twenty",    "thirty",    "forty",    "fifty",       "sixty",    "seventy",
    "eighty",    "ninety",      "hundred",   "thousand",  "million",  "billion",     "zero",     "usd",
    "eur",       "gbp",         "chf",       "jpy",       "cny",      "dollar",      "dollars",  "euro",
    "euros",     "pound",       "pounds",    "cent",      "cents",    "percent",     "nicht",    "kein",
    "keine",     "keinen",      "keiner",    "nie",       "niemals",  "ohne",        "muss",     "m\u00fcssen",
    "darf",      "d\u00fcrfen", "soll",      "sollen",    "kann",     "k\u00f6nnen", "nur",      "ne",
    "pas",       "jamais",      "aucun",     "aucune",    "sans",     "doit",        "doivent",  "peut",
    "peuvent",   "nunca",       "sin",       "debe",      "deben",    "puede",       "pueden",   "ning\u00fan",
    "ninguna",
});

// Signs that make another number of the number behind them.
constexpr std::string_view kSigns = "-+<>=~";

// Words that bind in capitals only (RFC 2119, RFC 8174): "MUST" says more than "must", but not where everything is in
// capitals.
constexpr auto kBinding =
    std::to_array<std::string_view>({"MUST", "SHALL", "SHOULD", "MAY", "NOT", "REQUIRED", "RECOMMENDED", "OPTIONAL"});

struct Shape {
  bool speaks = false;  // has a letter or digit
  bool grave = false;
  bool binding = false;
  std::string folded;  // lower case

  [[nodiscard]] bool says_as(const Shape& other) const { return folded == other.folded && binding == other.binding; }
};

Shape shape_of(std::string_view word) {
  Shape shape;
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(word.data());  // NOLINT: chars seen as bytes
  const auto length = static_cast<std::int32_t>(word.size());
  for (std::int32_t at = 0; at < length;) {
    UChar32 code_point = 0;
    U8_NEXT(bytes, at, length, code_point);
    const auto category = u_charType(code_point);
    shape.speaks = shape.speaks || u_isalnum(code_point) != 0;
    shape.grave = shape.grave || u_isdigit(code_point) != 0 || category == U_CURRENCY_SYMBOL ||
                  category == U_OTHER_NUMBER || category == U_LETTER_NUMBER || code_point == '%' ||
                  code_point == 0x2030;
    // An apostrophe is an apostrophe, however it is set.
    const UChar32 folded = code_point == 0x2019 ? '\'' : u_foldCase(code_point, U_FOLD_CASE_DEFAULT);
    std::array<std::uint8_t, 4> encoded{};
    std::int32_t size = 0;
    U8_APPEND_UNSAFE(encoded.data(), size, folded);
    shape.folded.append(encoded.begin(), encoded.begin() + size);
  }
  shape.grave = shape.grave || std::ranges::find(kGrave, shape.folded) != kGrave.end();
  shape.binding = std::ranges::find(kBinding, word) != kBinding.end();
  return shape;
}

std::vector<Shape> shapes_of(const std::string& utf8, bool in_capitals) {
  std::vector<Shape> shapes;
  const auto text = Text::from_utf8(utf8);
  if (!text) return shapes;
  for (const auto& word : words_of(*text)) {
    shapes.push_back(shape_of(text->slice(word.span)));
    shapes.back().binding = shapes.back().binding && !in_capitals;
  }
  return shapes;
}

// True if at least so many words beside the binding ones are of more than one letter, and none has a small one: it is
// how the text is set, and not what it stresses.
bool is_in_capitals(const Text& text, std::span<const Word> words) {
  constexpr int kWords = 2;
  int others = 0;
  for (const Word& word : words) {
    const std::string_view utf8 = text.slice(word.span);
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(utf8.data());  // NOLINT: chars seen as bytes
    const auto length = static_cast<std::int32_t>(utf8.size());
    int capitals = 0;
    for (std::int32_t at = 0; at < length;) {
      UChar32 code_point = 0;
      U8_NEXT(bytes, at, length, code_point);
      if (u_islower(code_point) != 0) return false;
      if (u_isupper(code_point) != 0) ++capitals;
    }
    if (capitals > 1 && std::ranges::find(kBinding, utf8) == kBinding.end()) ++others;
  }
  return others >= kWords;
}

// True if among words [first, last) is a sign of a number: it stands right before digits, and behind no word.
bool signs_number(const Text& text, std::span<const Word> words, std::uint32_t first, std::uint32_t last) {
  for (std::uint32_t at = first; at < last && at + 1 < words.size(); ++at) {
    const auto word = text.slice(words[at].span);
    const bool sign = (word.size() == 1 && kSigns.find(word.front()) != std::string_view::npos) || word == "\u2212";
    const bool before_number = words[at + 1].begin == words[at].end && shape_of(text.slice(words[at + 1].span)).grave;
    const bool behind_word = at > 0 && words[at - 1].end == words[at].begin;
    if (sign && before_number && !behind_word) return true;
  }
  return false;
}

std::vector<const Shape*> speaking(const std::vector<Shape>& shapes) {
  std::vector<const Shape*> words;
  for (const auto& shape : shapes) {
    if (shape.speaks || shape.grave) words.push_back(&shape);
  }
  return words;
}

}  // namespace

std::string_view name_of(Materiality materiality) {
  switch (materiality) {
    case Materiality::none:
      return "none";
    case Materiality::cosmetic:
      return "cosmetic";
    case Materiality::reworded:
      return "reworded";
    case Materiality::material:
      return "material";
  }
  return "";
}

std::vector<WordChange> word_changes(const Text& old_text, std::span<const Word> old_words, const Text& new_text,
                                     std::span<const Word> new_words) {
  const auto collect = [](const Text& text, std::span<const Word> words, auto& keys, auto& weights) {
    for (const auto& word : words) {
      keys.push_back(word.key);
      weights.push_back(weight_of(word, text));
    }
  };
  std::vector<std::uint64_t> old_keys, new_keys;
  std::vector<std::uint32_t> old_weights, new_weights;
  collect(old_text, old_words, old_keys, old_weights);
  collect(new_text, new_words, new_keys, new_weights);
  auto runs = common_runs(old_keys, new_keys);
  join_runs(runs, old_keys, new_keys);
  drop_accidents(runs, old_weights, new_weights);
  runs.push_back({.old_first = static_cast<std::uint32_t>(old_words.size()),
                  .new_first = static_cast<std::uint32_t>(new_words.size()),
                  .count = 0});
  const auto span_of = [](std::span<const Word> words, std::uint32_t first, std::uint32_t last) {
    if (first < last) return Span{words[first].span.start, words[last - 1].span.end};
    const std::uint32_t at = first > 0 ? words[first - 1].span.end : words.empty() ? 0 : words.front().span.start;
    return Span{at, at};
  };
  const bool old_in_capitals = is_in_capitals(old_text, old_words);
  const bool new_in_capitals = is_in_capitals(new_text, new_words);
  std::vector<WordChange> changes;
  std::uint32_t old_at = 0, new_at = 0;
  for (const auto& run : runs) {
    if (old_at < run.old_first || new_at < run.new_first) {
      const Span before = span_of(old_words, old_at, run.old_first), after = span_of(new_words, new_at, run.new_first);
      changes.push_back({.old_span = before,
                         .new_span = after,
                         .before = std::string(old_text.slice(before)),
                         .after = std::string(new_text.slice(after)),
                         .signs = signs_number(old_text, old_words, old_at, run.old_first) ||
                                  signs_number(new_text, new_words, new_at, run.new_first),
                         .old_in_capitals = old_in_capitals,
                         .new_in_capitals = new_in_capitals});
    }
    old_at = run.old_last();
    new_at = run.new_last();
  }
  return changes;
}

Materiality materiality_of(const WordChange& change) {
  if (change.before == change.after) return Materiality::none;
  if (change.signs) return Materiality::material;
  const auto old_shapes = shapes_of(change.before, change.old_in_capitals),
             new_shapes = shapes_of(change.after, change.new_in_capitals);
  const auto old_words = speaking(old_shapes), new_words = speaking(new_shapes);
  const auto same = [](const Shape* left, const Shape* right) { return left->says_as(*right); };
  if (std::ranges::equal(old_words, new_words, same)) return Materiality::cosmetic;
  // What is on both sides did not change; the order of grave words counts.
  const auto grave = [](const std::vector<const Shape*>& words) {
    std::vector<const Shape*> found;
    std::ranges::copy_if(words, std::back_inserter(found), &Shape::grave);
    return found;
  };
  if (!std::ranges::equal(grave(old_words), grave(new_words), same)) return Materiality::material;
  const auto speaks = [](const Shape* word) { return word->speaks; };
  const bool spoken = std::ranges::any_of(old_words, speaks) || std::ranges::any_of(new_words, speaks);
  return spoken ? Materiality::reworded : Materiality::cosmetic;
}

Materiality materiality_of(std::span<const WordChange> changes) {
  Materiality gravest = Materiality::none;
  for (const auto& change : changes) gravest = std::max(gravest, materiality_of(change));
  return gravest;
}

}  // namespace flowstone::documents
