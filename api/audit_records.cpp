// The log's records for whoever wants to compute the Merkle root without trusting this server.
#include <fmt/format.h>

#include "api/command_answers.hpp"
#include "api/handlers.hpp"
#include "api/query_values.hpp"
#include "base/bytes.hpp"
#include "eventstore/merkle.hpp"
#include "eventstore/record.hpp"

namespace flowstone::api {
namespace {

constexpr std::uint64_t kDefaultLimit = 100;
constexpr std::uint64_t kMostLimit = 1000;

// A leaf tells nothing of what it was made from: it may be told across workspaces.
void append_record(const eventstore::RecordedEvent& event, bool own, std::string& out) {
  Bytes record;
  eventstore::encode_record(record, event);
  const BytesView header = eventstore::record_header(record);
  fmt::format_to(std::back_inserter(out), R"({{"position":{},"leaf":"{}")", event.position.value,
                 to_hex(view(eventstore::leaf_hash(header))));
  if (own) {
    fmt::format_to(std::back_inserter(out), R"(,"header":"{}","salt":"{}","payload":"{}")", to_base64(header),
                   to_base64(event.salt), to_base64(event.payload));
  }
  out += '}';
}

Result<std::string, eventstore::StoreError> records_page(eventstore::Store& store, std::string_view workspace,
                                                         std::uint64_t from, std::uint64_t limit) {
  const auto head = store.state().durable;
  std::string out = "{\"items\":[";
  FLOWSTONE_TRY(const auto reader, store.read({}, {.from = {from}, .to = {from + limit - 1}}));
  for (bool first = true;; first = false) {
    FLOWSTONE_TRY(const auto* event, reader->next());
    if (event == nullptr) break;
    if (!first) out += ',';
    append_record(*event, event->workspace == workspace, out);
  }
  const bool complete = head.value < from || head.value - from < limit;
  out.append("],\"next_cursor\":").append(complete ? "null" : fmt::format("\"{}\"", from + limit));
  fmt::format_to(std::back_inserter(out), ",\"position\":{}}}", head.value);
  return out;
}

}  // namespace

Task<void> list_audit_records(Exchange* exchange) {
  if (exchange->principal->is_scoped()) {
    exchange->refuse({ProblemKind::forbidden, "This call needs a key without scopes."});
    co_return;
  }
  const auto from = take_number(*exchange, "from", 1, 0, UINT32_MAX * 1'000'000ULL);
  if (!from) co_return;
  const auto limit = take_number(*exchange, "limit", kDefaultLimit, 1, kMostLimit);
  if (!limit || !exchange->all_parameters_known()) co_return;
  eventstore::Store& store = exchange->services().store;
  const std::string_view workspace = exchange->principal->workspace;
  const std::uint64_t first = std::max<std::uint64_t>(*from, 1);
  const std::uint64_t most = *limit;
  auto page = co_await exchange->blocking(
      [&store, workspace, first, most] { return records_page(store, workspace, first, most); });
  if (!page) {
    exchange->refuse(problem_of(page.error()));
    co_return;
  }
  exchange->reply.body = *std::move(page);
}

}  // namespace flowstone::api
