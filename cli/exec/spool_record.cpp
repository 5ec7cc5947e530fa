#include "cli/exec/spool_record.hpp"

#include <boost/crc.hpp>

namespace flowstone::cli {
namespace {

constexpr std::uint8_t kErrorStream = 1, kPartial = 2, kHasExitCode = 4, kHasSignal = 8, kHasDuration = 16;

template <class Integer>
void append_integer(Integer number, std::string& out) {
  auto bits = static_cast<std::make_unsigned_t<Integer>>(number);
  for (std::size_t byte = 0; byte < sizeof(Integer); ++byte) {
    out += static_cast<char>(bits & 0xFFU);
    bits = static_cast<decltype(bits)>(static_cast<std::uint64_t>(bits) >> 8U);
  }
}

// Reads fields off the front; after the first that does not fit, everything is zero and `good` false.
class FieldReader {
 public:
  explicit FieldReader(std::string_view bytes) : bytes_(bytes) {}

  template <class Integer>
  Integer integer() {
    if (bytes_.size() < sizeof(Integer)) good_ = false;
    if (!good_) return 0;
    std::uint64_t number = 0;
    for (std::size_t byte = 0; byte < sizeof(Integer); ++byte) {
      number |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes_[byte])) << (8U * byte);
    }
    bytes_.remove_prefix(sizeof(Integer));
    return static_cast<Integer>(number);
  }
  std::string text(std::size_t length) {
    if (bytes_.size() < length) good_ = false;
    if (!good_) return {};
    std::string out(bytes_.substr(0, length));
    bytes_.remove_prefix(length);
    return out;
  }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] std::string_view rest() const { return bytes_; }

 private:
  std::string_view bytes_;
  bool good_ = true;
};

}  // namespace

void append_u32(std::uint32_t number, std::string& out) { append_integer(number, out); }

std::uint32_t read_u32(std::string_view bytes) { return FieldReader(bytes).integer<std::uint32_t>(); }

std::uint32_t checksum_of(std::string_view bytes) {
  boost::crc_32_type crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return crc.checksum();
}

void append_record(const SpoolRecord& record, std::string& out) {
  const unsigned flags = (record.is_error_stream ? kErrorStream : 0U) | (record.partial ? kPartial : 0U) |
                         (record.exit_code ? kHasExitCode : 0U) | (record.signal.empty() ? 0U : kHasSignal) |
                         (record.duration_ms ? kHasDuration : 0U);
  out += static_cast<char>(record.kind);
  out += static_cast<char>(flags);
  append_integer(record.at.micros, out);
  append_integer(record.step, out);
  append_integer(static_cast<std::uint32_t>(record.bytes.size()), out);
  out += record.bytes;
  if (record.exit_code) append_integer(*record.exit_code, out);
  if (!record.signal.empty()) {
    out += static_cast<char>(record.signal.size());
    out += record.signal;
  }
  if (record.duration_ms) append_integer(*record.duration_ms, out);
}

std::optional<SpoolRecord> take_record(std::string_view& bytes) {
  FieldReader fields(bytes);
  SpoolRecord record;
  const auto kind = fields.integer<std::uint8_t>();
  const auto flags = fields.integer<std::uint8_t>();
  if (kind < static_cast<std::uint8_t>(SpoolKind::started) || kind > static_cast<std::uint8_t>(SpoolKind::cancelled))
    return {};
  record.kind = static_cast<SpoolKind>(kind);
  record.is_error_stream = (flags & kErrorStream) != 0;
  record.partial = (flags & kPartial) != 0;
  record.at.micros = fields.integer<std::int64_t>();
  record.step = fields.integer<std::uint16_t>();
  record.bytes = fields.text(fields.integer<std::uint32_t>());
  if ((flags & kHasExitCode) != 0) record.exit_code = fields.integer<std::int32_t>();
  if ((flags & kHasSignal) != 0) record.signal = fields.text(fields.integer<std::uint8_t>());
  if ((flags & kHasDuration) != 0) record.duration_ms = fields.integer<std::uint64_t>();
  if (!fields.good()) return {};
  bytes = fields.rest();
  return record;
}

}  // namespace flowstone::cli
