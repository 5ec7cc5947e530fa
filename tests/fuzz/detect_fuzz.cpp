// Any bytes, path and claim: there is always an answer, and what is unsupported says why.
#include "base/check.hpp"
#include "documents/detect.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace flowstone;             // NOLINT: the whole program is this function
  using namespace flowstone::documents;  // NOLINT
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};  // NOLINT: bytes seen as chars
  const std::string_view path = bytes.substr(0, bytes.find('\n'));
  const Detected detected = detect(bytes, path, path.substr(path.size() / 2));
  check((detected.type == MediaType::unsupported) == !detected.sentence.empty(), "what is unsupported says why");
  check(!detected.found.empty(), "something was found");
  return 0;
}
