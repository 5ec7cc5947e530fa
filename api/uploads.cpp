// New versions of bundles: every file stored, then one append for the version and the run that takes it in.
#include "api/uploads.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "api/command_answers.hpp"
#include "api/handlers.hpp"
#include "api/multipart.hpp"
#include "api/resting.hpp"
#include "api/stored_documents.hpp"
#include "api/upload_form.hpp"
#include "base/uuid.hpp"
#include "domain/aggregate.hpp"
#include "projections/document_reading.hpp"
#include "schemas/document_generated.h"
#include "schemas/run_generated.h"

namespace flowstone::api {
namespace {

// A file must be read whole before its run can go on; far longer than that takes.
constexpr std::uint32_t kHeartbeatMs = 600'000;

// The file, or what is wrong with it.
std::optional<UploadedBytes> read_upload(const schemas::DocumentUploadT& given, std::size_t place,
                                         std::set<std::string_view>& paths, Problem& problem) {
  const auto wrong = [&](std::string_view field, std::string_view detail) {
    problem.errors.push_back({fmt::format("documents[{}]{}", place, field), std::string(detail)});
    return std::nullopt;
  };
  if (const auto bad = projections::problem_of_path(given.path)) return wrong(".path", *bad);
  if (!paths.insert(given.path).second) return wrong(".path", "must be another one: an earlier document has this path");
  if (!given.text.empty() && !given.base64.empty()) return wrong("", "must have `text` or `base64`, not both");
  UploadedBytes upload;
  upload.file.path = given.path;
  upload.file.media_type = given.media_type;
  if (given.base64.empty()) {
    upload.bytes = given.text;
  } else {
    auto bytes = from_base64(given.base64);
    if (!bytes) return wrong(".base64", "must be base64 (RFC 4648, section 4)");
    upload.bytes = *std::move(bytes);
  }
  return upload;
}

}  // namespace

Found<std::vector<UploadedBytes>> read_uploads(const std::vector<std::unique_ptr<schemas::DocumentUploadT>>& given) {
  Problem problem{ProblemKind::invalid_field};
  std::set<std::string_view> paths;
  std::vector<UploadedBytes> uploads;
  for (std::size_t at = 0; at < given.size(); ++at) {
    if (auto upload = read_upload(*given[at], at, paths, problem)) uploads.push_back(*std::move(upload));
  }
  if (!problem.errors.empty()) return failure(problem);
  return uploads;
}

namespace {

// Blocking.
Found<StoredUpload> store_uploads(const Exchange& exchange, std::vector<UploadedBytes> uploads) {
  const auto& workspace = exchange.principal->workspace;
  eventstore::Blobs& blobs = exchange.services().library.blobs();
  StoredUpload stored;
  std::vector<BytesView> views;
  for (const UploadedBytes& upload : uploads) views.emplace_back(upload.bytes);
  auto digests = blobs.put(workspace, views);
  if (!digests) return failure(problem_of_blobs(digests.error()));
  schemas::UploadManifestT manifest;
  for (std::size_t at = 0; at < uploads.size(); ++at) {
    auto& file = uploads[at].file;
    file.sha256 = projections::digest_text((*digests)[at]);
    file.size_bytes = uploads[at].bytes.size();
    stored.bytes += file.size_bytes;
    manifest.files.push_back(std::make_unique<schemas::UploadedFileT>(std::move(file)));
  }
  std::ranges::sort(manifest.files, {}, [](const auto& file) -> std::string_view { return file->path; });
  auto digest = blobs.put(workspace, schemas::pack(manifest));
  if (!digest) return failure(problem_of_blobs(digest.error()));
  stored.files = static_cast<std::uint32_t>(manifest.files.size());
  stored.digest = projections::digest_text(*digest);
  return stored;
}

// The same for the same key, so that a repeated request names the run that it started.
std::string run_id_of(const Exchange& exchange, const commands::Command& command) {
  if (command.command_id.empty()) return exchange.services().ids.fresh();
  return derived_uuid({command.workspace, "\n", command.id, "\n", command.command_id});
}

std::vector<commands::Command> commands_for(const Exchange& exchange, commands::Command base,
                                            const StoredUpload& stored, std::string_view bundle_name,
                                            std::string_view label) {
  const std::string run_id = run_id_of(exchange, base);
  schemas::AddBundleVersionT add;
  add.id = base.id;
  add.run_id = run_id;
  add.label = label;
  add.document_count = stored.files;
  add.size_bytes = stored.bytes;
  add.upload = stored.digest;
  schemas::CreateRunT create;
  create.id = run_id;
  create.name = fmt::format("ingest {}", bundle_name);
  create.kind = "ingest";
  create.labels = {fmt::format("bundle:{}", base.id)};
  create.heartbeat_timeout_ms = kHeartbeatMs;
  commands::Command run = base;
  base.aggregate = domain::find_aggregate_type("bundle");
  base.command = base.aggregate->contract().find_command("add_bundle_version");
  base.body = schemas::pack(add);
  run.aggregate = domain::find_aggregate_type("run");
  run.command = run.aggregate->contract().find_command("create_run");
  run.id = run_id;
  run.body = schemas::pack(create);
  if (!run.command_id.empty()) run.command_id += "/run";
  run.if_match.reset();
  return {std::move(base), std::move(run)};
}

void answer_with_version(Exchange& exchange, const commands::Outcome& outcome) {
  schemas::BundleT bundle;
  flatbuffers::GetRoot<schemas::Bundle>(outcome.row.data())->UnPackTo(&bundle);
  schemas::UploadedVersionT answer;
  answer.bundle_id = outcome.id;
  answer.version = bundle.versions.back()->number;
  answer.run_id = bundle.versions.back()->run_id;
  Reply& reply = exchange.reply;
  reply.status = exchange.call().status;
  reply.add("Location", fmt::format("/v1/runs/{}", answer.run_id));
  reply.add("Flowstone-Position", std::to_string(outcome.position.value));
  if (outcome.repeated) reply.add("Idempotent-Replayed", "true");
  append_table(*exchange.call().response, answer, reply.body);
}

Task<std::vector<commands::CommandResult>> execute_together(Exchange* exchange, std::vector<commands::Command> all) {
  Arrival<std::vector<commands::CommandResult>> arrival(exchange->loop);
  exchange->services().executor.execute_atomically(
      std::move(all), [&arrival](std::vector<commands::CommandResult> results) { arrival.bring(std::move(results)); });
  auto results = co_await arrival.wait();
  co_return results;
}

}  // namespace

namespace {

// What a version is made of, once its files are stored.
struct Prepared {
  StoredUpload stored;
  std::string bundle_name, label;
};

// One of the few uploads that may be under way.
class UploadSlot {
 public:
  explicit UploadSlot(Core& core)
      : core_(core), free_(core.uploads.fetch_add(1, std::memory_order_relaxed) < core.options.uploads.under_way) {}
  ~UploadSlot() { core_.uploads.fetch_sub(1, std::memory_order_relaxed); }
  UploadSlot(const UploadSlot&) = delete;
  UploadSlot& operator=(const UploadSlot&) = delete;
  [[nodiscard]] bool is_free() const { return free_; }

