// Every aggregate behind one interface: bytes in, bytes out. The rooms above know aggregates only through this page.
//
// Threads: `AggregateType`s are immutable; an `Entity` belongs to one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/decider.hpp"
#include "base/result.hpp"
#include "schemas/contract.hpp"

namespace flowstone::domain {

struct DecidedEvent {
  std::string_view type;         // "task.completed"
  std::uint16_t schema_version;  // of its contract
  Bytes payload;
};

// The state of one entity as of some revision.
class Entity {
 public:
  virtual ~Entity() = default;
  [[nodiscard]] virtual std::unique_ptr<Entity> clone() const = 0;
  // {0} before the first event.
  [[nodiscard]] virtual Revision revision() const = 0;
  // Folds one event in. The only errors are bytes that are not such an event and types the aggregate does not know:
  // then nothing changed.
  virtual Result<void, std::string> evolve(std::string_view type, std::uint16_t schema_version, BytesView payload,
                                           const EventMeta& meta) = 0;
  // `command` is a FlatBuffer of the command's table.
  [[nodiscard]] virtual Result<std::vector<DecidedEvent>, Rejection> decide(const schemas::Member& command,
                                                                            BytesView flatbuffer,
                                                                            const Context& context) const = 0;
  // The state table as a FlatBuffer: the row of the read model. The same state gives the same bytes.
  [[nodiscard]] virtual Bytes pack() const = 0;
};

class AggregateType {
 public:
  virtual ~AggregateType() = default;
  [[nodiscard]] virtual const schemas::Aggregate& contract() const = 0;
  // An entity without events.
  [[nodiscard]] virtual std::unique_ptr<Entity> start() const = 0;
  // An entity from its row; the row must be valid.
  [[nodiscard]] virtual std::unique_ptr<Entity> load(BytesView row) const = 0;
};

// All aggregates, in the order of their names.
std::span<const AggregateType* const> aggregate_types();
const AggregateType* find_aggregate_type(std::string_view name);

}  // namespace flowstone::domain
