// Canvases: a pin remembers the revision that its entity has, and says later whether it is still what it was.
#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "api/command_answers.hpp"
#include "api/commands.hpp"
#include "api/freshness.hpp"
#include "api/handlers.hpp"
#include "api/queries.hpp"
#include "api/stored_documents.hpp"
#include "schemas/canvas_generated.h"
#include "schemas/evidence_generated.h"
#include "schemas/insight_generated.h"
#include "schemas/row.hpp"
#include "schemas/run_generated.h"

namespace flowstone::api {
namespace {

using Drift = std::unique_ptr<schemas::PinDriftT>;

// A pin of an entity with a longer history says only that it has changed, not what.
constexpr std::uint64_t kLongestHistory = 1'000;  // events
// They change without the entity becoming another.
constexpr std::array<std::string_view, 4> kBookkeeping{"revision", "updated_at", "updated_by", "heartbeat_at"};

struct Entity {
  const schemas::Aggregate* aggregate = nullptr;  // null: no stream of an entity
  std::string_view id;
};

Entity entity_of(std::string_view stream) {
  const auto dash = std::min(stream.find('-'), stream.size());
  const auto* const aggregate = schemas::contracts().find_aggregate(stream.substr(0, dash));
  if (aggregate == nullptr) return {};
  return {aggregate, stream.substr(dash + 1)};
}

std::uint64_t revision_in(const schemas::Aggregate& aggregate, BytesView row) {
  return static_cast<std::uint64_t>(schemas::integer_of(*aggregate.state->find("revision"), row).value_or(0));
}

// --- pinning ---

template <class State>
const State& state_in(const Bytes& row) {
  return *flatbuffers::GetRoot<State>(row.data());
}

const schemas::RunArtifact* artifact_in(const Bytes& row, std::string_view name) {
  const auto* const artifacts = state_in<schemas::Run>(row).artifacts();
  const schemas::RunArtifact* newest = nullptr;
  if (artifacts == nullptr) return newest;
  for (const schemas::RunArtifact* artifact : *artifacts) {
    if (artifact->name()->string_view() == name) newest = artifact;
  }
  return newest;
}

const schemas::BundleVersion* version_in(const Bytes& row, std::uint32_t number) {
  const auto* const versions = state_in<schemas::Bundle>(row).versions();
  if (versions == nullptr) return nullptr;
  for (const schemas::BundleVersion* version : *versions) {
    if (version->number() == number) return version;
  }
  return nullptr;
}

Found<void> check_part(const schemas::PinToCanvasT& pin, const Entity& entity, const Bytes& row) {
  if (pin.version && entity.aggregate->name == "bundle" && version_in(row, *pin.version) == nullptr)
    return failure(broken_rule("version", "is no version of the bundle"));
  if (!pin.artifact.empty() && entity.aggregate->name == "run" && artifact_in(row, pin.artifact) == nullptr)
    return failure(broken_rule("artifact", "is nothing that the run left behind"));
  return {};
}

// With the revision that the entity has now, unless the client gave one. What does not exist is refused where the
// command is decided, by the name of its field.
Found<Bytes> with_revision(const Exchange& exchange, BytesView body) {
  schemas::PinToCanvasT pin;
  flatbuffers::GetRoot<schemas::PinToCanvas>(body.data())->UnPackTo(&pin);
  const Entity entity = entity_of(pin.entity);
  if (entity.aggregate == nullptr || pin.diff) return Bytes(body);
  const auto row = read_row(exchange, entity.aggregate->name, entity.id);
  if (!row) return row.error().kind == ProblemKind::not_found ? Found<Bytes>(Bytes(body)) : failure(row.error());
  const std::uint64_t present = revision_in(*entity.aggregate, *row);
  if (pin.revision && *pin.revision > present)
    return failure(broken_rule("revision", fmt::format("must be at most {}, the entity's present one", present)));
  FLOWSTONE_TRY_VOID(check_part(pin, entity, *row));
  if (!pin.revision) pin.revision = present;
  return schemas::pack(pin);
}

// --- drift ---

// The state that the entity had at a revision; nothing if that is not to be found out.
std::optional<Bytes> state_at(const Exchange& exchange, const Entity& entity, Revision revision) {
  const auto& workspace = exchange.principal->workspace;
  const auto stream = fmt::format("{}-{}", entity.aggregate->name, entity.id);
  const auto reader = exchange.services().store.read_stream(workspace, stream, revision);
  if (!reader) return std::nullopt;
  const auto event = (*reader)->next();
  if (!event || *event == nullptr) return std::nullopt;
  auto row = read_row(exchange, entity.aggregate->name, entity.id, (*event)->position);
  if (!row) return std::nullopt;
  return *std::move(row);
}

std::vector<std::string> changed_fields(const schemas::Aggregate& aggregate, BytesView before, BytesView after) {
  std::vector<std::string> changed;
  for (const auto& change : schemas::changes_between(*aggregate.state, before, after)) {
    if (std::ranges::find(kBookkeeping, change.field) == kBookkeeping.end()) changed.emplace_back(change.field);
  }
  return changed;
}

std::string_view word_for(schemas::FreshnessFlag flag) { return schemas::EnumNameFreshnessFlag(flag); }

std::string_view freshness_in(const Entity& entity, const Bytes& row) {
  if (entity.aggregate->name == "insight") return word_for(state_in<schemas::Insight>(row).freshness_flag());
  if (entity.aggregate->name != "evidence") return {};
  schemas::EvidenceT evidence;
  state_in<schemas::Evidence>(row).UnPackTo(&evidence);
  return word_for(freshness_flag_of(evidence));
}

void compare_artifacts(const std::string& name, const Bytes& before, const Bytes& now, schemas::PinDriftT& drift) {
  const auto* const old = artifact_in(before, name);
  const auto* const present = artifact_in(now, name);
  const bool same = old != nullptr && present != nullptr && old->size_bytes() == present->size_bytes() &&
                    flatbuffers::GetStringView(old->sha256()) == flatbuffers::GetStringView(present->sha256());
  drift.drifted = !same;
  drift.changed.clear();
  if (!same) drift.reason = fmt::format("The run has left another `{}` behind since.", name);
}

void compare_versions(std::uint32_t number, const Bytes& now, schemas::PinDriftT& drift) {
  const auto* const version = version_in(now, number);
  const auto latest = state_in<schemas::Bundle>(now).latest_version().value_or(number);
  drift.changed.clear();
  drift.drifted = true;
  if (version == nullptr || version->status() == schemas::VersionStatus::withdrawn) {
    drift.reason = fmt::format("Version {} was withdrawn.", number);
  } else if (latest > number) {
    drift.reason = fmt::format("Version {} has come since.", latest);
  } else {
    drift.drifted = false;
  }
}

Drift drift_of_entity(const Exchange& exchange, const schemas::PinT& pin, std::optional<Position> as_of) {
  auto drift = std::make_unique<schemas::PinDriftT>();
  const Entity entity = entity_of(pin.entity);
  const auto row = entity.aggregate == nullptr ? failure(Problem{ProblemKind::not_found})
                                               : read_row(exchange, entity.aggregate->name, entity.id, as_of);
  if (!row) {
    drift->drifted = true;
    drift->reason = "It is not there.";
    return drift;
  }
  drift->current_revision = revision_in(*entity.aggregate, *row);
  drift->freshness = freshness_in(entity, *row);
  const std::uint64_t pinned_at = pin.revision.value_or(*drift->current_revision);
  if (pin.version) {
    compare_versions(*pin.version, *row, *drift);
    return drift;
  }
  if (pinned_at >= *drift->current_revision) return drift;
  drift->drifted = true;
  drift->reason = fmt::format("It has changed since revision {}.", pinned_at);
  const auto before =
      pinned_at <= kLongestHistory ? state_at(exchange, entity, Revision{pinned_at}) : std::optional<Bytes>();
  if (!before) return drift;
  if (!pin.artifact.empty()) {
    compare_artifacts(pin.artifact, *before, *row, *drift);
  } else {
    drift->changed = changed_fields(*entity.aggregate, *before, *row);
    drift->drifted = !drift->changed.empty();
    drift->reason = drift->drifted
                        ? fmt::format("Changed since revision {}: {}.", pinned_at, fmt::join(drift->changed, ", "))
                        : std::string();
  }
  if (!drift->drifted) drift->reason.clear();
  return drift;
}

// Versions never change, and so no diff of them does; but a version may be withdrawn.
Drift drift_of_diff(const Exchange& exchange, const schemas::PinnedDiffT& diff, std::optional<Position> as_of) {
  auto drift = std::make_unique<schemas::PinDriftT>();
  const auto bundle = read_row(exchange, "bundle", diff.bundle_id, as_of);
  for (const std::uint32_t number : {diff.from, diff.to}) {
    const auto* const version = bundle ? version_in(*bundle, number) : nullptr;
    const bool there = version != nullptr && version->status() != schemas::VersionStatus::withdrawn;
    if (there || drift->drifted) continue;
    drift->drifted = true;
    drift->reason = version == nullptr ? fmt::format("There is no version {}.", number)
                                       : fmt::format("Version {} was withdrawn.", number);
  }
  return drift;
}

Bytes show_drift(const Exchange& exchange, Bytes row, std::optional<Position> as_of) {
  schemas::CanvasT canvas;
  flatbuffers::GetRoot<schemas::Canvas>(row.data())->UnPackTo(&canvas);
  for (const auto& pin : canvas.pins) {
    pin->drift = pin->diff ? drift_of_diff(exchange, *pin->diff, as_of) : drift_of_entity(exchange, *pin, as_of);
  }
  return schemas::pack(canvas);
}

}  // namespace

Task<void> get_canvas(Exchange* exchange) { return answer_entity(exchange, show_drift); }

Task<void> pin_to_canvas(Exchange* exchange) {
  commands::Command command;
  if (!begin_command(*exchange, command) || !decode_command(*exchange, command, json_of(exchange->request), false))
    co_return;
  auto body = co_await exchange->blocking([exchange, &command] { return with_revision(*exchange, command.body); });
  if (!accepted(*exchange, body)) co_return;
  command.body = *std::move(body);
  co_await finish_command(exchange, std::move(command));
}

}  // namespace flowstone::api
