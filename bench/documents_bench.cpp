// What it costs to say what changed: the longest versions of real documents, beside git in the same run.
#include <algorithm>
#include <array>
#include <chrono>
#include <fcntl.h>
#include <fstream>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/check.hpp"
#include "bench/edited_documents.hpp"
#include "bench/main.hpp"
#include "bench/report.hpp"
#include "documents/anchor.hpp"
#include "documents/diff.hpp"

namespace flowstone::bench {
namespace {

using Clock = std::chrono::steady_clock;
using documents::Text;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// The middle of several runs.
template <class Work>
double median(int runs, Work work) {
  std::vector<double> times;
  for (int run = 0; run < runs; ++run) {
    const auto start = Clock::now();
    work();
    times.push_back(milliseconds_since(start));
  }
  std::ranges::nth_element(times, times.begin() + runs / 2);
  return times[static_cast<std::size_t>(runs / 2)];
}

// Runs git with its output thrown away; its exit status, or -1 where there is no git.
int run_git(std::vector<std::string> arguments) {
  std::vector<char*> words;
  for (auto& argument : arguments) words.push_back(argument.data());
  words.push_back(nullptr);
  posix_spawn_file_actions_t quiet;
  ::posix_spawn_file_actions_init(&quiet);
  ::posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  ::pid_t child = 0;
  const int failed = ::posix_spawnp(&child, "git", &quiet, nullptr, words.data(), environ);
  ::posix_spawn_file_actions_destroy(&quiet);
  if (failed != 0) return -1;
  int status = 0;
  check(::waitpid(child, &status, 0) == child, "git is waited for");
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

struct Pair {
  std::string_view what;
  const Document* before = nullptr;
  const Document* after = nullptr;
};

// Of all histories: the longest neighbours, and the longest that lie as far apart as their history goes.
std::vector<Pair> longest_pairs(const std::vector<std::vector<Document>>& histories) {
  Pair neighbours{.what = "neighbours"}, ends{.what = "first and last"};
  const auto longer = [](const Document& before, const Document& after, const Pair& than) {
    return than.before == nullptr ||
           before.utf8.size() + after.utf8.size() > than.before->utf8.size() + than.after->utf8.size();
  };
  for (const auto& history : histories) {
    for (std::size_t at = 1; at < history.size(); ++at) {
      if (longer(history[at - 1], history[at], neighbours))
        neighbours.before = &history[at - 1], neighbours.after = &history[at];
    }
    if (history.size() > 1 && longer(history.front(), history.back(), ends))
      ends.before = &history.front(), ends.after = &history.back();
  }
  if (neighbours.before == nullptr) return {};
  return {neighbours, ends};
}

void check_round_trip(const Text& before, const Text& after) {
  const auto diff = documents::diff(before, after);
  check(documents::accept_all(diff, before, after) == after.utf8(), "all changes accepted give the new text");
  check(documents::reject_all(diff, before, after) == before.utf8(), "all changes rejected give the old text");
  check(documents::inverted(documents::inverted(diff)) == diff, "a diff turned round twice is itself");
}

std::string beside_git(const Pair& pair, const Options& options, int runs) {
  const auto file = [&](const char* name, const Document& document) {
    auto path = options.directory / name;
    std::ofstream(path, std::ios::binary) << document.utf8;
    return path.string();
  };
  const auto before = file("before.md", *pair.before), after = file("after.md", *pair.after);
  const auto diff = [&] { return run_git({"git", "diff", "--no-index", "--histogram", "--word-diff", before, after}); };
  if (diff() != 1) return "no git here";
  const double took = median(runs, [&] { check(diff() == 1, "git finds a difference"); });
  const double start = median(runs, [] { check(run_git({"git", "--version"}) == 0, "git starts"); });
  return fmt::format("git --histogram --word-diff {:.1f} ms, of it start {:.1f}", took, start);
}

void measure_diff(const Pair& pair, const Options& options) {
  const auto before = Text::from_utf8(pair.before->utf8), after = Text::from_utf8(pair.after->utf8);
  check(before && after, "the corpus is UTF-8");
  check_round_trip(*before, *after);
  const int runs = options.tiny ? 1 : 21;
  const double took = median(runs, [&] {
    const auto old_text = Text::from_utf8(pair.before->utf8), new_text = Text::from_utf8(pair.after->utf8);
    check(!documents::diff(*old_text, *new_text).empty(), "the versions differ");
  });
  report({.measure = fmt::format("diff of {} kB with {} kB, {}", pair.before->utf8.size() / 1'000,
                                 pair.after->utf8.size() / 1'000, pair.what),
          .value = took,
          .unit = "ms",
          .at_least = {},
          .at_most = 50,
          .beside = beside_git(pair, options, runs)});
}

// 10,000 quotes in one pair, evenly spread.
void measure_anchors(const Pair& pair, const Options& options) {
  const auto before = Text::from_utf8(pair.before->utf8), after = Text::from_utf8(pair.after->utf8);
  const std::uint32_t count = options.tiny ? 100 : 10'000, length = 120;
  const auto start = Clock::now();
  const documents::Anchoring anchoring(*before, *after);
  const double prepared = milliseconds_since(start);
  std::array<std::size_t, 7> verdicts{};
  for (std::uint32_t at = 0; at < count; ++at) {
    const auto place = static_cast<std::uint32_t>(std::uint64_t{before->size() - length} * at / count);
    ++verdicts.at(static_cast<std::size_t>(anchoring.anchor({place, place + length}).verdict));
  }
  const double took = milliseconds_since(start);
  const documents::Anchoring same(*before, *before);
  check(same.anchor({10, 10 + length}).verdict == documents::Verdict::same, "what did not change is the same");
  report({.measure = fmt::format("{} quotes of 120 characters, {}", count, pair.what),
          .value = took,
          .unit = "ms",
          .at_least = {},
          .at_most = {},
          .beside = fmt::format("aligned in {:.1f} ms; {} same, {} moved, {} changed, {} lost", prepared, verdicts[0],
                                verdicts[1], verdicts[3] + verdicts[4], verdicts[6])});
}

}  // namespace

void run(const Options& options) {
  std::vector<std::vector<Document>> histories;
  for (const auto* name : {"cloudevents-spec", "asyncapi-spec"}) histories.push_back(corpus_documents(name));
  auto pairs = longest_pairs(histories);
  if (pairs.empty()) {
    fmt::print("diff: no histories beside this checkout; a contract and the one after it instead\n");
    histories = {made_up_contracts(2)};
    pairs = longest_pairs(histories);
  }
  for (const auto& pair : pairs) measure_diff(pair, options);
  for (const auto& pair : pairs) measure_anchors(pair, options);
}

}  // namespace flowstone::bench
