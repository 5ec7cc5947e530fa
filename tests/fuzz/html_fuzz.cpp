// Any bytes as HTML: they are refused, or what comes out holds its promises.
#include "tests/fuzz/parsed_promises.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace flowstone::documents;  // NOLINT: the whole program is this function
  check_parser(bytes_of(data, size), MediaType::html);
  return 0;
}
