// Full-text search over 100,000 passages: how long a question takes, what indexing costs, what it takes on disk.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/check.hpp"
#include "bench/main.hpp"
#include "bench/report.hpp"
#include "projections/search.hpp"
#include "projections/search/build_file.hpp"

namespace flowstone::bench {
namespace {

using Clock = std::chrono::steady_clock;
using projections::SearchChunk;
using projections::SearchDocument;
using projections::SearchIndex;
using projections::SearchQuery;
using projections::SearchWriter;

constexpr projections::BuildId kBuild = 1;
constexpr std::size_t kWords = 50'000;      // of the language
constexpr std::size_t kPassageWords = 180;  // about 1,200 characters
constexpr std::size_t kPassages = 100;      // of a document
constexpr std::size_t kBundleDocuments = 100;

// Words as often as people use them: the n-th most usual one 1/n as often as the first.
class Language {
 public:
  Language() {
    double sum = 0;
    for (std::size_t rank = 1; rank <= kWords; ++rank) {
      sum += 1.0 / static_cast<double>(rank);
      sums_.push_back(sum);
    }
  }
  std::size_t draw(std::mt19937_64& random) const {
    const double at = std::uniform_real_distribution<double>(0, sums_.back())(random);
    return static_cast<std::size_t>(std::ranges::lower_bound(sums_, at) - sums_.begin());
  }
  static std::string word(std::size_t rank) {
    std::string letters;
    for (std::size_t left = rank + 27; left > 0; left /= 26) letters += static_cast<char>('a' + left % 26);
    return letters + "o";
  }

