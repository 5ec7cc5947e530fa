#include "api/core.hpp"

#include "api/docs_page.hpp"
#include "api/handlers.hpp"

namespace flowstone::api {
namespace {

Router all_routes() {
  Router router;
  add_routes(router);
  return router;
}

}  // namespace

Core::Core(ServerOptions server_options, Services server_services)
    : options(std::move(server_options)),
      services(server_services),
      router(all_routes()),
      metrics(router.routes().size()),
      log(options.access_log),
      authenticator(services.store, services.clock),
      tickets(services.clock),
      feeds(services.store, services.blocking, options.feed_bytes),
      openapi(openapi_document(options.version, options.request)) {
  DocsPage page = docs_page();
  docs = std::move(page.html);
  docs_policy = std::move(page.policy);
}

}  // namespace flowstone::api
