#include "domain/evidence.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <span>

#include "domain/decision.hpp"
#include "schemas/packed.hpp"

namespace flowstone::domain {

namespace {

using schemas::AnchorT;
using schemas::EvidenceCommand;
using schemas::EvidenceEvent;
using schemas::EvidenceStatus;
using schemas::EvidenceT;
using schemas::Materiality;
using schemas::Verdict;
using Event = Evidence::Event;
using Anchors = std::vector<std::unique_ptr<AnchorT>>;

template <class Recorded>
Event event_with(const AnchorT& anchor) {
  Recorded recorded;
  recorded.anchor = std::make_unique<AnchorT>(anchor);
  Event event;
  event.Set(std::move(recorded));
  return event;
}

const AnchorT* anchor_of(const EvidenceT& evidence, std::uint32_t version) {
  const auto found = std::ranges::find(evidence.anchors, version, &AnchorT::version);
  return found == evidence.anchors.end() ? nullptr : found->get();
}

bool says_the_same(AnchorT left, AnchorT right) {
  for (AnchorT* anchor : {&left, &right}) {
    anchor->position = flatbuffers::nullopt;
    anchor->placed_by.clear();
  }
  return schemas::pack(left) == schemas::pack(right);
}

// As told by those who placed them there, whatever they say about it.
bool is_same_place(const AnchorT& left, const AnchorT& right) {
  return left.version == right.version && left.document == right.document && left.verdict == right.verdict &&
         left.materiality == right.materiality && left.start == right.start && left.end == right.end &&
         left.exact == right.exact && left.digest == right.digest;
}

bool has_room_for(std::size_t anchors) { return anchors <= Evidence::kMaxAnchors; }

auto refuse_more() {
  return conflict("too_many_anchors", "The evidence has 1000 anchors, the most there can be; quote it anew.");
}

// Those that tell something new, the last of each version.
std::vector<const AnchorT*> news_in(std::span<const std::unique_ptr<AnchorT>> told, const EvidenceT* known,
                                    std::uint32_t source_version) {
  std::vector<const AnchorT*> news;
  for (std::size_t i = 0; i < told.size(); ++i) {
    const AnchorT& anchor = *told[i];
    const bool comes_again = std::ranges::count(told.subspan(i + 1), anchor.version, &AnchorT::version) != 0;
    if (anchor.version <= source_version || comes_again) continue;
    const AnchorT* present = known ? anchor_of(*known, anchor.version) : nullptr;
    if (!present || (present->placed_by.empty() && !says_the_same(*present, anchor))) news.push_back(&anchor);
  }
  return news;
}

Decision<Event> create(const EvidenceT* state, const schemas::CreateEvidenceT& command) {
  if (state)
    return conflict("evidence_exists", "Evidence with this id exists already; leave the id out to get a fresh one.");
  if (!command.source || !command.source->selector || command.anchors.empty())
    return invalid("source", "was not found by the server in this version of the document");
  const AnchorT& found = *command.anchors.front();
  schemas::EvidenceCreatedT created;
  created.source = std::make_unique<schemas::EvidenceSourceT>(*command.source);
  created.source->selector->start = found.start;
  created.source->selector->end = found.end;
  if (!found.exact.empty()) created.source->selector->exact = found.exact;
  created.note = command.note;
  created.digest = found.digest;
  const auto later = news_in(std::span(command.anchors).subspan(1), nullptr, command.source->version);
  if (!has_room_for(1 + later.size())) return refuse_more();
  std::vector<Event> events(1);
  events.front().Set(std::move(created));
  for (const AnchorT* anchor : later) events.push_back(event_with<schemas::EvidenceAnchoredT>(*anchor));
  return events;
}

Decision<Event> anchor(const EvidenceT& state, const schemas::AnchorEvidenceT& command) {
  std::vector<Event> events;
  if (state.status == EvidenceStatus::withdrawn || !state.source) return events;
  std::size_t anchors = state.anchors.size();
  for (const AnchorT* told : news_in(command.anchors, &state, state.source->version)) {
    if (!anchor_of(state, told->version)) ++anchors;
    events.push_back(event_with<schemas::EvidenceAnchoredT>(*told));
  }
  if (!has_room_for(anchors)) return refuse_more();
  return events;
}

Decision<Event> place(const EvidenceT& state, const schemas::PlaceEvidenceT& command, const Context& context) {
  if (state.status == EvidenceStatus::withdrawn)
    return conflict("evidence_withdrawn", "The evidence is withdrawn; record the quote anew.");
  if (!command.anchor) return invalid("selector", "was not found by the server in this version of the document");
  AnchorT placed = *command.anchor;
  if (!state.source || placed.version <= state.source->version)
    return invalid("version", "must be newer than the version that was quoted");
  if (placed.digest == state.digest) {
    placed.verdict = Verdict::same;
    placed.materiality = Materiality::none;
    placed.changes.clear();
  }
  const AnchorT* present = anchor_of(state, placed.version);
  if (present && is_same_place(*present, placed)) return record<Event>();
  if (!present && !has_room_for(state.anchors.size() + 1)) return refuse_more();
  placed.placed_by = context.actor;
  std::vector<Event> events;
  events.push_back(event_with<schemas::EvidencePlacedT>(placed));
  return events;
}

Decision<Event> withdraw(const EvidenceT& state, const schemas::WithdrawEvidenceT& command) {
  if (state.status == EvidenceStatus::withdrawn) return record<Event>();
  schemas::EvidenceWithdrawnT withdrawn;
  withdrawn.reason = command.reason;
  return record<Event>(std::move(withdrawn));
}

AnchorT source_anchor(const schemas::EvidenceCreatedT& created) {
  AnchorT anchor;
  anchor.version = created.source->version;
  anchor.document = created.source->document;
  anchor.digest = created.digest;
  if (const auto& selector = created.source->selector) {
    anchor.start = selector->start;
    anchor.end = selector->end;
    anchor.exact = selector->exact;
  }
  return anchor;
}

void keep(EvidenceT& evidence, const AnchorT* told) {
  if (!told) return;
  Anchors& anchors = evidence.anchors;
  const auto place = std::ranges::lower_bound(anchors, told->version, {}, &AnchorT::version);
  if (place != anchors.end() && (*place)->version == told->version) {
    **place = *told;
  } else {
    anchors.insert(place, std::make_unique<AnchorT>(*told));
  }
  const AnchorT& newest = *anchors.back();
  evidence.verdict = newest.verdict;
  evidence.materiality = newest.materiality;
  evidence.document = newest.document;
  evidence.anchored_version = newest.version;
}

void start(EvidenceT& evidence, const schemas::EvidenceCreatedT& created) {
  evidence.note = created.note;
  evidence.digest = created.digest;
  if (!created.source) return;
  evidence.source = std::make_unique<schemas::EvidenceSourceT>(*created.source);
  evidence.bundle_id = created.source->bundle_id;
  const AnchorT first = source_anchor(created);
  keep(evidence, &first);
}

}  // namespace

Decision<Evidence::Event> Evidence::decide(const State* state, const Command& command, const Context& context) {
  if (const auto* create_evidence = command.AsCreateEvidence()) return create(state, *create_evidence);
  if (!state) return not_found("evidence_not_found", "There is no evidence with this id.");
  switch (command.type) {
    case EvidenceCommand::AnchorEvidence:
      return anchor(*state, *command.AsAnchorEvidence());
    case EvidenceCommand::PlaceEvidence:
      return place(*state, *command.AsPlaceEvidence(), context);
    case EvidenceCommand::WithdrawEvidence:
      return withdraw(*state, *command.AsWithdrawEvidence());
    case EvidenceCommand::CreateEvidence:
    case EvidenceCommand::NONE:
      break;
  }
  return record<Event>();
}

void Evidence::evolve(State& into, const Event& event, const EventMeta& meta) {
  switch (event.type) {
    case EvidenceEvent::EvidenceCreated:
      start(into, *event.AsEvidenceCreated());
      break;
    case EvidenceEvent::EvidenceAnchored:
      keep(into, event.AsEvidenceAnchored()->anchor.get());
      break;
    case EvidenceEvent::EvidencePlaced:
      keep(into, event.AsEvidencePlaced()->anchor.get());
      break;
    case EvidenceEvent::EvidenceWithdrawn:
      into.status = EvidenceStatus::withdrawn;
      into.withdrawn_at = meta.time.micros;
      into.withdraw_reason = event.AsEvidenceWithdrawn()->reason;
      break;
    case EvidenceEvent::NONE:
      break;
  }
}

}  // namespace flowstone::domain
