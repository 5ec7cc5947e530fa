#include "cli/push/push.hpp"

#include <chrono>
#include <cstdio>
#include <thread>
#include <utility>

#include <boost/json/object.hpp>
#include <fmt/core.h>

#include "base/digest.hpp"
#include "cli/push/comparison.hpp"
#include "cli/push/form_body.hpp"
#include "cli/push/local_files.hpp"
#include "cli/run_events.hpp"
#include "cli/terminal.hpp"

namespace flowstone::cli {
namespace {

namespace json = boost::json;

constexpr std::chrono::seconds kLook{1};  // between two looks at the files

// The bundle and what it serves.
struct Target {
  std::string id;
  std::string name;
  std::int64_t latest = 0;  // version; 0: none
  Documents documents{};    // of it
};

Result<Target, Refusal> find_target(Client& client, const PushOptions& options) {
  Target target{.id = options.bundle, .name = options.name};
  if (target.id.empty()) {
    FLOWSTONE_TRY(target.id, bundle_named(client, options.name));
  }
  if (target.id.empty()) return target;
  FLOWSTONE_TRY(const auto bundle, client.get("/v1/bundles/" + encode_uri_component(target.id)));
  target.name = text_of(bundle.as_object(), "name");
  target.latest = number_of(bundle.as_object(), "latest_version").value_or(0);
  if (target.latest > 0) {
    FLOWSTONE_TRY(target.documents, documents_of(client, target.id, target.latest));
  }
  return target;
}

Result<Documents, std::string> digests_of(const std::vector<LocalFile>& files) {
  Documents documents;
  for (const LocalFile& file : files) {
    FLOWSTONE_TRY(auto digest, digest_of(file));
    documents.emplace(file.path, std::move(digest));
  }
  return documents;
}

json::object object_with(const Target& target, const Comparison& comparison) {
  const auto list = [](const std::vector<std::string>& paths) { return json::array(paths.begin(), paths.end()); };
  return {{"bundle_id", target.id},
          {"added", list(comparison.added)},
          {"changed", list(comparison.changed)},
          {"removed", list(comparison.removed)},
          {"unchanged", comparison.unchanged}};
}

int say_nothing_changed(const PushOptions& options, const Target& target, const Comparison& comparison) {
  if (options.server->json) {
    auto document = object_with(target, comparison);
    document["version"] = target.latest;
    document["status"] = "nothing_changed";
    print_json(document);
  } else {
    fmt::print("nothing changed: version {} of {} has these {} documents\n", target.latest, harmless(target.name),
               with_commas(comparison.unchanged));
  }
  return kDone;
}

int show_what_would_be(const PushOptions& options, const Target& target, const Comparison& comparison) {
  if (options.server->json) {
    auto document = object_with(target, comparison);
    document["status"] = "dry_run";
    print_json(document);
    return kDone;
  }
  if (target.id.empty()) fmt::print("a new bundle {}\n", harmless(target.name));
  print_changes(comparison);
  fmt::print("{}\n", sentence_of(comparison));
  return kDone;
}

Result<json::object, Refusal> upload(Client& client, const PushOptions& options, const Target& target,
                                     const std::vector<LocalFile>& files) {
  FormBody form(files, options.message, "flowstone-" + to_hex(random_bytes(16)));
  ProgressBar bar("upload");
  std::uint64_t sent = 0;
  const auto begin = [&]() -> Connection::Give {
    form.rewind();
    sent = 0;
    return [&]() -> std::optional<std::string_view> {
      const auto piece = form.next();
      if (piece) bar.show(sent += piece->size(), form.length());
      return piece;
    };
  };
  auto answer = client.upload(fmt::format("/v1/bundles/{}/versions", encode_uri_component(target.id)),
                              {.content_type = form.content_type(), .length = form.length(), .begin = begin});
  bar.finish();
  if (!form.problem().empty()) return failure(Refusal{.code = "unreadable", .sentence = form.problem()});
  if (!answer) return failure(std::move(answer.error()));
  return answer->as_object();
}

// What the new version did to what rests on the bundle; empty for a first version.
json::array impact_of(Client& client, const Target& target, std::int64_t version) {
  if (target.latest == 0) return {};
  const auto diff = client.get(fmt::format("/v1/bundles/{}/diff?kind=impact&from={}&to={}",
                                           encode_uri_component(target.id), target.latest, version));
  if (!diff) {
    fail(diff.error());
    return {};
  }
  const auto* impact = diff->as_object().if_contains("impact");
  return impact != nullptr && impact->is_array() ? impact->get_array() : json::array();
}

int report(Client& client, const PushOptions& options, const Target& target, const Comparison& comparison,
           const json::object& accepted, int status) {
  const auto number = number_of(accepted, "version").value_or(0);
  const auto version = client.get(fmt::format("/v1/bundles/{}/versions/{}", encode_uri_component(target.id), number));
  if (!version) return fail(version.error());
  const auto state = text_of(version->as_object(), "status");
  const bool published = state == "published";
  const auto impact = published ? impact_of(client, target, number) : json::array();
  if (options.server->json) {
    auto document = object_with(target, comparison);
    document["version"] = number;
    document["run_id"] = text_of(accepted, "run_id");
    document["status"] = state;
    if (const auto error = text_of(version->as_object(), "error"); !error.empty()) document["error"] = error;
    document["impact"] = impact;
    print_json(document);
  } else if (published) {
    fmt::print("version {} of {} serves, {}\n", number, harmless(target.name), sentence_of(comparison));
    if (!impact.empty()) fmt::print("{} that rest on it are not what they were:\n", with_commas(impact.size()));
    print_impact(impact);
  } else {
    fail(fmt::format("version {} was not taken in: {}", number, harmless(text_of(version->as_object(), "error"))));
  }
  return published ? status : std::max(status, kFailed);
}

int push_files(Client& client, const PushOptions& options, const std::vector<LocalFile>& files) {
  const auto documents = digests_of(files);
  if (!documents) return fail(documents.error());
  auto target = find_target(client, options);
  if (!target) return fail(target.error());
  const auto comparison = compare(target->documents, *documents);
  if (options.dry_run) return show_what_would_be(options, *target, comparison);
  if (target->latest > 0 && comparison.is_same() && !options.force)
    return say_nothing_changed(options, *target, comparison);
  if (target->id.empty()) {
    const auto made = client.post("/v1/bundles", json::object{{"name", options.name}});
    if (!made) return fail(made.error());
    target->id = text_of(made->as_object(), "id");
  }
  const auto accepted = upload(client, options, *target, files);
  if (!accepted) return fail(accepted.error());
  const int status = watch_run(client, text_of(*accepted, "run_id"), options.server->json);
  return report(client, options, *target, comparison, *accepted, status);
}

// The files once they are others than `before` and have been the same for one look.
std::vector<LocalFile> await_change(const PushOptions& options, const std::vector<LocalFile>& before) {
  std::vector<LocalFile> last = before;
  for (;;) {
    std::this_thread::sleep_for(kLook);
    auto now = find_files(options.files, options.exclude);
    if (!now) continue;  // between two saves a file may be away
    if (*now == last && last != before) return last;
    last = *std::move(now);
  }
}

}  // namespace

Result<std::string, Refusal> bundle_named(Client& client, const std::string& name) {
  FLOWSTONE_TRY(const auto found, all_items(client, "/v1/bundles?name=" + encode_uri_component(name)));
  if (found.empty()) return std::string();
  if (found.size() == 1) return text_of(found.front().as_object(), "id");
  std::string sentence = fmt::format("{} bundles are named '{}'; say which with --bundle:", found.size(), name);
  for (const auto& bundle : found) sentence += "\n  " + text_of(bundle.as_object(), "id");
  return failure(Refusal{.code = "usage", .sentence = sentence});
}

int run_push(const PushOptions& options) {
  if (options.name.empty() == options.bundle.empty()) {
    fail("say which bundle: --name NAME, which is made if there is none, or --bundle ID");
    return kUsage;
  }
  auto files = find_files(options.files, options.exclude);
  if (!files) return fail(files.error());
  auto client = connect(*options.server);
  if (!client) return client.error();
  for (;;) {
    const int status = push_files(*client, options, *files);
    std::fflush(stdout);
    if (!options.watch) return status;
    *files = await_change(options, *files);
  }
}

}  // namespace flowstone::cli
