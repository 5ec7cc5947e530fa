// What all connections of one server share.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "api/access_log.hpp"
#include "api/authenticator.hpp"
#include "api/feed.hpp"
#include "api/metrics.hpp"
#include "api/options.hpp"
#include "api/router.hpp"
#include "api/tickets.hpp"

namespace flowstone::api {

// Threads: each member says for itself; the plain ones are immutable once the server has started.
struct Core {
  Core(ServerOptions server_options, Services server_services);

  const ServerOptions options;
  const Services services;
  Router router;
  Metrics metrics;
  AccessLog log;
  Authenticator authenticator;
  Tickets tickets;
  Feeds feeds;
  std::string openapi;      // the document
  std::string docs;         // the page
  std::string docs_policy;  // its Content-Security-Policy
  std::atomic<bool> stopping{false};
  std::atomic<std::size_t> large_bodies{0};  // bytes
  std::atomic<std::size_t> uploads{0};       // forms under way
};

}  // namespace flowstone::api
