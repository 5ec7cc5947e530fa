// An event as a line of an export: a CloudEvent with everything that its leaf in the Merkle tree is made of
// (docs/formats/export.md).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.hpp"
#include "base/result.hpp"
#include "eventstore/event.hpp"

namespace flowstone::cli {

// Appends one line, with its line end.
void append_portable(const eventstore::RecordedEvent& event, std::string& out);

// An event read back; its views point into this object.
struct PortableEvent {
  eventstore::RecordedEvent event;
  std::string workspace, stream, type, actor, command_id, causation, correlation, request_id, traceparent, payload,
      salt;

  PortableEvent() = default;
  PortableEvent(const PortableEvent&) = delete;
  PortableEvent& operator=(const PortableEvent&) = delete;
};
// The error names the member that is missing or malformed.
Result<std::unique_ptr<PortableEvent>, std::string> parse_portable(std::string_view line);

// The lines of an export, chained: the root says nothing about members that are there for readers alone.
class LineChain {
 public:
  // Without its line end.
  void take(std::string_view line) { link_ = sha256({view(link_), line}); }
  [[nodiscard]] const Digest& link() const { return link_; }

 private:
  Digest link_{};
};

// The last line of an export.
struct Seal {
  std::uint64_t events = 0;
  std::uint64_t size = 0;  // of the tree over the log up to the last of them
  Digest root{};
  Digest lines{};
  std::optional<std::uint64_t> blobs{};  // none if it carries only events
};
void append_seal(const Seal& seal, std::string& out);
// Whether a line is meant as a seal; an event never is.
bool is_seal(std::string_view line);
Result<Seal, std::string> parse_seal(std::string_view line);

}  // namespace flowstone::cli
