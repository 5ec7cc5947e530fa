#include "domain/bundle.hpp"

#include <algorithm>
#include <memory>

#include "domain/decision.hpp"
#include "domain/patch.hpp"

namespace flowstone::domain {

namespace {

using schemas::BundleCommand;
using schemas::BundleEvent;
using schemas::BundleT;
using schemas::BundleVersionT;
using schemas::VersionStatus;
using Event = Bundle::Event;

template <class Visit, class... Tables>
void each_described_field(Visit&& visit, Tables&... tables) {
  visit("name", tables.name...);
  visit("description", tables.description...);
}

auto refuse_unknown() { return not_found("version_not_found", "The bundle has no version with this number."); }

template <class State>
auto version_of(State& bundle, std::uint32_t number) {
  const auto found = std::ranges::find(bundle.versions, number, &BundleVersionT::number);
  return found == bundle.versions.end() ? nullptr : found->get();
}

bool was_published(VersionStatus status) {
  return status == VersionStatus::published || status == VersionStatus::withdrawn;
}

Decision<Event> create(const BundleT* state, const schemas::CreateBundleT& command) {
  if (state)
    return conflict("bundle_exists", "A bundle with this id exists already; leave the id out to get a fresh one.");
  schemas::BundleCreatedT created;
  each_described_field(CopyFields{}, command, created);
  return record<Event>(std::move(created));
}

Decision<Event> update(const BundleT& state, const schemas::UpdateBundleT& command) {
  if (auto rejection = refuse_removals(command.cleared, {"name"})) return failure(*std::move(rejection));
  schemas::BundleUpdatedT updated;
  RecordChanges changes(command.cleared, updated.cleared);
  each_described_field(changes, command, state, updated);
  return changes.changed() ? record<Event>(std::move(updated)) : record<Event>();
}

Decision<Event> add_version(const BundleT& state, const schemas::AddBundleVersionT& command) {
  if (std::ranges::count(state.versions, command.run_id, &BundleVersionT::run_id) != 0) return record<Event>();
  if (std::ranges::count(state.versions, VersionStatus::ingesting, &BundleVersionT::status) != 0)
    return conflict("version_in_progress",
                    "A version of the bundle is being ingested; add the next one when it is done.");
  if (state.versions.size() >= Bundle::kMaxVersions)
    return conflict("too_many_versions", "The bundle has 1000 versions, the most there can be; begin a new bundle.");
  schemas::BundleVersionAddedT added;
  added.number = static_cast<std::uint32_t>(state.versions.size() + 1);
  added.run_id = command.run_id;
  added.label = command.label;
  added.document_count = command.document_count;
  added.size_bytes = command.size_bytes;
  added.upload = command.upload;
  return record<Event>(std::move(added));
}

Decision<Event> publish(const BundleT& state, const schemas::PublishBundleVersionT& command) {
  const auto* version = version_of(state, command.number);
  if (!version) return refuse_unknown();
  if (was_published(version->status)) return record<Event>();
  if (version->status != VersionStatus::ingesting)
    return conflict("version_failed", "The version has failed; upload its files again as a new one.");
  schemas::BundleVersionPublishedT published;
  published.number = command.number;
  published.manifest = command.manifest;
  return record<Event>(std::move(published));
}

Decision<Event> fail(const BundleT& state, const schemas::FailBundleVersionT& command) {
  const auto* version = version_of(state, command.number);
  if (!version) return refuse_unknown();
  if (version->status == VersionStatus::failed) return record<Event>();
  if (version->status != VersionStatus::ingesting)
    return conflict("version_published", "The version is published already; withdraw it if it is not to be relied on.");
  schemas::BundleVersionFailedT failed;
  failed.number = command.number;
  failed.error = command.error;
  return record<Event>(std::move(failed));
}

auto refuse_unpublished() {
  return conflict("version_not_published", "The version was never published: it is being ingested, or has failed.");
}

Decision<Event> complete_anchoring(const BundleT& state, const schemas::CompleteBundleAnchoringT& command) {
  const auto* version = version_of(state, command.number);
  if (!version) return refuse_unknown();
  if (!was_published(version->status)) return refuse_unpublished();
  if (version->anchored) return record<Event>();
  schemas::BundleVersionAnchoredT anchored;
  anchored.number = command.number;
  return record<Event>(anchored);
}

Decision<Event> withdraw(const BundleT& state, const schemas::WithdrawBundleVersionT& command) {
  const auto* version = version_of(state, command.number);
  if (!version) return refuse_unknown();
  if (!was_published(version->status)) return refuse_unpublished();
  if (version->status == VersionStatus::withdrawn) return record<Event>();
  schemas::BundleVersionWithdrawnT withdrawn;
  withdrawn.number = command.number;
  withdrawn.reason = command.reason;
  return record<Event>(std::move(withdrawn));
}

void add(BundleT& bundle, const schemas::BundleVersionAddedT& added, const EventMeta& meta) {
  auto version = std::make_unique<BundleVersionT>();
  version->number = added.number;
  version->run_id = added.run_id;
  version->label = added.label;
  version->document_count = added.document_count;
  version->size_bytes = added.size_bytes;
  version->upload = added.upload;
  version->added_at = meta.time.micros;
  version->added_by = meta.actor;
  bundle.versions.push_back(std::move(version));
}

void change(BundleVersionT& version, const Event& event, const EventMeta& meta) {
  if (const auto* published = event.AsBundleVersionPublished()) {
    version.status = VersionStatus::published;
    version.manifest = published->manifest;
    version.published_at = meta.time.micros;
  } else if (const auto* failed = event.AsBundleVersionFailed()) {
    version.status = VersionStatus::failed;
    version.error = failed->error;
  } else if (event.AsBundleVersionAnchored()) {
    version.anchored = true;
  } else if (const auto* withdrawn = event.AsBundleVersionWithdrawn()) {
    version.status = VersionStatus::withdrawn;
    version.withdrawn_at = meta.time.micros;
    version.withdrawn_by = meta.actor;
    version.withdraw_reason = withdrawn->reason;
  }
}

// What follows from the versions.
void sum_up(BundleT& bundle) {
  bundle.latest_version = flatbuffers::nullopt;
  bundle.busy = false;
  for (const auto& version : bundle.versions) {
    const bool is_published = version->status == VersionStatus::published;
    if (is_published) bundle.latest_version = version->number;
    if (version->status == VersionStatus::ingesting || (is_published && !version->anchored)) bundle.busy = true;
  }
}

void change_version(BundleT& bundle, std::uint32_t number, const Event& event, const EventMeta& meta) {
  if (auto* version = version_of(bundle, number)) change(*version, event, meta);
  sum_up(bundle);
}

}  // namespace

Decision<Bundle::Event> Bundle::decide(const State* state, const Command& command, const Context&) {
  if (const auto* create_bundle = command.AsCreateBundle()) return create(state, *create_bundle);
  if (!state) return not_found("bundle_not_found", "There is no bundle with this id.");
  switch (command.type) {
    case BundleCommand::UpdateBundle:
      return update(*state, *command.AsUpdateBundle());
    case BundleCommand::AddBundleVersion:
      return add_version(*state, *command.AsAddBundleVersion());
    case BundleCommand::PublishBundleVersion:
      return publish(*state, *command.AsPublishBundleVersion());
    case BundleCommand::FailBundleVersion:
      return fail(*state, *command.AsFailBundleVersion());
    case BundleCommand::CompleteBundleAnchoring:
      return complete_anchoring(*state, *command.AsCompleteBundleAnchoring());
    case BundleCommand::WithdrawBundleVersion:
      return withdraw(*state, *command.AsWithdrawBundleVersion());
    case BundleCommand::CreateBundle:
    case BundleCommand::NONE:
      break;
  }
  return record<Event>();
}

void Bundle::evolve(State& into, const Event& event, const EventMeta& meta) {
  switch (event.type) {
    case BundleEvent::BundleCreated:
      each_described_field(CopyFields{}, *event.AsBundleCreated(), into);
      break;
    case BundleEvent::BundleUpdated: {
      const auto& updated = *event.AsBundleUpdated();
      each_described_field(ApplyChanges(updated.cleared), updated, into);
      break;
    }
    case BundleEvent::BundleVersionAdded:
      add(into, *event.AsBundleVersionAdded(), meta);
      sum_up(into);
      break;
    case BundleEvent::BundleVersionPublished:
      change_version(into, event.AsBundleVersionPublished()->number, event, meta);
      break;
    case BundleEvent::BundleVersionFailed:
      change_version(into, event.AsBundleVersionFailed()->number, event, meta);
      break;
    case BundleEvent::BundleVersionAnchored:
      change_version(into, event.AsBundleVersionAnchored()->number, event, meta);
      break;
    case BundleEvent::BundleVersionWithdrawn:
      change_version(into, event.AsBundleVersionWithdrawn()->number, event, meta);
      break;
    case BundleEvent::NONE:
      break;
  }
}

std::vector<std::string>* Bundle::removals(Command& command) {
  auto* update_bundle = command.AsUpdateBundle();
  return update_bundle ? &update_bundle->cleared : nullptr;
}

}  // namespace flowstone::domain
