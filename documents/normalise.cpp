#include "documents/normalise.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <unicode/bytestream.h>
#include <unicode/edits.h>
#include <unicode/normalizer2.h>
#include <unicode/ucnv.h>
#include <unicode/ucsdet.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

#include <fmt/format.h>

#include "base/check.hpp"

namespace flowstone::documents {
namespace {

constexpr std::size_t kDetectorBytes = std::size_t{64} << 10;
constexpr std::string_view kUtf8Mark = "\xef\xbb\xbf";

std::uint32_t narrow(std::size_t size) { return static_cast<std::uint32_t>(size); }

// Where the first sequence begins that is no UTF-8; the size if there is none.
std::size_t first_invalid(std::string_view bytes) {
  const auto* const units = reinterpret_cast<const std::uint8_t*>(bytes.data());  // NOLINT: chars seen as bytes
  const auto length = static_cast<std::int64_t>(bytes.size());
  std::int64_t at = 0;
  while (at < length) {
    const std::int64_t begin = at;
    UChar32 code_point = 0;
    U8_NEXT(units, at, length, code_point);
    if (code_point < 0) return static_cast<std::size_t>(begin);
  }
  return bytes.size();
}

struct Charset {
  std::string name;  // for ICU's converters
  std::string warning;
};

// `bad`: where the bytes stop being UTF-8.
Charset guess_charset(std::string_view bytes, std::size_t bad) {
  constexpr int kSureOfOneByte = 20;
  constexpr int kSureOfMany = 60;
  const std::size_t begin = bad > kDetectorBytes / 2 ? bad - kDetectorBytes / 2 : 0;
  const std::string_view sample = bytes.substr(begin, kDetectorBytes);
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<UCharsetDetector, decltype(&ucsdet_close)> detector(ucsdet_open(&status), ucsdet_close);
  std::string name = "windows-1252";
  ucsdet_setText(detector.get(), sample.data(), static_cast<std::int32_t>(sample.size()), &status);
  const UCharsetMatch* match = U_SUCCESS(status) ? ucsdet_detect(detector.get(), &status) : nullptr;
  if (match != nullptr && U_SUCCESS(status)) {
    const std::string_view found = ucsdet_getName(match, &status);
    const int confidence = ucsdet_getConfidence(match, &status);
    const bool one_byte = found.starts_with("ISO-8859") || found.starts_with("windows") || found.starts_with("KOI8");
    if (found != "ISO-8859-1" && confidence >= (one_byte ? kSureOfOneByte : kSureOfMany)) name = found;
  }
  if (name == "UTF-8") {
    return {name, fmt::format("The file is UTF-8 with bytes that mean nothing, the first at byte {}: they read as "
                              "U+FFFD.",
                              bad)};
  }
  return {name, fmt::format("The file is not UTF-8 (byte {}): it was read as {}, which is a guess.", bad, name)};
}

// Nothing if there is no such charset, or if it is one that the bytes have been found not to be in.
Charset declared_charset(std::string_view declared) {
  constexpr std::size_t kLongest = 40;
  if (declared.empty() || declared.size() > kLongest) return {};
  const std::string alias(declared);
  const char* name = nullptr;
  for (const char* const standard : {"MIME", "IANA"}) {
    UErrorCode status = U_ZERO_ERROR;
    if (name == nullptr) name = ucnv_getStandardName(alias.c_str(), standard, &status);
  }
  if (name == nullptr || std::string_view(name).starts_with("UTF-")) return {};
  // As the web has it: what says it is Latin-1 or ASCII is windows-1252.
  const std::string_view standard = name;
  return {std::string(standard == "ISO-8859-1" || standard == "US-ASCII" ? "windows-1252" : standard), {}};
}

// UTF-16 from a converter, each unit with the byte that it came from.
struct Units {
  static constexpr std::size_t kSize = std::size_t{16} << 10;
  std::vector<UChar> units = std::vector<UChar>(kSize);
  std::vector<std::int32_t> origins = std::vector<std::int32_t>(kSize);
  std::int32_t count = 0;

