// Spool records and frames as bytes (docs/formats/spool.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cli/exec/spool.hpp"

namespace flowstone::cli {

constexpr std::string_view kSpoolMagic = "flowstone-spool 1\n";
constexpr std::size_t kFrameHeadBytes = 8;     // length and checksum, 4 bytes each, little-endian
constexpr std::size_t kFrameBytes = 64 << 20;  // more is damage

void append_record(const SpoolRecord& record, std::string& out);
// Takes one record off the front of `bytes`; nothing if they are none.
std::optional<SpoolRecord> take_record(std::string_view& bytes);

void append_u32(std::uint32_t number, std::string& out);
std::uint32_t read_u32(std::string_view bytes);
// CRC-32 (ISO-HDLC, as in gzip).
std::uint32_t checksum_of(std::string_view bytes);

}  // namespace flowstone::cli
