#include "documents/detect.hpp"

#include <algorithm>
#include <array>
#include <magic.h>
#include <memory>
#include <optional>
#include <zip.h>

#include <fmt/format.h>

#include "base/check.hpp"

namespace flowstone::documents {
namespace {

constexpr std::string_view kZip = "application/zip";
constexpr std::string_view kDocx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

// libmagic's word for what the bytes begin with: "text/html", with "; charset=binary" behind it.
std::string magic_type(std::string_view bytes) {
  constexpr std::size_t kEnough = std::size_t{256} << 10;
  struct Closer {
    void operator()(magic_set* cookie) const { magic_close(cookie); }
  };
  thread_local const std::unique_ptr<magic_set, Closer> cookie = [] {
    std::unique_ptr<magic_set, Closer> opened(magic_open(MAGIC_MIME | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_TAR));
    check(opened != nullptr && magic_load(opened.get(), nullptr) == 0, "libmagic has its database");
    return opened;
  }();
  const char* const found = magic_buffer(cookie.get(), bytes.data(), std::min(bytes.size(), kEnough));
  return found == nullptr ? "application/octet-stream; charset=binary" : found;
}

// An archive is a Word document if it has Word's main part, wherever in the archive that is.
bool holds_word_document(std::string_view bytes) {
  zip_source_t* const source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, nullptr);
  if (source == nullptr) return false;
  zip_t* const archive = zip_open_from_source(source, ZIP_RDONLY, nullptr);
  if (archive == nullptr) {
    zip_source_free(source);
    return false;
  }
  const bool found =
      zip_name_locate(archive, "[Content_Types].xml", 0) >= 0 && zip_name_locate(archive, "word/document.xml", 0) >= 0;
  zip_discard(archive);
  return found;
}

std::string extension_of(std::string_view path) {
  const std::size_t slash = path.find_last_of("/\\");
  const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return {};
  std::string extension(name.substr(dot + 1));
  std::ranges::transform(extension, extension.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
  });
  return extension;
}

std::optional<MediaType> type_of_extension(std::string_view extension) {
  constexpr std::array<std::pair<std::string_view, MediaType>, 14> kExtensions{{
      {"txt", MediaType::plain_text},
      {"text", MediaType::plain_text},
      {"log", MediaType::plain_text},
      {"md", MediaType::markdown},
      {"markdown", MediaType::markdown},
      {"mdown", MediaType::markdown},
      {"mkd", MediaType::markdown},
      {"html", MediaType::html},
      {"htm", MediaType::html},
      {"xhtml", MediaType::html},
      {"pdf", MediaType::pdf},
      {"docx", MediaType::docx},
      {"csv", MediaType::csv},
      {"tsv", MediaType::csv},
  }};
  const auto* const found = std::ranges::find(kExtensions, extension, &std::pair<std::string_view, MediaType>::first);
  return found == kExtensions.end() ? std::nullopt : std::optional(found->second);
}

bool is_text_type(MediaType type) {
  return type == MediaType::plain_text || type == MediaType::markdown || type == MediaType::html ||
         type == MediaType::csv;
}

bool looks_like_html(std::string_view bytes) {
  std::string head(bytes.substr(0, 512));
  std::ranges::transform(head, head.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
  });
  const std::size_t first = head.find_first_not_of(" \t\r\n\xef\xbb\xbf");
  const std::string_view begin = std::string_view(head).substr(std::min(first, head.size()));
  return begin.starts_with("<!doctype html") || begin.starts_with("<html");
}

// Text of which another program makes something else: its source is not what a reader reads.
bool is_written_for_programs(std::string_view type) {
  return type == "text/rtf" || type == "application/postscript" || type == "image/svg+xml";
}

// libmagic takes a file of one or two bytes for data, whatever they are.
bool is_tiny_text(std::string_view bytes) {
  return bytes.size() < 4 && std::ranges::all_of(bytes, [](char letter) { return letter >= 0x20 || letter == '\n'; });
}

struct Claims {
  std::optional<MediaType> claimed;
  std::optional<MediaType> extension;
  std::string extension_name;
  std::string_view claimed_name;
};

MediaType type_of_text(std::string_view bytes, const Claims& claims) {
  if (claims.claimed && is_text_type(*claims.claimed)) return *claims.claimed;
  // HTML that says so in its first line is HTML, but may stand in a Markdown file.
  const bool html = looks_like_html(bytes);
  if (claims.extension && is_text_type(*claims.extension) && !(html && claims.extension != MediaType::markdown))
    return *claims.extension;
  return html ? MediaType::html : MediaType::plain_text;
}

std::string mismatch_of(const Detected& detected, const Claims& claims) {
  const std::string_view is =
      detected.type == MediaType::unsupported ? std::string_view(detected.found) : name_of(detected.type);
  if (claims.claimed && *claims.claimed != detected.type) {
    return fmt::format("The file is said to be {}, but its content is {}.", claims.claimed_name, is);
  }
  if (!claims.claimed && claims.extension && *claims.extension != detected.type) {
    return fmt::format("The file's name ends in .{}, but its content is {}.", claims.extension_name, is);
  }
  return {};
}

}  // namespace

Detected detect(std::string_view bytes, std::string_view path, std::string_view claimed) {
  const std::string magic = magic_type(bytes);
  const std::size_t semicolon = magic.find(';');
  Detected detected{
      .type = MediaType::unsupported, .found = magic.substr(0, semicolon), .mismatch = {}, .sentence = {}};
  Claims claims{.claimed = media_type_named(claimed),
                .extension = {},
                .extension_name = extension_of(path),
                .claimed_name = claimed};
  claims.extension = type_of_extension(claims.extension_name);
  const bool binary = magic.find("charset=binary") != std::string::npos && !is_tiny_text(bytes);

  if (bytes.empty()) {
    detected.found = "text/plain";
    detected.type = type_of_text(bytes, claims);
  } else if (detected.found == "application/pdf") {
    detected.type = MediaType::pdf;
  } else if (detected.found == kDocx || (bytes.starts_with("PK\x03\x04") && holds_word_document(bytes))) {
    detected.found = kDocx;
    detected.type = MediaType::docx;
  } else if (!binary && detected.found != kZip && !is_written_for_programs(detected.found)) {
    detected.type = type_of_text(bytes, claims);
  } else {
    detected.sentence = fmt::format("The file is {}, which cannot be read as a document.", detected.found);
  }
  detected.mismatch = mismatch_of(detected, claims);
  return detected;
}

}  // namespace flowstone::documents
