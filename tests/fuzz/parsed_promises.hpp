// What every parser promises of its result, checked by the fuzzers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "documents/chunk.hpp"
#include "documents/extract.hpp"
#include "documents/normalise.hpp"
#include "documents/parse.hpp"

namespace flowstone::documents {

inline std::string_view bytes_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};  // NOLINT: bytes seen as chars
}

inline void check_ascending(const std::vector<Block>& blocks, std::uint32_t size) {
  std::uint32_t end = 0;
  for (const Block& block : blocks) {
    check(block.span.start >= end && block.span.start < block.span.end && block.span.end <= size,
          "blocks ascend and are not empty");
    end = block.span.end;
  }
}

inline void check_result(const Parsed& parsed) {
  const std::uint32_t size = parsed.text.size();
  check_ascending(parsed.blocks, size);
  check(canonical_source(parsed.text.utf8()).utf8 == parsed.text.utf8(), "the text is canonical");
  const std::string bytes = to_bytes(parsed);
  const auto back = from_bytes(bytes, parsed.text);
  check(back.has_value(), "what was written is read back");
  check(to_bytes(*back) == bytes, "and is the same");
  std::uint32_t end = 0;
  for (const Chunk& chunk : chunks_of(parsed)) {
    check(chunk.span.start >= end && chunk.span.end <= size, "chunks ascend");
    end = chunk.span.end;
  }
  for (std::uint32_t at = 0; at < size; at += 1 + size / 64) {
    static_cast<void>(parsed.source.place(parsed.text, at));
  }
  for (const Extraction& extraction : extract(parsed).all) {
    check(!extraction.spans.empty() && visible_text(parsed, extraction.spans.front()) == extraction.value,
          "a value is its span's text");
    check(Text::from_utf8(extraction.key).has_value(), "a key is text");
  }
}

inline void check_parser(std::string_view bytes, MediaType type) {
  ParseLimits limits;
  limits.time = std::chrono::milliseconds(2'000);
  limits.memory_bytes = std::size_t{256} << 20;
  limits.unpacked_bytes = std::size_t{8} << 20;
  const auto parsed = parse(bytes, type, limits);
  if (parsed) {
    check_result(*parsed);
  } else {
    check(parsed.error().sentence.ends_with('.'), "a refusal is a sentence");
  }
}

}  // namespace flowstone::documents