  // A pair whose second half is still to come stays.
  void append_to(Decoded& decoded, bool last);
};

void Units::append_to(Decoded& decoded, bool last) {
  const bool cut = !last && count > 0 && U16_IS_LEAD(units[static_cast<std::size_t>(count - 1)]);
  const std::int32_t end = count - (cut ? 1 : 0);
  for (std::int32_t at = 0; at < end;) {
    const std::int32_t origin = origins[static_cast<std::size_t>(at)];
    UChar32 code_point = 0;
    U16_NEXT(units.data(), at, end, code_point);
    if (U_IS_SURROGATE(code_point)) code_point = 0xfffd;
    const std::int32_t next = at < end ? origins[static_cast<std::size_t>(at)] : origin + 1;
    std::array<std::uint8_t, 4> bytes{};
    std::int32_t length = 0;
    U8_APPEND_UNSAFE(bytes.data(), length, code_point);
    decoded.map.append({narrow(decoded.utf8.size()), static_cast<std::uint32_t>(origin),
                        static_cast<std::uint8_t>(length), static_cast<std::uint8_t>(std::clamp(next - origin, 0, 4))});
    decoded.utf8.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(length));  // NOLINT
  }
  if (cut) {
    units[0] = units[static_cast<std::size_t>(end)];
    origins[0] = origins[static_cast<std::size_t>(end)];
  }
  count -= end;
}

// False: no such converter, or more comes out than is allowed.
bool convert(std::string_view bytes, std::size_t skip, const char* charset, std::size_t most, Decoded& decoded) {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<UConverter, decltype(&ucnv_close)> converter(ucnv_open(charset, &status), ucnv_close);
  if (U_FAILURE(status)) return false;
  Units out;
  const char* from = bytes.data() + skip;
  const char* const end = bytes.data() + bytes.size();
  do {
    const auto base = static_cast<std::int32_t>(from - bytes.data());
    UChar* const begin = out.units.data() + out.count;
    UChar* to = begin;
    status = U_ZERO_ERROR;
    ucnv_toUnicode(converter.get(), &to, out.units.data() + Units::kSize, &from, end, out.origins.data() + out.count, 1,
                   &status);
    if (U_FAILURE(status) && status != U_BUFFER_OVERFLOW_ERROR) return false;
    for (const UChar* unit = begin; unit != to; ++unit) {
      auto& origin = out.origins[static_cast<std::size_t>(unit - out.units.data())];
      origin = base + std::max(origin, 0);
    }
    out.count += static_cast<std::int32_t>(to - begin);
    out.append_to(decoded, status != U_BUFFER_OVERFLOW_ERROR);
    if (decoded.utf8.size() > most) return false;
  } while (status == U_BUFFER_OVERFLOW_ERROR);
  return true;
}

ParseError too_many_characters(const ParseLimits& limits) {
  return {ParseErrorCode::too_large,
          fmt::format("The text is longer than {} bytes, which is the limit.", limits.characters)};
}

bool is_ligature(std::string_view text, std::size_t at) {
  return text.size() - at >= 3 && text[at] == '\xef' && text[at + 1] == '\xac' &&
         static_cast<unsigned char>(text[at + 2]) >= 0x80 && static_cast<unsigned char>(text[at + 2]) <= 0x86;
}

constexpr std::array<std::string_view, 7> kLigatures{"ff", "fi", "fl", "ffi", "ffl", "st", "st"};

// Bytes at `at` that no canonical text has: 0 if it begins with something else.
std::size_t dropped_at(std::string_view text, std::size_t at) {
  if (text[at] == '\0') return 1;
  if (text.substr(at, 2) == "\xc2\xad") return 2;
  if (text.substr(at, 3) == kUtf8Mark) return 3;
  return 0;
}

// Bytes of white space at `at`: ASCII's, the no-break space, U+2000-U+200B, U+2028, U+2029, U+202F, U+205F, U+3000.
std::size_t white_at(std::string_view text, std::size_t at) {
  const char first = text[at];
  if (first == ' ' || (first >= '\t' && first <= '\r')) return 1;
  if (first == '\xc2') return text.substr(at, 2) == "\xc2\xa0" || text.substr(at, 2) == "\xc2\x85" ? 2 : 0;
  const std::string_view three = text.substr(at, 3);
  if (first == '\xe2' && three.size() == 3) {
    const auto last = static_cast<unsigned char>(three[2]);
    if (three[1] == '\x80') return last <= 0x8b || last == 0xa8 || last == 0xa9 || last == 0xaf ? 3 : 0;
    return three[1] == '\x81' && last == 0x9f ? 3 : 0;
  }
  return three == "\xe3\x80\x80" ? 3 : 0;
}

// True where the byte begins nothing that is changed before NFC; all continuation bytes are.
bool is_plain(char byte, bool collapse) {
  if (byte == '\0' || byte == '\r' || byte == '\xc2' || byte == '\xef') return false;
  if (!collapse) return true;
  return byte != ' ' && (byte < '\t' || byte > '\r') && byte != '\xe2' && byte != '\xe3';
}

// Everything that canonical text asks for but NFC.
Canonical folded(std::string_view text, bool collapse) {
  Canonical result;
  result.utf8.reserve(text.size());
  bool space = false;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_plain(text[end], collapse)) ++end;
    std::size_t taken = end - at;
    std::string_view written = text.substr(at, taken);
    std::uint8_t step = 1;
    if (taken == 0) {
      if ((taken = dropped_at(text, at)) > 0) {
        at += taken;
        continue;
      }
      if (collapse && (taken = white_at(text, at)) > 0) {
        space = !result.utf8.empty();
        at += taken;
        continue;
      }
      if (text[at] == '\r') {
        taken = at + 1 < text.size() && text[at + 1] == '\n' ? 2 : 1;
        written = "\n";
      } else if (collapse && is_ligature(text, at)) {
        taken = 3;
        written = kLigatures[static_cast<unsigned char>(text[at + 2]) - 0x80U];
        step = 0;
      } else {
        taken = 1;
        written = text.substr(at, 1);
      }
    }
    if (space) {
      result.map.append({narrow(result.utf8.size()), narrow(at) - 1, 1, 0});
      result.utf8 += ' ';
      space = false;
    }
    result.map.append({narrow(result.utf8.size()), narrow(at), 1, step});
    result.utf8 += written;
    at += taken;
  }
  return result;
}

