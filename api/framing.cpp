#include "api/framing.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

namespace flowstone::api {
namespace {

constexpr std::uint8_t kFinal = 0x80;
constexpr std::uint8_t kText = 0x1;

}  // namespace

void append_frame_head(std::uint8_t opcode, std::size_t size, std::string& out) {
  out.push_back(static_cast<char>(kFinal | opcode));
  if (size < 126) {
    out.push_back(static_cast<char>(size));
  } else if (size <= 0xffff) {
    out.push_back(static_cast<char>(126));
    out.push_back(static_cast<char>(size >> 8));
    out.push_back(static_cast<char>(size & 0xff));
  } else {
    out.push_back(static_cast<char>(127));
    for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(size >> shift & 0xff));
  }
}

void append_framed(Framing framing, Position position, std::string_view json, std::string& out) {
  switch (framing) {
    case Framing::websocket:
      append_frame_head(kText, json.size(), out);
      out.append(json);
      return;
    case Framing::ndjson:
      out.append(json).push_back('\n');
      return;
    case Framing::sse:
      fmt::format_to(std::back_inserter(out), FMT_COMPILE("id: {}\ndata: "), position.value);
      out.append(json).append("\n\n");
      return;
  }
}

void append_framed_snapshot(Framing framing, Position position, std::string_view json, std::string& out) {
  if (framing == Framing::sse) out.append("event: snapshot\n");
  append_framed(framing, position, json, out);
}

}  // namespace flowstone::api
