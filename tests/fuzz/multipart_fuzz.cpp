// Any bytes as a form, whole and in pieces: the pieces may not change what is understood. The first line is the
// Content-Type.
#include <cstdint>
#include <string>
#include <string_view>

#include "api/multipart.hpp"
#include "base/check.hpp"

namespace {

using namespace flowstone;       // NOLINT: the whole program is this file
using namespace flowstone::api;  // NOLINT

struct Form final : PartReceiver {
  bool begin(PartHead head) override {
    check(!open, "a part ends before the next begins");
    open = true;
    told += "[" + head.name + "|" + head.filename.value_or("-") + "|" + head.content_type + "]";
    return true;
  }
  bool take(BytesView bytes) override {
    check(open && !bytes.empty(), "bytes are of a part");
    told += bytes;
    return true;
  }
  bool end() override {
    check(open, "a part that ends has begun");
    open = false;
    return true;
  }
  std::string told;
  bool open = false;
};

// What the form was understood as, and whether it was one.
std::string read(std::string_view boundary, std::string_view body, std::size_t step) {
  Form form;
  MultipartParser parser(boundary, form);
  while (!body.empty()) {
    const auto piece = body.substr(0, step);
    body.remove_prefix(piece.size());
    if (const auto fed = parser.feed(piece); !fed) return "malformed: " + fed.error().sentence;
  }
  const auto finished = parser.finish();
  if (!finished) return "malformed: " + finished.error().sentence;
  check(!form.open, "a form that is whole leaves no part open");
  return form.told;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);  // NOLINT: bytes seen as chars
  const auto line = bytes.substr(0, bytes.find('\n'));
  const auto boundary = boundary_of(line);
  if (!boundary) return 0;
  check(!boundary->empty() && boundary->size() <= 70, "a boundary is bounded");
  const auto body = bytes.substr(std::min(line.size() + 1, bytes.size()));
  const auto whole = read(*boundary, body, bytes.size() + 1);
  for (const std::size_t step : {1U, 3U, 61U}) check(read(*boundary, body, step) == whole, "pieces change nothing");
  return 0;
}
