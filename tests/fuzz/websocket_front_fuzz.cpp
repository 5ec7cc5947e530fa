// Any bytes as what a WebSocket's client sends: frames are consumed one by one, and answers to them are well-formed.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "api/websocket_frames.hpp"
#include "base/check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace flowstone;       // NOLINT: the whole program is this function
  using namespace flowstone::api;  // NOLINT
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (;;) {
    const ClientFrame frame = read_client_frame(bytes);
    check(frame.consumed <= bytes.size(), "no more is consumed than there is");
    switch (frame.kind) {
      case ClientFrame::Kind::need_more:
      case ClientFrame::Kind::protocol_error:
      case ClientFrame::Kind::too_big:
        check(frame.consumed == 0, "what is refused is not consumed");
        return 0;
      case ClientFrame::Kind::ping:
        check(make_frame(opcode::kPong, frame.payload).size() == frame.payload.size() + 2, "a pong is a short frame");
        break;
      case ClientFrame::Kind::close:
        check(is_utf8(frame.payload), "a reason is text");
        check(frame.code >= 1000 && frame.code < 5000, "a code is one of the protocol's");
        return 0;
      case ClientFrame::Kind::pong:
      case ClientFrame::Kind::message:
        check(frame.payload.size() <= 4096, "a message is bounded");
        break;
    }
    check(frame.consumed > 0, "every frame moves on");
    bytes.remove_prefix(frame.consumed);
  }
}
