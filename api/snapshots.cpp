#include "api/snapshots.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "api/command_answers.hpp"
#include "base/uuid.hpp"
#include "domain/aggregate.hpp"
#include "outside/web_address.hpp"
#include "projections/document_reading.hpp"
#include "schemas/run_generated.h"

namespace flowstone::api {
namespace {

using outside::FetchError;
using outside::WebAddress;
using schemas::EvidenceSourceT;

constexpr std::chrono::seconds kPatience{10};  // for a page to be taken in
constexpr std::chrono::milliseconds kGlance{500};
constexpr std::size_t kLongestName = 200;
constexpr std::size_t kLongestMediaType = 127;
constexpr std::uint32_t kHeartbeatMs = 600'000;

struct WebPage {
  WebAddress url;
  std::string media_type;
  Bytes bytes;
};

// Where the snapshots of a URL are.
struct Shelf {
  std::string bundle_id, document;
};

// --- the page ---

Problem problem_of(const FetchError& error) {
  const auto refused = [&](std::string_view code) {
    return broken_rule("source.url", error.detail, std::string(code));
  };
  switch (error.code) {
    case FetchError::Code::not_public:
    case FetchError::Code::bad_url:
      return refused("url_not_public");
    case FetchError::Code::unsafe:
      return refused("page_not_safe");
    case FetchError::Code::too_large:
      return refused("page_too_large");
    case FetchError::Code::unreachable:
    case FetchError::Code::too_slow:
    case FetchError::Code::too_many_redirects:
    case FetchError::Code::bad_answer:
    case FetchError::Code::not_found:
      return refused("page_not_fetched");
    case FetchError::Code::busy:
    case FetchError::Code::stopped:
      break;
  }
  Problem problem{error.code == FetchError::Code::busy ? ProblemKind::busy : ProblemKind::stopping, error.detail};
  problem.retry_after_seconds = 5;
  return problem;
}

// Nothing of a source but its URL may be given beside it.
Found<WebAddress> check_source(const EvidenceSourceT& source) {
  Problem problem{ProblemKind::invalid_field};
  const auto unwanted = [&](bool given, std::string_view field) {
    if (given) problem.errors.push_back({fmt::format("source.{}", field), "must be left out where `url` is given"});
  };
  unwanted(!source.bundle_id.empty(), "bundle_id");
  unwanted(source.version != 0, "version");
  unwanted(!source.document.empty(), "document");
  if (!source.content.empty() && !source.base64.empty())
    problem.errors.push_back({"source", "must have `content` or `base64`, not both"});
  auto url = WebAddress::parse(source.url);
  if (!url) problem.errors.push_back({"source.url", url.error()});
  if (!problem.errors.empty()) return failure(problem);
  return *std::move(url);
}

// "text/html; charset=utf-8" -> "text/html"
std::string essence_of(std::string_view media_type) {
  media_type = media_type.substr(0, media_type.find(';'));
  while (media_type.ends_with(' ')) media_type.remove_suffix(1);
  return media_type.size() > kLongestMediaType ? std::string() : std::string(media_type);
}

Task<Found<WebPage>> get_page(Exchange* exchange, const EvidenceSourceT* source) {
  auto url = check_source(*source);
  if (!url) co_return failure(url.error());
  WebPage page{.url = *std::move(url), .media_type = essence_of(source->media_type), .bytes = source->content};
  if (!source->content.empty()) co_return page;
  if (!source->base64.empty()) {
    auto bytes = from_base64(source->base64);
    if (!bytes) co_return failure(broken_rule("source.base64", "must be base64 (RFC 4648, section 4)"));
    page.bytes = *std::move(bytes);
    co_return page;
  }
  Arrival<outside::FetchResult> arrival(exchange->loop);
  exchange->services().fetcher.fetch(page.url.text(),
                                     [&arrival](outside::FetchResult result) { arrival.bring(std::move(result)); });
  auto fetched = co_await arrival.wait();
  if (!fetched) co_return failure(problem_of(fetched.error()));
  if (page.media_type.empty()) page.media_type = essence_of(fetched->media_type);
  page.bytes = std::move(fetched->body);
  co_return page;
}

// --- the version ---

// A name that people know the page by: the last part of its path, if that can be the name of a file.
std::string document_name_of(const WebAddress& url) {
  const auto path = url.target.substr(0, url.target.find('?'));
  const auto name = path.substr(path.rfind('/') + 1);
  const bool plain = std::ranges::all_of(
      name, [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.'; });
  return plain && !name.empty() && name.size() <= kLongestName && !name.starts_with('.') ? name : "page";
}

Shelf shelf_of(const Exchange& exchange, const WebAddress& url) {
  return {.bundle_id = derived_uuid({exchange.principal->workspace, "\nweb\n", url.text()}),
          .document = document_name_of(url)};
}

Problem storage_failed(const eventstore::StoreError& error) {
  spdlog::error("snapshots: {}", error.detail);
  Problem problem{ProblemKind::storage_failed};
  problem.retry_after_seconds = 30;
  return problem;
}

// The digest of the list with the one file, both stored.
Found<std::string> store_page(const Exchange& exchange, const Shelf& shelf, const WebPage& page) {
  const auto& workspace = exchange.principal->workspace;
  eventstore::Blobs& blobs = exchange.services().library.blobs();
  const auto bytes = blobs.put(workspace, page.bytes);
  if (!bytes) return failure(storage_failed(bytes.error()));
  auto file = std::make_unique<schemas::UploadedFileT>();
  file->path = shelf.document;
  file->media_type = page.media_type;
  file->sha256 = projections::digest_text(*bytes);
  file->size_bytes = page.bytes.size();
  schemas::UploadManifestT manifest;
  manifest.files.push_back(std::move(file));
  const auto digest = blobs.put(workspace, schemas::pack(manifest));
  if (!digest) return failure(storage_failed(digest.error()));
  return projections::digest_text(*digest);
}

// The latest version, if its page has these bytes.
Found<std::optional<std::uint32_t>> same_version(const Exchange& exchange, const schemas::BundleT& bundle,
                                                 const WebPage& page) {
  if (!bundle.latest_version) return std::nullopt;
  FLOWSTONE_TRY(const auto stored, find_version(exchange, bundle.id, *bundle.latest_version));
  const auto digest = projections::digest_text(sha256({page.bytes}));
  const auto& documents = stored.manifest->documents;
  if (documents.size() != 1 || documents.front()->sha256 != digest) return std::nullopt;
  return *bundle.latest_version;
}

commands::Command command_on(const commands::Command& base, std::string_view aggregate, std::string_view name,
                             std::string id, Bytes body) {
  commands::Command command = base;
  command.aggregate = domain::find_aggregate_type(aggregate);
  command.command = command.aggregate->contract().find_command(name);
  command.id = std::move(id);
  command.body = std::move(body);
  return command;
}

// Cut between characters.
std::string shortened(std::string text) {
  if (text.size() > kLongestName) text.resize(kLongestName);  // ASCII: a URL
  return text;
}

std::vector<commands::Command> commands_for(const Exchange& exchange, const commands::Command& base, const Shelf& shelf,
                                            const WebPage& page, const std::string& upload, bool is_new) {
  std::vector<commands::Command> all;
  if (is_new) {
    schemas::CreateBundleT create;
    create.id = shelf.bundle_id;
    create.name = shortened(page.url.text());
    create.description = "Snapshots of " + page.url.text();
    if (create.description.size() > 2'000) create.description.resize(2'000);
    all.push_back(command_on(base, "bundle", "create_bundle", shelf.bundle_id, schemas::pack(create)));
  }
  schemas::AddBundleVersionT add;
  add.id = shelf.bundle_id;
  add.run_id = exchange.services().ids.fresh();
  add.document_count = 1;
  add.size_bytes = page.bytes.size();
  add.upload = upload;
  all.push_back(command_on(base, "bundle", "add_bundle_version", shelf.bundle_id, schemas::pack(add)));
  schemas::CreateRunT run;
  run.id = add.run_id;
  run.name = shortened("ingest " + page.url.text());
  run.kind = "ingest";
  run.labels = {fmt::format("bundle:{}", shelf.bundle_id)};
  run.heartbeat_timeout_ms = kHeartbeatMs;
  all.push_back(command_on(base, "run", "create_run", run.id, schemas::pack(run)));
  return all;
}

// What is to be appended; nothing if the page is there already, as `version`.
struct Plan {
  std::optional<std::uint32_t> version;
  std::vector<commands::Command> commands;
};

Found<Plan> plan(const Exchange& exchange, const commands::Command& base, const Shelf& shelf, const WebPage& page) {
  Plan made;
  const auto bundle = read_state<schemas::BundleT>(exchange, "bundle", shelf.bundle_id);
  const bool is_new = !bundle;
  if (is_new && bundle.error().kind != ProblemKind::not_found) return failure(bundle.error());
  if (!is_new) {
    FLOWSTONE_TRY(made.version, same_version(exchange, **bundle, page));
  }
  if (made.version) return made;
  FLOWSTONE_TRY(const auto upload, store_page(exchange, shelf, page));
  made.commands = commands_for(exchange, base, shelf, page, upload, is_new);
  return made;
}

Task<std::vector<commands::CommandResult>> append_all(Exchange* exchange, std::vector<commands::Command> all) {
  Arrival<std::vector<commands::CommandResult>> arrival(exchange->loop);
  exchange->services().executor.execute_atomically(
      std::move(all), [&arrival](std::vector<commands::CommandResult> results) { arrival.bring(std::move(results)); });
  auto results = co_await arrival.wait();
  co_return results;
}

std::uint32_t newest_version(const commands::Outcome& outcome) {
  const auto* const versions = flatbuffers::GetRoot<schemas::Bundle>(outcome.row.data())->versions();
  return versions->Get(versions->size() - 1)->number();
}

Problem problem_of(const std::vector<commands::CommandResult>& results) {
  const commands::CommandError* first = nullptr;
  for (const auto& result : results) {
    if (result) continue;
    if (first == nullptr || first->code == commands::CommandError::Code::stopped) first = &result.error();
  }
  return first == nullptr ? Problem{} : api::problem_of(*first);
}

// The version with the page, taken in or not yet.
Task<Found<std::uint32_t>> put_on_shelf(Exchange* exchange, const Shelf* shelf, const WebPage* page) {
  commands::Command base;
  if (!fill_from_request(*exchange, base)) co_return failure(Problem{ProblemKind::invalid_header});
  base.command_id.clear();
  base.if_match.reset();
  Problem refused;
  // Somebody else may begin the same bundle at the same time; then it is there the second time.
  for (int attempt = 0; attempt < 2; ++attempt) {
    auto made = co_await exchange->blocking([&] { return plan(*exchange, base, *shelf, *page); });
    if (!made) co_return failure(made.error());
    if (made->version) co_return *made->version;
    const bool is_new = made->commands.size() == 3;
    auto results = co_await append_all(exchange, std::move(made->commands));
    if (std::ranges::all_of(results, [](const auto& result) { return result.has_value(); }))
      co_return newest_version(*results[is_new ? 1 : 0]);
    refused = problem_of(results);
    if (!is_new) break;
  }
  co_return failure(refused);
}

// --- until it can be quoted ---

Found<bool> is_taken_in(const Exchange& exchange, const Shelf& shelf, std::uint32_t number) {
  FLOWSTONE_TRY(const auto bundle, read_state<schemas::BundleT>(exchange, "bundle", shelf.bundle_id));
  const auto* const version = projections::version_of(*bundle, number);
  if (version == nullptr || version->status == schemas::VersionStatus::ingesting) return false;
  if (version->status != schemas::VersionStatus::failed) return true;
  return failure(
      broken_rule("source.url", fmt::format("The page cannot be read: {}", version->error), "page_unreadable"));
}

Task<Found<void>> await_ingest(Exchange* exchange, const Shelf* shelf, std::uint32_t number) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < deadline) {
    const Position head = exchange->services().store.state().durable;
    const auto done = co_await exchange->blocking([&] { return is_taken_in(*exchange, *shelf, number); });
    if (!done) co_return failure(done.error());
    if (*done) co_return Found<void>();
    Arrival<bool> arrival(exchange->loop);
    exchange->services().catalog.when_reached("bundles", Position{head.value + 1}, kGlance,
                                              [&arrival](bool reached) { arrival.bring(reached); });
    static_cast<void>(co_await arrival.wait());
  }
  Problem problem{ProblemKind::busy, fmt::format("The page is version {} of bundle {} and is still being taken in.",
                                                 number, shelf->bundle_id)};
  problem.retry_after_seconds = 5;
  co_return failure(problem);
}

}  // namespace

Task<Found<void>> take_snapshot(Exchange* exchange, schemas::EvidenceSourceT* source) {
  const auto page = co_await get_page(exchange, source);
  if (!page) co_return failure(page.error());
  const Shelf shelf = shelf_of(*exchange, page->url);
  const auto version = co_await put_on_shelf(exchange, &shelf, &*page);
  if (!version) co_return failure(version.error());
  const auto done = co_await await_ingest(exchange, &shelf, *version);
  if (!done) co_return failure(done.error());
  source->url = page->url.text();
  source->bundle_id = shelf.bundle_id;
  source->version = *version;
  source->document = shelf.document;
  source->content.clear();
  source->base64.clear();
  source->media_type.clear();
  co_return Found<void>();
}

}  // namespace flowstone::api
