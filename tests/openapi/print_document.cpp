// Prints the OpenAPI document, for the linters.
#include <cstdio>

#include "schemas/openapi.hpp"

int main() {
  const std::string document = flowstone::schemas::openapi_document(FLOWSTONE_VERSION);
  return std::fwrite(document.data(), 1, document.size(), stdout) == document.size() ? 0 : 1;
}
