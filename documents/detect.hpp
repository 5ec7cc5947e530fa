// What a file is, from what is in it.
#pragma once

#include <string>
#include <string_view>

#include "documents/media_type.hpp"

namespace flowstone::documents {

struct Detected {
  MediaType type = MediaType::unsupported;
  std::string found;     // the media type that the content has, in libmagic's words: "image/png"
  std::string mismatch;  // a sentence, where the path's extension or the claim says something else; empty otherwise
  std::string sentence;  // why it is unsupported; empty otherwise
};

// The content decides (libmagic). Only what kind of *text* it is the content cannot tell: that the claimed media type
// says, or else the path's extension. `claimed` may be empty.
// Threads: any; each keeps a libmagic cookie of its own (about 10 ms for its first call).
Detected detect(std::string_view bytes, std::string_view path, std::string_view claimed);

}  // namespace flowstone::documents
