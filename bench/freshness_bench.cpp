// The whole system: quotes in many documents, a new version that changes some of them, and the time until everybody can
// read which insights are stale. The work must grow with what changed.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>

#include <fmt/format.h>

#include "bench/edited_documents.hpp"
#include "bench/knowledge.hpp"
#include "bench/main.hpp"
#include "bench/report.hpp"

namespace flowstone::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Ids = std::set<std::string>;

struct Library {
  std::map<std::string, std::string> texts;
  std::vector<Knowledge::Quote> quotes;
  std::vector<std::string> insights;  // one for each quote
};

// Sentences of a text, evenly spread; ASCII, so that bytes are code points.
void add_quotes(const std::string& path, const std::string& text, std::size_t count,
                std::vector<Knowledge::Quote>& quotes) {
  for (std::size_t number = 0; number < count; ++number) {
    const auto begin = text.find(". ", text.size() * number / (count + 1)) + 2;
    const auto end = text.find(". ", begin) + 1;
    check(begin > 1 && end > begin, "a text has as many sentences as are quoted");
    quotes.push_back({.document = path,
                      .span = {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)},
                      .exact = text.substr(begin, end - begin)});
  }
}

Library library_of(std::size_t documents, std::size_t bytes, std::size_t quotes_each) {
  Library library;
  const auto parts = made_up_contracts(documents * 4);
  for (std::size_t number = 0; number < documents; ++number) {
    const auto path = fmt::format("contract-{:03}.txt", number);
    std::string text;
    for (std::size_t part = 0; text.size() < bytes; ++part) text += parts[number * 4 + part % 4].utf8;
    text.resize(text.rfind("\n\n") + 2);
    add_quotes(path, text, quotes_each, library.quotes);
    library.texts[path] = std::move(text);
  }
  return library;
}

// The next version: a paragraph more at the beginning of each document chosen, which moves everything, and in every
// tenth of its quotes a word that turns it round. The insights that are stale by that, and were not before.
Ids change(Library& library, std::size_t count, std::size_t tenth, const Ids& before) {
  Ids stale;
  std::vector<std::string> paths;
  for (const auto& [path, text] : library.texts) paths.push_back(path);
  const std::size_t each = library.quotes.size() / paths.size();
  for (std::size_t number = 0; number < count; ++number) {
    auto& text = library.texts[paths[number]];
    std::set<std::string> turned;  // the same may be quoted twice
    for (std::size_t at = number * each; at < (number + 1) * each; ++at) {
      if (at % 10 != tenth) continue;
      const auto& exact = library.quotes[at].exact;
      auto changed = exact;
      changed.insert(changed.find(' '), " never");
      for (auto place = text.find(exact); place != std::string::npos; place = text.find(exact, place + changed.size()))
        text.replace(place, exact.size(), changed);
      turned.insert(exact);
    }
    for (std::size_t at = number * each; at < (number + 1) * each; ++at) {
      if (turned.contains(library.quotes[at].exact) && !before.contains(library.insights[at]))
        stale.insert(library.insights[at]);
    }
    text.insert(0, fmt::format("This is amendment {} to what was agreed.\n\n", tenth));
  }
  return stale;
}

Ids flagged(Knowledge& knowledge) {
  const auto& insight = *schemas::contracts().find_aggregate("insight");
  projections::ListQuery query;
  query.workspace = Knowledge::kWorkspace;
  query.limit = 200;
  Ids found;
  do {
    const auto page = knowledge.catalog().list(insight, query);
    check(page.has_value(), "insights are listed");
    for (const auto& row : page->rows) {
      const auto* const state = flatbuffers::GetRoot<schemas::Insight>(row.bytes.data());
      if (state->freshness() != nullptr && state->freshness()->value() == schemas::FreshnessFlag::stale)
        found.insert(row.id);
    }
    query.cursor = page->next_cursor;
  } while (!query.cursor.empty());
  return found;
}

void wait_until_readable(Knowledge& knowledge, Position position) {
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  knowledge.catalog().when_reached("insights", position, std::chrono::seconds(60), [&](bool reached) {
    check(reached, "the table follows");
    const std::lock_guard lock(mutex);
    done = true;
    changed.notify_one();
  });
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return done; });
}

