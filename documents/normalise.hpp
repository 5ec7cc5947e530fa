// From bytes in some encoding to canonical text, with the way back.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "documents/limits.hpp"
#include "documents/source_map.hpp"
#include "documents/text.hpp"

namespace flowstone::documents {

struct Decoded {
  std::string utf8;  // valid, without a byte order mark
  ByteMap map;       // to the bytes given
  std::string charset;
  std::vector<std::string> warnings;  // a charset that was guessed, bytes that mean nothing
};

// UTF-8, or UTF-16 with a byte order mark, or else the charset that the file itself declares, or else what ICU's
// detector takes it for (windows-1252 if it has no idea).
// Limits: `bytes` of what comes in, `characters` of what comes out.
Result<Decoded, ParseError> decode(std::string_view bytes, const ParseLimits& limits, std::string_view declared = {});

struct Canonical {
  std::string utf8;
  ByteMap map;  // to the bytes of the text given
};

// Text that keeps its white space and markup: NFC, \n line ends, no byte order marks, NULs or soft hyphens.
Canonical canonical_source(std::string_view utf8);
// The text of one block: the same, and white space collapsed to single spaces, none at the ends, ligatures folded.
Canonical canonical_block(std::string_view utf8);

}  // namespace flowstone::documents