const icu::Normalizer2& nfc() {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* const form = icu::Normalizer2::getNFCInstance(status);
  check(U_SUCCESS(status), "ICU has its data");
  return *form;
}

bool is_nfc(std::string_view text) {
  const bool ascii = std::ranges::none_of(text, [](char byte) { return static_cast<unsigned char>(byte) >= 0x80; });
  if (ascii) return true;
  UErrorCode status = U_ZERO_ERROR;
  return nfc().isNormalizedUTF8({text.data(), static_cast<std::int32_t>(text.size())}, status) != 0 &&
         U_SUCCESS(status);
}

Canonical composed(Canonical text) {
  if (is_nfc(text.utf8)) return text;
  UErrorCode status = U_ZERO_ERROR;
  Canonical result;
  icu::Edits edits;
  icu::StringByteSink<std::string> sink(&result.utf8);
  const icu::StringPiece source(text.utf8.data(), static_cast<std::int32_t>(text.utf8.size()));
  nfc().normalizeUTF8(0, source, sink, &edits, status);
  check(U_SUCCESS(status), "valid UTF-8 can be normalised");
  ByteMap changed;
  auto step = edits.getFineIterator();
  while (step.next(status) != 0) {
    changed.append({static_cast<std::uint32_t>(step.destinationIndex()), static_cast<std::uint32_t>(step.sourceIndex()),
                    1, static_cast<std::uint8_t>(step.hasChange() ? 0 : 1)});
  }
  result.map = changed.through(text.map, narrow(result.utf8.size()));
  return result;
}

}  // namespace

Result<Decoded, ParseError> decode(std::string_view bytes, const ParseLimits& limits, std::string_view declared) {
  if (bytes.size() > limits.bytes) {
    return failure(ParseError{ParseErrorCode::too_large,
                              fmt::format("The file has {} bytes; the limit is {}.", bytes.size(), limits.bytes)});
  }
  Decoded decoded;
  const bool little = bytes.starts_with("\xff\xfe");
  if (little || bytes.starts_with("\xfe\xff")) {
    decoded.charset = little ? "UTF-16LE" : "UTF-16BE";
    if (!convert(bytes, 2, decoded.charset.c_str(), limits.characters, decoded))
      return failure(too_many_characters(limits));
    return decoded;
  }
  const std::size_t skip = bytes.starts_with(kUtf8Mark) ? kUtf8Mark.size() : 0;
  if (const std::size_t bad = first_invalid(bytes); bad < bytes.size()) {
    Charset charset = declared_charset(declared);
    if (charset.name.empty()) charset = guess_charset(bytes, bad);
    if (!convert(bytes, skip, charset.name.c_str(), limits.characters, decoded))
      return failure(too_many_characters(limits));
    decoded.charset = std::move(charset.name);
    if (!charset.warning.empty()) decoded.warnings.push_back(std::move(charset.warning));
    return decoded;
  }
  if (bytes.size() - skip > limits.characters) return failure(too_many_characters(limits));
  decoded.charset = "UTF-8";
  decoded.utf8 = bytes.substr(skip);
  decoded.map.append({0, narrow(skip), 1, 1});
  return decoded;
}

Canonical canonical_source(std::string_view utf8) { return composed(folded(utf8, false)); }
Canonical canonical_block(std::string_view utf8) { return composed(folded(utf8, true)); }

}  // namespace flowstone::documents
