#include "cli/portable_event.hpp"

#include <algorithm>
#include <optional>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <fmt/core.h>

#include "api/cloud_event.hpp"
#include "base/bytes.hpp"
#include "base/check.hpp"
#include "base/identifier.hpp"
#include "cli/run_events.hpp"
#include "schemas/json.hpp"

namespace flowstone::cli {
namespace {

constexpr std::string_view kSourcePrefix = "/workspaces/";
constexpr std::string_view kSeal = "flowstone.export.seal";
constexpr std::size_t kSealBytes = 400;  // a seal has fewer, an event more

void append_member(std::string_view name, std::string_view text, std::string& out) {
  out += fmt::format(",\"{}\":", name);
  schemas::append_json_string(text, out);
}

// Reads members one by one and remembers the first that is wrong.
class Members {
 public:
  explicit Members(const boost::json::object& object) : object_(object) {}

  std::string text(std::string_view name, bool needed) {
    const auto* value = object_.if_contains(name);
    if (value == nullptr && !needed) return {};
    if (value == nullptr || !value->is_string()) return wrong(name, "must be a text"), std::string();
    return std::string(value->get_string());
  }
  std::uint64_t number(std::string_view name, std::uint64_t most = INT64_MAX) {
    const auto value = number_of(object_, name);
    if (!value || *value < 0) return wrong(name, "must be a number"), 0;
    if (static_cast<std::uint64_t>(*value) > most) return wrong(name, "is too large"), 0;
    return static_cast<std::uint64_t>(*value);
  }
  std::string base64(std::string_view name) {
    const auto bytes = from_base64(text(name, true));
    if (!bytes) return wrong(name, "must be base64"), std::string();
    return *bytes;
  }
  Digest digest(std::string_view name) {
    Digest out{};
    const auto bytes = from_hex(text(name, true));
    if (!bytes || bytes->size() != out.size()) return wrong(name, "must be 64 hexadecimal digits"), out;
    std::ranges::copy(*bytes, reinterpret_cast<char*>(out.data()));  // NOLINT: bytes seen as chars
    return out;
  }
  void wrong(std::string_view name, std::string_view what) {
    if (problem_.empty()) problem_ = fmt::format("{} {}", name, what);
  }
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  const boost::json::object& object_;
  std::string problem_;
};

void read_texts(Members& members, PortableEvent& into) {
  const auto source = members.text("source", true);
  if (!source.starts_with(kSourcePrefix)) members.wrong("source", "must be /workspaces/<id>");
  into.workspace = source.substr(std::min(kSourcePrefix.size(), source.size()));
  if (!is_uuid(into.workspace)) members.wrong("source", "must end with the id of a workspace");
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

void read_numbers(Members& members, PortableEvent& into) {
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
  Members members(document.get_object());
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
  append_member("root", to_hex(view(seal.root)), out);
  append_member("lines", to_hex(view(seal.lines)), out);
  out += "}\n";
}

bool is_seal(std::string_view line) { return line.size() < kSealBytes && line.find(kSeal) != std::string_view::npos; }

Result<Seal, std::string> parse_seal(std::string_view line) {
  boost::system::error_code error;
  const auto document = boost::json::parse(line, error);
  if (error || !document.is_object()) return failure(std::string("is no JSON object"));
  Members members(document.get_object());
  const Seal seal{.events = members.number("events"),
                  .size = members.number("size"),
                  .root = members.digest("root"),
                  .lines = members.digest("lines")};
  if (!members.problem().empty()) return failure(members.problem());
  return seal;
}

}  // namespace flowstone::cli
