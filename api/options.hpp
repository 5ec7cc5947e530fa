// What the operator may set, and what the server stands on.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "api/blocking_pool.hpp"
#include "api/request.hpp"
#include "base/identifier.hpp"
#include "base/time.hpp"
#include "commands/executor.hpp"
#include "eventstore/blobs.hpp"
#include "eventstore/store.hpp"
#include "outside/fetcher.hpp"
#include "projections/catalog.hpp"
#include "projections/library.hpp"

namespace flowstone::commands {
class Activities;
class WebhookKeys;
class WorkflowRuns;
}  // namespace flowstone::commands

namespace flowstone::api {

struct Deadlines {
  std::chrono::milliseconds head{10'000};         // from the first byte of a request to the end of its headers
  std::chrono::milliseconds body{60'000};         // from there to the end of the body
  std::chrono::milliseconds idle{75'000};         // between two requests of a connection
  std::chrono::milliseconds write{30'000};        // without the client taking a byte
  std::chrono::milliseconds close{5'000};         // for the last words on a connection
  std::chrono::milliseconds heartbeat{15'000};    // between signs of life on a stream
  std::chrono::milliseconds silence{30'000};      // of a WebSocket client after a ping
  std::chrono::milliseconds stop{10'000};         // for a graceful stop, before connections are cut
  std::chrono::milliseconds min_position{5'000};  // for a view to reach the position that a reader asked for
  std::chrono::milliseconds sweep{250};           // how often all of these are looked at
};

// Of files that are sent as a form, on their way to the blobs.
struct UploadLimits {
  std::uint64_t document_bytes = eventstore::kMostBlobBytes;
  std::uint64_t version_bytes = std::uint64_t{2} << 30;  // all documents of a version together
  std::size_t documents = 10'000;
  std::size_t under_way = 32;  // uploads at one time; beyond these a new one is answered 503
};

struct ServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;    // 0 picks a free one
  std::size_t threads = 0;      // network threads; 0: half the processors
  std::string tls_certificate;  // PEM files; empty: no TLS
  std::string tls_key;
  std::vector<std::string> allowed_origins;  // for browsers (CORS); "*" allows any
  std::size_t connections = 12'000;          // beyond these a new one is answered 503 and closed
  RequestLimits request;
  Deadlines deadlines;
  UploadLimits uploads;
  std::size_t feed_bytes = 64 << 20;         // encoded events kept in memory for subscribers
  std::size_t large_body_bytes = 256 << 20;  // bodies above 64 KiB that are in memory at one time, all together
  bool access_log = true;                    // one JSON line a request on stderr
  bool public_metrics = true;                // false: /metrics needs a key with the role operator
  std::string version = "0.1.0";
  std::string commit;
};

// Lifetime: everything outlives the server.
struct Services {
  eventstore::Store& store;
  commands::Executor& executor;
  projections::Catalog& catalog;
  const Clock& clock;
  IdSource& ids;
  BlockingPool& blocking;
  projections::Library& library;
  outside::Fetcher& fetcher;
  commands::WorkflowRuns* runs = nullptr;  // nullptr: workflows are not carried out here, and starting one is refused
  const commands::WebhookKeys* webhooks = nullptr;  // nullptr: there are no webhooks here
  commands::Activities* activities = nullptr;       // nullptr where `runs` is
};

}  // namespace flowstone::api
