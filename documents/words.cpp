#include "documents/words.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <unicode/brkiter.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/utext.h>
#include <unicode/utf8.h>

#include "base/check.hpp"

namespace flowstone::documents {
namespace {

constexpr char32_t kSoftHyphen = 0xad, kByteOrderMark = 0xfeff;

bool is_space(char byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }
// ICU tailors '@' to be a letter, so that addresses are words.
bool is_letter(char byte) { return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '@'; }
bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }
bool is_joining(char byte) { return is_letter(byte) || is_digit(byte) || byte == '_'; }

std::uint64_t key_of(std::string_view bytes) {
  std::uint64_t key = bytes.size();
  while (bytes.size() >= 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, bytes.data(), 8);
    key = mix(key, eight);
    bytes.remove_prefix(8);
  }
  std::uint64_t rest = 0;
  std::memcpy(&rest, bytes.data(), bytes.size());
  return mix(key, rest);
}

// Rules WB5 to WB13 of UAX-29 for a word that begins at `at`, in bytes that are all ASCII and no white space.
std::size_t end_of_ascii_word(std::string_view bytes, std::size_t at) {
  if (!is_joining(bytes[at])) return at + 1;
  for (++at; at < bytes.size(); ++at) {
    const char here = bytes[at];
    if (is_joining(here)) continue;
    if (at + 1 == bytes.size()) break;
    const char before = bytes[at - 1], after = bytes[at + 1];
    const bool in_letters = is_letter(before) && is_letter(after) && (here == '.' || here == '\'');
    const bool in_digits =
        is_digit(before) && is_digit(after) && (here == '.' || here == '\'' || here == ',' || here == ';');
    if (!in_letters && !in_digits) break;
  }
  return at;
}

// ICU's segmentation of stretches that are not ASCII.
class Segmentation {
 public:
  Segmentation() {
    UErrorCode status = U_ZERO_ERROR;
    words_.reset(icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), status));
    nfc_ = icu::Normalizer2::getNFCInstance(status);
    check(U_SUCCESS(status) != 0, "ICU has its own data");
  }

  // Calls `take(begin, end)` for each segment.
  template <class Take>
  void each(std::string_view bytes, Take take) {
    UErrorCode status = U_ZERO_ERROR;
    UText text = UTEXT_INITIALIZER;
    utext_openUTF8(&text, bytes.data(), static_cast<std::int64_t>(bytes.size()), &status);
    words_->setText(&text, status);
    check(U_SUCCESS(status) != 0, "ICU takes valid UTF-8");
    std::int32_t begin = words_->first();
    for (std::int32_t end = words_->next(); end != icu::BreakIterator::DONE; begin = end, end = words_->next())
      take(static_cast<std::size_t>(begin), static_cast<std::size_t>(end));
    utext_close(&text);
  }

  // Nothing for what counts as white space.
  std::optional<std::uint64_t> key(std::string_view bytes) const {
    const auto* const units = reinterpret_cast<const std::uint8_t*>(bytes.data());  // NOLINT: chars seen as bytes
    const auto length = static_cast<std::int32_t>(bytes.size());
    bool ignorable = false, blank = true;
    for (std::int32_t at = 0; at < length;) {
      UChar32 code_point = 0;
      U8_NEXT(units, at, length, code_point);
      const bool skipped = code_point == kSoftHyphen || code_point == kByteOrderMark;
      ignorable = ignorable || skipped;
      blank = blank && (skipped || u_isUWhiteSpace(code_point) != 0);
    }
    if (blank) return std::nullopt;
    UErrorCode status = U_ZERO_ERROR;
    if (!ignorable && nfc_->isNormalizedUTF8(icu::StringPiece(bytes.data(), length), status)) return key_of(bytes);
    auto wide = icu::UnicodeString::fromUTF8(icu::StringPiece(bytes.data(), length));
    wide.findAndReplace(icu::UnicodeString(UChar32{kSoftHyphen}), icu::UnicodeString());
    wide.findAndReplace(icu::UnicodeString(UChar32{kByteOrderMark}), icu::UnicodeString());
    std::string normal;
    nfc_->normalize(wide, status).toUTF8String(normal);
    return key_of(normal);
  }

 private:
  std::unique_ptr<icu::BreakIterator> words_;
  const icu::Normalizer2* nfc_ = nullptr;
};

class Splitter {
 public:
  explicit Splitter(const Text& text) : text_(text.utf8()) { words_.reserve(text_.size() / 4); }

  std::vector<Word> run() {
    std::size_t at = 0;
    while (at < text_.size()) {
      if (is_space(text_[at])) {
        ++at;
        ++code_point_;
        continue;
      }
      const std::size_t begin = at;
      bool ascii = true;
      for (; at < text_.size() && !is_space(text_[at]); ++at) ascii = ascii && (text_[at] & 0x80) == 0;
      if (ascii) {
        take_ascii(begin, at);
      } else {
        take_other(begin, at);
      }
    }
    return std::move(words_);
  }

 private:
  void take_ascii(std::size_t begin, std::size_t end) {
    const auto stretch = text_.substr(begin, end - begin);
    for (std::size_t at = 0; at < stretch.size();) {
      const std::size_t after = end_of_ascii_word(stretch, at);
      add(key_of(stretch.substr(at, after - at)), begin + at, begin + after, static_cast<std::uint32_t>(after - at));
      at = after;
    }
  }

  void take_other(std::size_t begin, std::size_t end) {
    if (!segmentation_) segmentation_.emplace();
    segmentation_->each(text_.substr(begin, end - begin), [&](std::size_t from, std::size_t to) {
      const auto bytes = text_.substr(begin + from, to - from);
      const auto length = static_cast<std::uint32_t>(
          std::ranges::count_if(bytes, [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; }));
      if (const auto key = segmentation_->key(bytes)) {
        add(*key, begin + from, begin + to, length);
      } else {
        code_point_ += length;
      }
    });
  }

  void add(std::uint64_t key, std::size_t begin, std::size_t end, std::uint32_t length) {
    words_.push_back({.key = key,
                      .span = {code_point_, code_point_ + length},
                      .begin = static_cast<std::uint32_t>(begin),
                      .end = static_cast<std::uint32_t>(end)});
    code_point_ += length;
  }

  std::string_view text_;
  std::vector<Word> words_;
  std::uint32_t code_point_ = 0;
  std::optional<Segmentation> segmentation_;
};

}  // namespace

std::vector<Word> words_of(const Text& text) { return Splitter(text).run(); }

}  // namespace flowstone::documents
