#include "cli/portable_event.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <fmt/core.h>

#include "api/cloud_event.hpp"
#include "base/bytes.hpp"
#include "base/check.hpp"
#include "cli/portable_members.hpp"

namespace flowstone::cli {
namespace {

constexpr std::string_view kSeal = "flowstone.export.seal";
constexpr std::size_t kSealBytes = 400;  // a seal has fewer, an event more

void read_texts(PortableMembers& members, PortableEvent& into) {
  into.workspace = members.workspace();
  into.stream = members.text("subject", true);
  into.type = members.text("type", true);
  into.actor = members.text("actor", false);
  into.command_id = members.text("commandid", false);
  into.causation = members.text("causationid", false);
  into.correlation = members.text("correlationid", false);
  into.request_id = members.text("requestid", false);
  into.traceparent = members.text("traceparent", false);
  into.payload = members.base64("payload");
  into.salt = members.base64("salt");
}

void read_numbers(PortableMembers& members, PortableEvent& into) {
  auto& event = into.event;
  event.position = {members.number("position")};
  event.revision = {members.number("revision")};
  event.time = {static_cast<std::int64_t>(members.number("timemicros"))};
  event.schema_version = static_cast<std::uint16_t>(members.number("schemaversion", UINT16_MAX));
  event.append_first = {members.number("appendfirst")};
  event.append_last = {members.number("appendlast")};
  event.write = static_cast<std::uint32_t>(members.number("appendwrite", UINT32_MAX));
  event.payload_digest = members.digest("payloaddigest");
  event.fingerprint = members.digest("fingerprint");
}

}  // namespace

void append_portable(const eventstore::RecordedEvent& event, std::string& out) {
  api::append_cloud_event(event, out);
  check(out.ends_with('}'), "a CloudEvent is an object");
  out.pop_back();
  out += fmt::format(R"(,"timemicros":{},"schemaversion":{},"appendfirst":{},"appendlast":{},"appendwrite":{})",
                     event.time.micros, event.schema_version, event.append_first.value, event.append_last.value,
                     event.write);
  append_member("fingerprint", to_hex(view(event.fingerprint)), out);
  append_member("payloaddigest", to_hex(view(event.payload_digest)), out);
  append_member("salt", to_base64(event.salt), out);
  append_member("payload", to_base64(event.payload), out);
  out += "}\n";
}

Result<std::unique_ptr<PortableEvent>, std::string> parse_portable(std::string_view line) {
  boost::system::error_code error;
  const auto document = boost::json::parse(line, error);
  if (error || !document.is_object()) return failure(std::string("is no JSON object"));
  PortableMembers members(document.get_object());
  auto portable = std::make_unique<PortableEvent>();
  read_texts(members, *portable);
  read_numbers(members, *portable);
  if (!members.problem().empty()) return failure(members.problem());
  auto& event = portable->event;
  event.workspace = portable->workspace;
  event.stream = portable->stream;
  event.type = portable->type;
  event.actor = portable->actor;
  event.command_id = portable->command_id;
  event.causation = portable->causation;
  event.correlation = portable->correlation;
  event.request_id = portable->request_id;
  event.traceparent = portable->traceparent;
  event.payload = portable->payload;
  event.salt = portable->salt;
  return portable;
}

void append_seal(const Seal& seal, std::string& out) {
  out += fmt::format(R"({{"type":"{}","events":{},"size":{})", kSeal, seal.events, seal.size);
  if (seal.blobs) out += fmt::format(R"(,"blobs":{})", *seal.blobs);
  append_member("root", to_hex(view(seal.root)), out);
  append_member("lines", to_hex(view(seal.lines)), out);
  out += "}\n";
}

bool is_seal(std::string_view line) { return line.size() < kSealBytes && line.find(kSeal) != std::string_view::npos; }

Result<Seal, std::string> parse_seal(std::string_view line) {
  boost::system::error_code error;
  const auto document = boost::json::parse(line, error);
  if (error || !document.is_object()) return failure(std::string("is no JSON object"));
  PortableMembers members(document.get_object());
  Seal seal{.events = members.number("events"),
            .size = members.number("size"),
            .root = members.digest("root"),
            .lines = members.digest("lines")};
  if (document.get_object().contains("blobs")) seal.blobs = members.number("blobs");
  if (!members.problem().empty()) return failure(members.problem());
  return seal;
}

}  // namespace flowstone::cli
