// How often an anchor is right, on edits whose truth is known: right place (three fifths of what both cover in common,
// or nothing where the words were deleted), right verdict (fresh or stale).
#include <algorithm>
#include <array>
#include <chrono>

#include <fmt/format.h>

#include "base/check.hpp"
#include "bench/edited_documents.hpp"
#include "bench/report.hpp"
#include "documents/anchor.hpp"

namespace flowstone::bench {
namespace {

using documents::Anchor;
using documents::Anchoring;
using documents::Span;
using documents::Text;

struct Case {
  Edit edit;
  std::string_view name;
  double place, verdict;  // goals, per cent; 0 where there is none
};

constexpr auto kCases = std::to_array<Case>({
    {Edit::elsewhere, "unchanged, edits elsewhere", 100, 100},
    {Edit::context_rewritten, "context rewritten", 100, 100},
    {Edit::one_word, "one word or number", 99.3, 99.7},
    {Edit::quarter, "a quarter of the words", 95, 99.6},
    {Edit::sixty_percent, "60 % of the words", 0, 99.3},
    {Edit::moved, "moved", 99.8, 99.8},
    {Edit::moved_one_word, "moved and one word", 96.2, 99.8},
    {Edit::deleted, "deleted", 96.4, 99.5},
    {Edit::deleted_near_twin, "deleted, near twin stays", 93.2, 99.8},
    {Edit::deleted_duplicate, "deleted, duplicate stays", 94.7, 98.3},
});

struct Score {
  std::size_t asked = 0, placed = 0, judged = 0;

  void add(const Score& other) {
    asked += other.asked;
    placed += other.placed;
    judged += other.judged;
  }
  [[nodiscard]] static double percent(std::size_t part, std::size_t whole) {
    return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  }
};

Span span_of(const Text& text, Stretch stretch) {
  return {text.code_point_of(static_cast<std::uint32_t>(stretch.begin)),
          text.code_point_of(static_cast<std::uint32_t>(stretch.end))};
}

double overlap(Span left, Span right) {
  const auto begin = std::max(left.start, right.start), end = std::min(left.end, right.end);
  const auto first = std::min(left.start, right.start), last = std::max(left.end, right.end);
  return end <= begin ? 0 : static_cast<double>(end - begin) / static_cast<double>(last - first);
}

Score score_of(const EditedDocument& document, bool tell) {
  const auto old_text = Text::from_utf8(document.old_utf8), new_text = Text::from_utf8(document.new_utf8);
  check(old_text && new_text, "an edited document is UTF-8");
  const Anchoring anchoring(*old_text, *new_text);
  Score score;
  for (const auto& truth : document.truths) {
    const Anchor anchor = anchoring.anchor(span_of(*old_text, truth.old_place));
    check(!anchor.span || anchor.span->end <= new_text->size(), "an anchor is within its text");
    const bool placed = truth.new_place
                            ? anchor.span && overlap(*anchor.span, span_of(*new_text, *truth.new_place)) >= 0.6
                            : !anchor.span;
    const bool judged = is_fresh(anchor.verdict) == truth.fresh;
    ++score.asked;
    if (placed) ++score.placed;
    if (judged) ++score.judged;
    if (tell && (!placed || !judged)) {
      fmt::print("  {} {}\n    was: {}\n    is:  {}\n    now: {}\n", placed ? "verdict" : "place",
                 name_of(anchor.verdict),
                 document.old_utf8.substr(truth.old_place.begin, truth.old_place.end - truth.old_place.begin),
                 truth.new_place
                     ? document.new_utf8.substr(truth.new_place->begin, truth.new_place->end - truth.new_place->begin)
                     : "(deleted)",
                 anchor.exact);
    }
  }
  return score;
}

void report_case(std::string_view set, const Case& measured, const Score& score) {
  const auto row = [&](std::string_view what, std::size_t right, double goal) {
    const auto measure = fmt::format("truth, {}: {}, {}", set, measured.name, what);
    const bool with_goal = goal > 0;
    report({.measure = measure,
            .value = Score::percent(right, score.asked),
            .unit = "%",
            .at_least = with_goal ? std::optional(goal) : std::nullopt,
            .at_most = {},
            .beside = fmt::format("{} spans", score.asked)});
  };
  row("place", score.placed, measured.place);
  row("verdict", score.judged, measured.verdict);
}

void measure_set(std::string_view set, const std::vector<Document>& documents, const Options& options) {
  if (documents.empty()) {
    fmt::print("truth, {}: no documents there\n", set);
    return;
  }
  const char* const told = std::getenv("FLOWSTONE_TRUTH_TELL");
  const std::size_t wanted = options.tiny ? 20 : 1'700;
  for (const auto& measured : kCases) {
    const bool tell = told != nullptr && told == fmt::format("{}: {}", set, measured.name);
    std::mt19937_64 random(20'261'121);
    Score score;
    for (int round = 0; round < 40 && score.asked < wanted; ++round) {
      for (const auto& document : documents) {
        if (options.tiny && score.asked >= wanted) break;
        score.add(score_of(edited(document, measured.edit, 12, random), tell));
      }
    }
    check(score.asked >= wanted / 2 && score.placed <= score.asked, "there were sentences to ask for");
    report_case(set, measured, score);
  }
}

}  // namespace
}  // namespace flowstone::bench

int main(int count, char** arguments) {
  using namespace flowstone::bench;  // NOLINT: the program is this room's
  const Options options = options_of(count, arguments);
  auto specs = corpus_documents("cloudevents-spec");
  for (auto& document : corpus_documents("asyncapi-spec")) specs.push_back(std::move(document));
  measure_set("specifications", specs, options);
  measure_set("the same on one line", on_one_line(specs), options);
  measure_set("own docs", own_documents(), options);
  measure_set("contracts", made_up_contracts(12), options);
  remove_directory(options);
}
