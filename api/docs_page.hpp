// The reference for people: one page that renders /openapi.json, without anything from elsewhere.
#pragma once

#include <string>
#include <string_view>

#include "api/request.hpp"

namespace flowstone::api {

// `/openapi.json`: what the contracts say, with this server's problems and limits.
std::string openapi_document(std::string_view version, const RequestLimits& limits);

struct DocsPage {
  std::string html;
  std::string policy;  // its Content-Security-Policy: only its own script and style, by their digests
};

DocsPage docs_page();

}  // namespace flowstone::api
