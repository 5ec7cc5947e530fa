#include "domain/canvas.hpp"

#include <algorithm>
#include <memory>

#include "domain/decision.hpp"
#include "domain/patch.hpp"
#include "schemas/packed.hpp"

namespace flowstone::domain {

namespace {

using schemas::CanvasCommand;
using schemas::CanvasEvent;
using schemas::CanvasT;
using schemas::PinKind;
using schemas::PinT;
using Event = Canvas::Event;

template <class Visit, class... Tables>
void each_described_field(Visit&& visit, Tables&... tables) {
  visit("title", tables.title...);
  visit("description", tables.description...);
}

// Of a pin that is there.
template <class Visit, class... Tables>
void each_changeable_field(Visit&& visit, Tables&... tables) {
  visit("revision", tables.revision...);
  visit("note", tables.note...);
  visit("x", tables.x...);
  visit("y", tables.y...);
}

auto refuse_unknown() { return not_found("pin_not_found", "The canvas has no pin with this number."); }

std::unique_ptr<schemas::PinnedDiffT> copy_of(const std::unique_ptr<schemas::PinnedDiffT>& diff) {
  return diff ? std::make_unique<schemas::PinnedDiffT>(*diff) : nullptr;
}

template <class State>
auto pin_of(State& canvas, std::uint32_t number) {
  const auto found = std::ranges::find(canvas.pins, number, &PinT::number);
  return found == canvas.pins.end() ? nullptr : found->get();
}

bool is_of(const PinT& pin, const schemas::PinToCanvasT& command) {
  if (command.diff) return pin.diff && schemas::pack(*pin.diff) == schemas::pack(*command.diff);
  return pin.entity == command.entity && pin.revision == command.revision && pin.version == command.version &&
         pin.artifact == command.artifact;
}

PinKind kind_of(const schemas::CanvasPinnedT& pinned) {
  if (pinned.diff) return PinKind::diff;
  if (pinned.version) return PinKind::version;
  return pinned.artifact.empty() ? PinKind::entity : PinKind::artifact;
}

Decision<Event> create(const CanvasT* state, const schemas::CreateCanvasT& command) {
  if (state)
    return conflict("canvas_exists", "A canvas with this id exists already; leave the id out to get a fresh one.");
  schemas::CanvasCreatedT created;
  each_described_field(CopyFields{}, command, created);
  return record<Event>(std::move(created));
}

Decision<Event> update(const CanvasT& state, const schemas::UpdateCanvasT& command) {
  if (auto rejection = refuse_removals(command.cleared, {"title"})) return failure(*std::move(rejection));
  schemas::CanvasUpdatedT updated;
  RecordChanges changes(command.cleared, updated.cleared);
  each_described_field(changes, command, state, updated);
  return changes.changed() ? record<Event>(std::move(updated)) : record<Event>();
}

Decision<Event> pin(const CanvasT& state, const schemas::PinToCanvasT& command) {
  if (command.entity.empty() == (command.diff == nullptr))
    return invalid("entity", "must be given, or `diff` instead of it: one of the two");
  if (command.diff && command.revision) return invalid("revision", "must be left out: a diff has none");
  if (command.version && !command.entity.starts_with("bundle-"))
    return invalid("version", "must be left out: only a bundle has versions");
  if (!command.artifact.empty() && !command.entity.starts_with("run-"))
    return invalid("artifact", "must be left out: only a run leaves something behind");
  const auto same = std::ranges::find_if(state.pins, [&](const auto& there) { return is_of(*there, command); });
  if (same != state.pins.end()) {
    if ((*same)->note == command.note && (*same)->x == command.x && (*same)->y == command.y) return record<Event>();
    return conflict("pin_exists", "This is pinned already; move or annotate the pin that is there.");
  }
  if (state.pins.size() >= Canvas::kMaxPins)
    return conflict("too_many_pins", "The canvas has 500 pins, the most there can be; take one off first.");
  schemas::CanvasPinnedT pinned;
  pinned.number = state.last_pin + 1;
  pinned.entity = command.entity;
  pinned.diff = copy_of(command.diff);
  pinned.version = command.version;
  pinned.artifact = command.artifact;
  each_changeable_field(CopyFields{}, command, pinned);
  return record<Event>(std::move(pinned));
}

Decision<Event> update_pin(const CanvasT& state, const schemas::UpdatePinT& command) {
  if (!command.number) return invalid("number", "must be given");
  if (auto rejection = refuse_removals(command.cleared, {"number", "revision", "x", "y"}))
    return failure(*std::move(rejection));
  const PinT* there = pin_of(state, *command.number);
  if (!there) return refuse_unknown();
  if (there->kind == PinKind::diff && command.revision) return invalid("revision", "must be left out: a diff has none");
  schemas::CanvasPinUpdatedT updated;
  RecordChanges changes(command.cleared, updated.cleared);
  each_changeable_field(changes, command, *there, updated);
  if (!changes.changed()) return record<Event>();
  updated.number = *command.number;
  return record<Event>(std::move(updated));
}

Decision<Event> unpin(const CanvasT& state, const schemas::UnpinFromCanvasT& command) {
  if (command.number == 0 || command.number > state.last_pin) return refuse_unknown();
  if (!pin_of(state, command.number)) return record<Event>();
  schemas::CanvasUnpinnedT unpinned;
  unpinned.number = command.number;
  return record<Event>(unpinned);
}

void list_pinned(CanvasT& canvas) {
  canvas.pinned.clear();
  for (const auto& pin : canvas.pins) {
    std::string stream = pin->diff ? "bundle-" + pin->diff->bundle_id : pin->entity;
    if (!names(canvas.pinned, stream)) canvas.pinned.push_back(std::move(stream));
  }
}

void put(CanvasT& canvas, const schemas::CanvasPinnedT& pinned, const EventMeta& meta) {
  auto pin = std::make_unique<PinT>();
  pin->number = pinned.number;
  pin->kind = kind_of(pinned);
  pin->entity = pinned.entity;
  pin->diff = copy_of(pinned.diff);
  pin->version = pinned.version;
  pin->artifact = pinned.artifact;
  each_changeable_field(CopyFields{}, pinned, *pin);
  pin->pinned_at = meta.time.micros;
  pin->pinned_by = meta.actor;
  canvas.last_pin = std::max(canvas.last_pin, pinned.number);
  canvas.pins.push_back(std::move(pin));
  list_pinned(canvas);
}

}  // namespace

Decision<Canvas::Event> Canvas::decide(const State* state, const Command& command, const Context&) {
  if (const auto* create_canvas = command.AsCreateCanvas()) return create(state, *create_canvas);
  if (!state) return not_found("canvas_not_found", "There is no canvas with this id.");
  if (command.type == CanvasCommand::ArchiveCanvas)
    return state->archived ? record<Event>() : record<Event>(schemas::CanvasArchivedT{});
  if (command.type == CanvasCommand::RestoreCanvas)
    return state->archived ? record<Event>(schemas::CanvasRestoredT{}) : record<Event>();
  if (state->archived) return conflict("canvas_archived", "The canvas is archived; restore it first.");
  switch (command.type) {
    case CanvasCommand::UpdateCanvas:
      return update(*state, *command.AsUpdateCanvas());
    case CanvasCommand::PinToCanvas:
      return pin(*state, *command.AsPinToCanvas());
    case CanvasCommand::UpdatePin:
      return update_pin(*state, *command.AsUpdatePin());
    case CanvasCommand::UnpinFromCanvas:
      return unpin(*state, *command.AsUnpinFromCanvas());
    case CanvasCommand::ArchiveCanvas:
    case CanvasCommand::RestoreCanvas:
    case CanvasCommand::CreateCanvas:
    case CanvasCommand::NONE:
      break;
  }
  return record<Event>();
}

void Canvas::evolve(State& into, const Event& event, const EventMeta& meta) {
  switch (event.type) {
    case CanvasEvent::CanvasCreated:
      each_described_field(CopyFields{}, *event.AsCanvasCreated(), into);
      break;
    case CanvasEvent::CanvasUpdated: {
      const auto& updated = *event.AsCanvasUpdated();
      each_described_field(ApplyChanges(updated.cleared), updated, into);
      break;
    }
    case CanvasEvent::CanvasPinned:
      put(into, *event.AsCanvasPinned(), meta);
      break;
    case CanvasEvent::CanvasPinUpdated: {
      const auto& updated = *event.AsCanvasPinUpdated();
      if (auto* pin = pin_of(into, updated.number)) each_changeable_field(ApplyChanges(updated.cleared), updated, *pin);
      break;
    }
    case CanvasEvent::CanvasUnpinned:
      std::erase_if(into.pins, [&](const auto& pin) { return pin->number == event.AsCanvasUnpinned()->number; });
      list_pinned(into);
      break;
    case CanvasEvent::CanvasArchived:
      into.archived = true;
      into.archived_at = meta.time.micros;
      break;
    case CanvasEvent::CanvasRestored:
      into.archived = false;
      into.archived_at = flatbuffers::nullopt;
      break;
    case CanvasEvent::NONE:
      break;
  }
}

std::vector<std::string>* Canvas::removals(Command& command) {
  if (auto* update_canvas = command.AsUpdateCanvas()) return &update_canvas->cleared;
  auto* update_pin = command.AsUpdatePin();
  return update_pin ? &update_pin->cleared : nullptr;
}

}  // namespace flowstone::domain
