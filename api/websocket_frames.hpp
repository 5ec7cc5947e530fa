// RFC 6455, the client's side of the wire: what browsers and programs may send to a socket that only sends events.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flowstone::api {

namespace close_code {
inline constexpr std::uint16_t kNormal = 1000;
inline constexpr std::uint16_t kProtocolError = 1002;
inline constexpr std::uint16_t kPolicy = 1008;
inline constexpr std::uint16_t kTooBig = 1009;
inline constexpr std::uint16_t kInternalError = 1011;
inline constexpr std::uint16_t kServiceRestart = 1012;
inline constexpr std::uint16_t kTryAgainLater = 1013;
}  // namespace close_code

namespace opcode {
inline constexpr std::uint8_t kText = 0x1;
inline constexpr std::uint8_t kBinary = 0x2;
inline constexpr std::uint8_t kClose = 0x8;
inline constexpr std::uint8_t kPing = 0x9;
inline constexpr std::uint8_t kPong = 0xa;
}  // namespace opcode

struct ClientFrame {
  enum class Kind : std::uint8_t {
    need_more,
    message,  // text or binary, or a part of one; its content is not looked at
    ping,     // `payload` goes back in the pong
    pong,
    close,           // `code` and `payload` (the reason)
    protocol_error,  // `payload` says what is wrong
    too_big,
  };
  Kind kind = Kind::need_more;
  std::size_t consumed = 0;
  std::uint16_t code = close_code::kNormal;
  std::string payload;
};

// The first frame of `bytes`.
// Limits: a message of more than 4 KiB is too big; a control frame has at most 125 bytes.
ClientFrame read_client_frame(std::string_view bytes);

// An unmasked frame with this payload (at most 125 bytes for control frames).
std::string make_frame(std::uint8_t code, std::string_view payload);
// A reason longer than 123 bytes is cut.
std::string make_close(std::uint16_t code, std::string_view reason);

// `Sec-WebSocket-Accept` for the client's key; nothing if the key is not 16 bytes in base64.
std::optional<std::string> accept_key(std::string_view key);

// True if the bytes are well-formed UTF-8 (RFC 3629).
bool is_utf8(std::string_view bytes);

}  // namespace flowstone::api