 private:
  Core& core_;
  const bool free_;
};

using Fed = Found<std::optional<StoredUpload>>;

// A piece of the form; at its end the files are kept. Blocking.
Fed feed(MultipartParser& parser, UploadForm& form, std::optional<std::string_view> piece) {
  const auto fed = piece ? parser.feed(*piece) : parser.finish();
  if (!fed) {
    if (fed.error().stopped) return failure(form.problem());
    return failure(Problem{ProblemKind::malformed_request, fed.error().sentence});
  }
  if (piece) return std::nullopt;
  FLOWSTONE_TRY(auto stored, form.keep());
  return stored;
}

Task<Fed> read_form(Exchange* exchange, MultipartParser* parser, UploadForm* form) {
  for (;;) {
    const auto piece = co_await exchange->body->next();
    if (!piece) co_return failure(piece.error());
    auto fed = co_await exchange->blocking([parser, form, &piece] { return feed(*parser, *form, *piece); });
    if (!fed || *fed) co_return fed;
  }
}

Task<Found<Prepared>> prepare_form(Exchange* exchange) {
  const auto boundary = boundary_of(exchange->request.header(Header::content_type));
  if (!boundary) co_return failure(Problem{ProblemKind::malformed_request, boundary.error()});
  const UploadSlot slot(exchange->core);
  if (!slot.is_free()) {
    Problem busy{ProblemKind::busy};
    busy.retry_after_seconds = 1;
    co_return failure(busy);
  }
  const auto bundle = co_await exchange->blocking(
      [exchange] { return read_state<schemas::BundleT>(*exchange, "bundle", exchange->parameter("id")); });
  if (!bundle) co_return failure(bundle.error());
  auto form = std::make_unique<UploadForm>(exchange->services().library.blobs(), exchange->principal->workspace,
                                           *exchange->call().request, exchange->core.options.uploads);
  MultipartParser parser(*boundary, *form);
  auto stored = co_await read_form(exchange, &parser, form.get());
  Prepared prepared{.stored = {}, .bundle_name = (*bundle)->name, .label = form->label()};
  // What was stored of a refused form is taken away where that may block.
  co_await exchange->blocking([&form] {
    form.reset();
    return true;
  });
  if (!stored) co_return failure(stored.error());
  prepared.stored = **std::move(stored);
  co_return prepared;
}

Found<Prepared> prepare_json(const Exchange& exchange, const Bytes& decoded) {
  schemas::UploadVersionT upload;
  flatbuffers::GetRoot<schemas::UploadVersion>(decoded.data())->UnPackTo(&upload);
  FLOWSTONE_TRY(const auto bundle, read_state<schemas::BundleT>(exchange, "bundle", exchange.parameter("id")));
  FLOWSTONE_TRY(auto uploads, read_uploads(upload.documents));
  FLOWSTONE_TRY(auto stored, store_uploads(exchange, std::move(uploads)));
  return Prepared{std::move(stored), bundle->name, std::move(upload.label)};
}

// The answer is the same for the same request: of a form that is what its files hold, however they were sent.
Task<Found<Prepared>> prepare(Exchange* exchange, commands::Command* command) {
  const auto& request = exchange->request;
  if (exchange->body != nullptr) {
    auto prepared = co_await prepare_form(exchange);
    if (prepared)
      command->fingerprint = sha256(
          {exchange->call().name, "\n", command->id, "\nform\n", prepared->stored.digest, "\n", prepared->label});
    co_return prepared;
  }
  command->fingerprint = sha256({exchange->call().name, "\n", command->id, "\n", request.body});
  const auto decoded = schemas::decode_json(*exchange->call().request, request.body);
  if (!decoded) co_return failure(problem_of(decoded.error()));
  auto prepared = co_await exchange->blocking([exchange, &decoded] { return prepare_json(*exchange, *decoded); });
  co_return prepared;
}

}  // namespace

Task<void> upload_version(Exchange* exchange) {
  commands::Command command;
  command.id = exchange->parameter("id");
  if (!check_scope(*exchange, "bundle", Access::write) || !exchange->all_parameters_known() ||
      !fill_from_request(*exchange, command))
    co_return;
  const auto prepared = co_await prepare(exchange, &command);
  if (!accepted(*exchange, prepared)) co_return;
  auto all = commands_for(*exchange, std::move(command), prepared->stored, prepared->bundle_name, prepared->label);
  const auto results = co_await execute_together(exchange, std::move(all));
  if (results.front() && results.back()) {
    answer_with_version(*exchange, *results.front());
  } else {
    const bool own = !results.front() && results.front().error().code != commands::CommandError::Code::stopped;
    exchange->refuse(problem_of(own || results.back() ? results.front().error() : results.back().error()));
  }
}

Task<void> withdraw_version(Exchange* exchange) {
  commands::Command command;
  command.id = exchange->parameter("id");
  if (!check_scope(*exchange, "bundle", Access::write) || !exchange->all_parameters_known() ||
      !fill_from_request(*exchange, command))
    co_return;
  const auto& request = exchange->request;
  const auto number = parse_version(exchange->parameter("version"));
  const auto decoded = schemas::decode_json(*exchange->call().request, request.body.empty() ? "{}" : request.body);
  if (!decoded) {
    exchange->refuse(problem_of(decoded.error()));
    co_return;
  }
  command.fingerprint =
      sha256({exchange->call().name, "\n", command.id, "\n", exchange->parameter("version"), "\n", request.body});
  const auto* const given = flatbuffers::GetRoot<schemas::WithdrawVersion>(decoded->data());
  schemas::WithdrawBundleVersionT withdraw;
  withdraw.id = command.id;
  withdraw.number = number;
  if (given->reason() != nullptr) withdraw.reason = given->reason()->str();
  command.aggregate = domain::find_aggregate_type("bundle");
  command.command = command.aggregate->contract().find_command("withdraw_bundle_version");
  command.body = schemas::pack(withdraw);
  const auto result = co_await execute(exchange, std::move(command));
  if (!result) {
    exchange->refuse(problem_of(result.error()));
    co_return;
  }
  schemas::BundleT bundle;
  flatbuffers::GetRoot<schemas::Bundle>(result->row.data())->UnPackTo(&bundle);
  exchange->reply.add("Flowstone-Position", std::to_string(result->position.value));
  schemas::BundleVersionT withdrawn(*projections::version_of(bundle, number));
  co_await add_resting(exchange, result->id, &withdrawn);
  append_table(*exchange->call().response, withdrawn, exchange->reply.body);
}

}  // namespace flowstone::api