struct Followed {
  double flags_ms = 0;   // from the parsed text to the last flag that can be read
  double parsed_ms = 0;  // from the upload to the parsed text
  std::set<std::string> documents;
  std::size_t events = 0, anchored = 0, flags = 0;
};

// Follows the log from an upload until its version is anchored and its flags can be read.
// `before`: insights that were stale already; their causes may be told anew.
Followed follow(Knowledge& knowledge, Position from, const Ids& expected, const Ids& before) {
  Followed seen;
  Ids flagged;
  const auto start = Clock::now();
  auto parsed = start;
  bool anchored = false;
  while (!anchored || flagged.size() < expected.size()) {
    check(Clock::now() - start < std::chrono::seconds(120), "a version is anchored in two minutes");
    knowledge.store().wait_beyond(from, std::chrono::seconds(1), {});
    eventstore::ReadOptions options;
    options.from = Position{from.value + 1};
    options.to = knowledge.store().state().durable;
    if (options.to < options.from) continue;
    auto reader = knowledge.store().read({}, options).value();
    while (const auto* event = reader->next().value()) {
      ++seen.events;
      from = event->position;
      if (event->type == "bundle.version_published") {
        parsed = Clock::now();
        seen.parsed_ms = std::chrono::duration<double, std::milli>(parsed - start).count();
      } else if (event->type == "evidence.anchored") {
        ++seen.anchored;
        const auto* const payload = flatbuffers::GetRoot<schemas::EvidenceAnchored>(event->payload.data());
        seen.documents.insert(payload->anchor()->document()->str());
      } else if (event->type == "insight.freshness_changed") {
        ++seen.flags;
        const std::string id(event->stream.substr(event->stream.find('-') + 1));
        if (before.contains(id)) continue;
        flagged.insert(id);
        if (flagged.size() == expected.size()) {
          wait_until_readable(knowledge, from);
          seen.flags_ms = std::chrono::duration<double, std::milli>(Clock::now() - parsed).count();
        }
      } else if (event->type == "bundle.version_anchored") {
        anchored = true;
      }
    }
  }
  check(flagged == expected, "exactly the insights on changed words are flagged");
  return seen;
}

}  // namespace

void run(const Options& options) {
  const std::size_t documents = options.tiny ? 10 : 100, quotes_each = options.tiny ? 20 : 100;
  Library library = library_of(documents, options.tiny ? 20'000 : 100'000, quotes_each);
  Knowledge knowledge(options.directory / "data");
  const auto bundle = knowledge.bundle("contracts");
  knowledge.upload(bundle, library.texts);
  auto position = Position{};
  const auto first = follow(knowledge, position, {}, {});
  const auto start = Clock::now();
  library.insights = knowledge.insights_on(bundle, library.quotes);
  check(knowledge.assessor().wait_for_tables(), "the tables follow");
  fmt::print("{} insights on {} documents written in {:.1f} s; {} documents read in {:.0f} ms\n",
             library.insights.size(), documents, std::chrono::duration<double>(Clock::now() - start).count(), documents,
             first.parsed_ms);
  Ids all;
  std::size_t tenth = 0;
  for (const std::size_t share : {1U, 10U, 100U}) {
    const std::size_t changed = std::max<std::size_t>(1, documents * share / 100);
    const auto expected = change(library, changed, tenth++, all);
    position = knowledge.store().state().durable;
    knowledge.upload(bundle, library.texts);
    const auto seen = follow(knowledge, position, expected, all);
    all.insert(expected.begin(), expected.end());
    check(seen.documents.size() == changed, "as many documents are compared as changed");
    check(seen.anchored == changed * quotes_each, "the quotes of these are looked for, and no others");
    check(flagged(knowledge) == all, "exactly the insights on changed words are stale");
    report({.measure = fmt::format("freshness: flags of {} quotes, {} of {} documents changed", library.quotes.size(),
                                   changed, documents),
            .value = seen.flags_ms,
            .unit = "ms",
            .at_least = {},
            .at_most = share == 1 ? std::optional<double>(1'000) : std::nullopt,
            .beside = fmt::format("{} compared, {} quotes, {} stale, {} events; read in {:.0f} ms",
                                  seen.documents.size(), seen.anchored, expected.size(), seen.events, seen.parsed_ms)});
  }
}

}  // namespace flowstone::bench
