// Any bytes as what a client sends: the request parser, fed in pieces as the wire would, and the grammars behind it.
// The pieces may not change what is understood.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "api/header_values.hpp"
#include "api/request.hpp"
#include "api/url.hpp"
#include "base/check.hpp"

namespace {

using namespace flowstone::api;  // NOLINT: the whole program is this file

struct Read {
  RequestParser::Outcome outcome = RequestParser::Outcome::need_more;
  Request request;
};

// Feeds `bytes` in pieces of `step`; what a parser does not consume it gets again with more behind it.
void feed(std::string_view bytes, std::size_t step, Read& read) {
  constexpr RequestLimits kLimits{.header_bytes = 4096, .body_bytes = 4096};
  RequestParser parser(read.request, kLimits);
  std::string unread;
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, step);
    unread.append(piece);
    bytes.remove_prefix(piece.size());
    const auto [outcome, consumed] = parser.feed(unread);
    flowstone::check(consumed <= unread.size(), "no more is consumed than there is");
    unread.erase(0, consumed);
    read.outcome = outcome;
    if (outcome != RequestParser::Outcome::need_more && outcome != RequestParser::Outcome::head_complete) return;
  }
}

void read_values(const Request& request) {
  for (int name = 0; name < static_cast<int>(Header::count); ++name) {
    const std::string_view value = request.header(static_cast<Header>(name));
    static_cast<void>(parse_entity_tags(value, name % 2 == 0));
    if (const auto key = parse_idempotency_key(value))
      flowstone::check(!key->empty() && key->size() <= 255, "a key is bounded");
    static_cast<void>(choose_media(value, {"application/json", "text/event-stream"}));
    static_cast<void>(parse_traceparent(value));
    static_cast<void>(parse_prefer(value));
  }
  const auto target = split_target(request.target);
  if (!target) return;
  flowstone::check(target->path.starts_with('/'), "a path begins with a slash");
  if (auto query = QueryParameters::parse(target->query)) {
    for (const auto& parameter : query->all())
      flowstone::check(parameter.value.find('\0') == std::string::npos, "no NUL gets in");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  Read whole;
  Read pieces;
  feed(bytes, bytes.size(), whole);
  feed(bytes, data[0] % 17 + 1, pieces);
  const bool complete = whole.outcome == RequestParser::Outcome::complete;
  if (!complete) return 0;
  flowstone::check(pieces.outcome == RequestParser::Outcome::complete, "pieces are read like the whole");
  flowstone::check(whole.request.body == pieces.request.body && whole.request.target == pieces.request.target,
                   "and give the same request");
  flowstone::check(whole.request.body.size() <= 4096, "a body is bounded");
  read_values(whole.request);
  return 0;
}
