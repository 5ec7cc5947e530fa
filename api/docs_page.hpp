// The reference for people: one page that renders /openapi.json, without anything from elsewhere.
#pragma once

#include <string>

namespace flowstone::api {

struct DocsPage {
  std::string html;
  std::string policy;  // its Content-Security-Policy: only its own script and style, by their digests
};

DocsPage docs_page();

}  // namespace flowstone::api
