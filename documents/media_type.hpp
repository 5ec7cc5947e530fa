// The kinds of file that Flowstone reads.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace flowstone::documents {

// Stored: values are never given a new meaning.
enum class MediaType : std::uint8_t {
  unsupported = 0,
  plain_text = 1,
  markdown = 2,
  html = 3,
  pdf = 4,
  docx = 5,
  csv = 6,
};

// The registered name, "text/markdown"; "application/octet-stream" for what is not supported.
std::string_view name_of(MediaType type);
// From a registered name or a usual variant of it, in any case, with or without parameters ("text/html;
// charset=utf-8").
std::optional<MediaType> media_type_named(std::string_view name);

}  // namespace flowstone::documents
