// `/openapi.json` and `/docs`: made once, when the server starts.
#include "api/handlers.hpp"

namespace flowstone::api {

Task<void> show_openapi(Exchange* exchange) {
  exchange->reply.body = exchange->core.openapi;
  exchange->reply.add("Cache-Control", "public, max-age=60");
  co_return;
}

Task<void> lead_to_docs(Exchange* exchange) {
  exchange->reply.status = 307;
  exchange->reply.add("Location", "/docs");
  co_return;
}

Task<void> show_docs(Exchange* exchange) {
  exchange->reply.content_type = "text/html; charset=utf-8";
  exchange->reply.body = exchange->core.docs;
  exchange->reply.add("Content-Security-Policy", exchange->core.docs_policy);
  exchange->reply.add("Cache-Control", "public, max-age=60");
  co_return;
}

}  // namespace flowstone::api
