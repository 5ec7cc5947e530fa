#include "api/websocket_frames.hpp"

#include <array>

#include <openssl/evp.h>

#include "api/framing.hpp"
#include "base/bytes.hpp"

namespace flowstone::api {
namespace {

constexpr std::size_t kLargestMessage = 4096;
constexpr std::size_t kLargestControl = 125;
constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455 section 1.3

std::uint8_t byte_at(std::string_view bytes, std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); }

ClientFrame broken(std::string_view why) {
  ClientFrame frame;
  frame.kind = ClientFrame::Kind::protocol_error;
  frame.code = close_code::kProtocolError;
  frame.payload = why;
  return frame;
}

bool is_close_code(std::uint16_t code) {
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

struct Head {
  std::uint8_t op = 0;
  std::uint64_t size = 0;
  std::size_t bytes = 0;  // of the head, with its mask; 0: not all there yet
};

Head read_head(std::string_view bytes) {
  Head head;
  if (bytes.size() < 2) return head;
  head.op = byte_at(bytes, 0) & 0x0f;
  const std::uint8_t short_size = byte_at(bytes, 1) & 0x7f;
  const std::size_t long_bytes = short_size == 126 ? 2 : short_size == 127 ? 8 : 0;
  if (bytes.size() < 2 + long_bytes) return head;
  head.size = short_size;
  if (long_bytes > 0) head.size = 0;
  for (std::size_t at = 0; at < long_bytes; ++at) head.size = head.size << 8 | byte_at(bytes, 2 + at);
  head.bytes = 2 + long_bytes + 4;
  return head;
}

// What is wrong with the first two bytes, if anything is.
std::string_view fault_of(std::string_view bytes) {
  const std::uint8_t first = byte_at(bytes, 0);
  const std::uint8_t second = byte_at(bytes, 1);
  const std::uint8_t op = first & 0x0f;
  const bool control = (op & 0x8) != 0;
  if ((first & 0x70) != 0) return "reserved bits are set";
  if (op > opcode::kPong || (op > opcode::kBinary && !control)) return "unknown opcode";
  if ((second & 0x80) == 0) return "client frames must be masked";
  if (control && (first & 0x80) == 0) return "control frames must not be fragmented";
  if (control && (second & 0x7f) > kLargestControl) return "control frames have at most 125 bytes";
  return {};
}

ClientFrame read_close(ClientFrame frame) {
  frame.kind = ClientFrame::Kind::close;
  if (frame.payload.empty()) return frame;
  if (frame.payload.size() == 1) return broken("a close code has two bytes");
  frame.code = static_cast<std::uint16_t>(byte_at(frame.payload, 0) << 8 | byte_at(frame.payload, 1));
  frame.payload.erase(0, 2);
  if (!is_close_code(frame.code)) return broken("no such close code");
  if (!is_utf8(frame.payload)) return broken("the close reason is not UTF-8");
  return frame;
}

// Bytes that follow a lead byte, and the smallest code point that needs so many; 0 for a byte that cannot lead.
struct Sequence {
  int more = -1;
  std::uint32_t least = 0;
  std::uint32_t bits = 0;
};

Sequence sequence_of(std::uint8_t lead) {
  if (lead < 0x80) return {0, 0, lead};
  if ((lead & 0xe0) == 0xc0) return {1, 0x80, lead & 0x1fU};
  if ((lead & 0xf0) == 0xe0) return {2, 0x800, lead & 0x0fU};
  if ((lead & 0xf8) == 0xf0) return {3, 0x10000, lead & 0x07U};
  return {};
}

}  // namespace

bool is_utf8(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    auto [more, least, point] = sequence_of(byte_at(bytes, at++));
    if (more < 0 || bytes.size() - at < static_cast<std::size_t>(more)) return false;
    for (; more > 0; --more) {
      const std::uint8_t next = byte_at(bytes, at++);
      if ((next & 0xc0) != 0x80) return false;
      point = point << 6 | (next & 0x3fU);
    }
    if (point < least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return false;
  }
  return true;
}

ClientFrame read_client_frame(std::string_view bytes) {
  ClientFrame frame;
  if (bytes.size() < 2) return frame;
  if (const auto fault = fault_of(bytes); !fault.empty()) return broken(fault);
  const Head head = read_head(bytes);
  if (head.bytes == 0) return frame;
  if (head.size > kLargestMessage) {
    frame.kind = ClientFrame::Kind::too_big;
    frame.code = close_code::kTooBig;
    return frame;
  }
  if (bytes.size() < head.bytes + head.size) return frame;
  frame.consumed = head.bytes + head.size;
  frame.payload = bytes.substr(head.bytes, head.size);
  for (std::size_t at = 0; at < frame.payload.size(); ++at) {
    frame.payload[at] = static_cast<char>(frame.payload[at] ^ bytes[head.bytes - 4 + at % 4]);
  }
  switch (head.op) {
    case opcode::kPing:
      frame.kind = ClientFrame::Kind::ping;
      return frame;
    case opcode::kPong:
      frame.kind = ClientFrame::Kind::pong;
      return frame;
    case opcode::kClose:
      return read_close(std::move(frame));
    default:
      frame.kind = ClientFrame::Kind::message;
      return frame;
  }
}

std::string make_frame(std::uint8_t code, std::string_view payload) {
  std::string frame;
  append_frame_head(code, payload.size(), frame);
  frame.append(payload);
  return frame;
}

std::string make_close(std::uint16_t code, std::string_view reason) {
  std::string payload;
  payload.push_back(static_cast<char>(code >> 8));
  payload.push_back(static_cast<char>(code & 0xff));
  payload.append(reason.substr(0, kLargestControl - 2));
  return make_frame(opcode::kClose, payload);
}

std::optional<std::string> accept_key(std::string_view key) {
  constexpr std::size_t kNonceBytes = 16;
  const auto nonce = from_base64(key);
  if (!nonce || nonce->size() != kNonceBytes) return std::nullopt;
  const std::string text = std::string(key).append(kGuid);
  std::array<unsigned char, 20> digest{};
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1) return std::nullopt;
  return to_base64({reinterpret_cast<const char*>(digest.data()), size});  // NOLINT: bytes seen as chars
}

}  // namespace flowstone::api