 private:
  std::vector<double> sums_;
};

// What was written, to check answers against: which words are in how many passages.
struct Corpus {
  std::map<std::size_t, std::size_t> passages_with;
  std::vector<std::pair<std::size_t, std::size_t>> neighbours;  // two words that stand together somewhere
  std::size_t passages = 0, bytes = 0;
};

std::vector<SearchChunk> write_document(const Language& language, std::mt19937_64& random, Corpus& corpus) {
  std::vector<SearchChunk> chunks;
  std::uint32_t place = 0;
  for (std::size_t passage = 0; passage < kPassages; ++passage) {
    SearchChunk chunk;
    std::set<std::size_t> words;
    std::size_t before = 0;
    for (std::size_t at = 0; at < kPassageWords; ++at) {
      const std::size_t word = language.draw(random);
      words.insert(word);
      chunk.text.append(Language::word(word)) += ' ';
      if (at == 7 && passage == 3) corpus.neighbours.emplace_back(before, word);
      before = word;
    }
    for (const std::size_t word : words) ++corpus.passages_with[word];
    const auto size = static_cast<std::uint32_t>(chunk.text.size());
    chunk.span = {place, place + size};
    place += size;
    corpus.bytes += size;
    ++corpus.passages;
    chunks.push_back(std::move(chunk));
  }
  return chunks;
}

Corpus fill(const SearchIndex& index, std::size_t passages) {
  Corpus corpus;
  std::mt19937_64 random(1);
  const Language language;
  auto writer = std::move(SearchWriter::open(index.file_of(kBuild))).value();
  projections::Checkpoint checkpoint;
  std::chrono::duration<double> took{};
  for (std::size_t bundle = 0; corpus.passages < passages; ++bundle) {
    std::vector<SearchDocument> documents;
    std::vector<std::vector<SearchChunk>> texts;
    while (documents.size() < kBundleDocuments && corpus.passages < passages) {
      const std::string path = fmt::format("{}/{}", bundle, documents.size());
      documents.push_back({.path = path, .text = sha256(path)});
      texts.push_back(write_document(language, random, corpus));
    }
    const auto start = Clock::now();
    check(writer.begin().has_value(), "a transaction begins");
    const auto published = writer.publish(
        {"w", fmt::format("b{}", bundle), 1}, documents,
        [&](std::size_t at) -> Result<std::vector<SearchChunk>, std::string> { return std::move(texts[at]); },
        checkpoint);
    check(published.has_value(), published ? "" : published.error());
    check(writer.commit(checkpoint).has_value(), "a transaction ends");
    took += Clock::now() - start;
  }
  report({.measure = "search: index passages of 1,200 characters",
          .value = static_cast<double>(corpus.passages) / took.count(),
          .unit = "passages/s",
          .at_least = {},
          .at_most = {},
          .beside = fmt::format("{:.1f} MB/s of text", static_cast<double>(corpus.bytes) / 1e6 / took.count())});
  return corpus;
}

projections::SearchPage ask(SearchIndex& index, const std::string& words, std::string cursor = {},
                            std::size_t limit = 20) {
  SearchQuery query;
  query.workspace = "w";
  query.words = words;
  query.limit = limit;
  query.cursor = std::move(cursor);
  auto page = index.search(kBuild, query);
  check(page && *page, "a search is answered");
  return **std::move(page);
}

// Every passage with the word is found, once, the best first.
void check_word(SearchIndex& index, const Corpus& corpus, std::size_t word) {
  std::set<std::pair<std::string, std::uint32_t>> seen;
  std::string cursor;
  double last = HUGE_VAL;
  do {
    const auto page = ask(index, Language::word(word), cursor, 200);
    for (const auto& hit : page.hits) {
      check(hit.score <= last && !hit.highlights.empty(), "the best come first, with the words marked");
      check(hit.text.substr(hit.highlights[0].start - hit.span.start, hit.highlights[0].size()) == Language::word(word),
            "the mark is on the word");
      last = hit.score;
      seen.emplace(hit.path, hit.span.start);
    }
    cursor = page.next_cursor;
  } while (!cursor.empty());
  check(seen.size() == corpus.passages_with.at(word), "as many passages as hold the word");
}

// Of the calling thread, which answers a question alone: what others on the machine do is not in it.
double processor_milliseconds() {
  ::timespec time{};
  check(::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0, "a thread has a clock");
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

double of_a_hundred_the_slowest(std::vector<double>& times) {
  std::ranges::sort(times);
  return times[times.size() * 99 / 100];
}

void measure(SearchIndex& index, std::string_view what, std::optional<double> at_most,
             const std::vector<std::string>& queries) {
  std::vector<double> times, processor;
  std::size_t hits = 0;
  for (const std::string& words : queries) {
    const auto start = Clock::now();
    const double before = processor_milliseconds();
    hits += ask(index, words).hits.size();
    processor.push_back(processor_milliseconds() - before);
    times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  }
  report({.measure = what,
          .value = of_a_hundred_the_slowest(times),
          .unit = "ms p99",
          .at_least = {},
          .at_most = at_most,
          .beside = fmt::format("of processor {:.1f} ms; median {:.2f} ms, {} questions, {:.1f} hits each",
                                of_a_hundred_the_slowest(processor), times[times.size() / 2], times.size(),
                                static_cast<double>(hits) / static_cast<double>(times.size()))});
}

// What people ask: one to three words of their language, phrases, beginnings.
std::vector<std::string> usual_queries(const Corpus& corpus, std::size_t count) {
  std::mt19937_64 random(2);
  std::vector<std::string> queries;
  const auto word = [&] { return Language::word(100 + random() % 20'000); };
  for (std::size_t at = 0; queries.size() < count; ++at) {
    const auto& [left, right] = corpus.neighbours[at % corpus.neighbours.size()];
    switch (at % 5) {
      case 0:
        queries.push_back(word());
        break;
      case 1:
        queries.push_back(word() + " " + Language::word(random() % 1'000));
        break;
      case 2:
        queries.push_back(fmt::format("\"{} {}\"", Language::word(left), Language::word(right)));
        break;
      case 3:
        queries.push_back(word().substr(0, 4) + "*");
        break;
      default:
        queries.push_back(Language::word(left) + " " + Language::word(right) + " " + Language::word(random() % 500));
    }
  }
  return queries;
}

}  // namespace

void run(const Options& options) {
  const auto index = std::move(SearchIndex::open(options.directory / "search")).value();
  const Corpus corpus = fill(*index, options.tiny ? 1'000 : 100'000);
  for (const std::size_t word : {200U, 999U, 5'000U, 20'000U}) {
    if (corpus.passages_with.contains(word)) check_word(*index, corpus, word);
  }
  report({.measure = "search: on disk a passage of 1,200 characters",
          .value = static_cast<double>(std::filesystem::file_size(index->file_of(kBuild))) /
                   static_cast<double>(corpus.passages),
          .unit = "bytes",
          .at_least = {},
          .at_most = {},
          .beside = fmt::format("{} passages of {:.0f} bytes", corpus.passages,
                                static_cast<double>(corpus.bytes) / static_cast<double>(corpus.passages))});
  const std::size_t count = options.tiny ? 50 : 1'000;
  measure(*index, fmt::format("search: words, phrases, beginnings in {} passages", corpus.passages), 50,
          usual_queries(corpus, count));
  measure(*index, "search: the most usual word of all", {},
          std::vector<std::string>(options.tiny ? 5 : 20, Language::word(0)));
}

}  // namespace flowstone::bench
