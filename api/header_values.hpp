// The grammars of the header fields that clients send: pure functions from text to meaning.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/position.hpp"
#include "base/result.hpp"

namespace flowstone::api {

// Why a header value was refused, as a sentence.
using Refusal = std::string;

// RFC 9110 section 13.1.1: `*` or a list of entity tags. Ours are revisions: "5". `W/"5"` never matches strongly.
struct EntityTags {
  bool any = false;                 // `*`
  std::vector<Revision> revisions;  // tags of other shapes are well-formed, but no revision of ours
  bool operator==(const EntityTags&) const = default;
};
Result<EntityTags, Refusal> parse_entity_tags(std::string_view text, bool weak_allowed);

// draft-ietf-httpapi-idempotency-key-header: a structured-field string ("8e03..."); a bare token is taken too.
// 1 to 255 printable ASCII characters.
Result<std::string, Refusal> parse_idempotency_key(std::string_view text);

// RFC 9110 section 12.5.1, as far as the server offers choices.
struct MediaRange {
  std::string type;    // "application/json", "text/*", "*/*": lower case
  int quality = 1000;  // thousandths
};
std::vector<MediaRange> parse_accept(std::string_view text);
// The offer that the client likes best; the first of equals. Nothing if none is acceptable. No header accepts
// everything.
std::optional<std::size_t> choose_media(std::string_view accept, const std::vector<std::string_view>& offers);

// True if `text` is the media type, whatever its parameters (but a charset other than UTF-8).
bool is_media_type(std::string_view text, std::string_view type);

// W3C Trace Context level 1.
struct TraceParent {
  std::string trace_id;   // 32 lower-case hexadecimal digits
  std::string parent_id;  // 16
  std::string flags;      // 2
};
std::optional<TraceParent> parse_traceparent(std::string_view text);

// RFC 7240.
struct Preferences {
  std::optional<std::chrono::seconds> wait;
  bool respond_async = false;
};
Preferences parse_prefer(std::string_view text);

// True if the comma-separated list has the token, whatever its case.
bool has_token(std::string_view list, std::string_view token);

// The items of a comma-separated list, trimmed; empty ones left out.
std::vector<std::string_view> split_list(std::string_view list, char separator = ',');

std::optional<std::uint64_t> parse_number(std::string_view text);

}  // namespace flowstone::api
