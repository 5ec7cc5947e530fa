#include "documents/media_type.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace flowstone::documents {
namespace {

constexpr std::string_view kDocx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

// The first name of a type is the one that is given out.
constexpr std::array<std::pair<std::string_view, MediaType>, 11> kNames{{
    {"text/plain", MediaType::plain_text},
    {"text/markdown", MediaType::markdown},
    {"text/html", MediaType::html},
    {"application/pdf", MediaType::pdf},
    {kDocx, MediaType::docx},
    {"text/csv", MediaType::csv},
    {"text/x-markdown", MediaType::markdown},
    {"application/xhtml+xml", MediaType::html},
    {"application/x-pdf", MediaType::pdf},
    {"application/csv", MediaType::csv},
    {"text/x-csv", MediaType::csv},
}};

char lower(char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter; }

}  // namespace

std::string_view name_of(MediaType type) {
  const auto* const found = std::ranges::find(kNames, type, &std::pair<std::string_view, MediaType>::second);
  return found == kNames.end() ? "application/octet-stream" : found->first;
}

std::optional<MediaType> media_type_named(std::string_view name) {
  name = name.substr(0, name.find(';'));
  while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
  while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
  std::string folded(name);
  std::ranges::transform(folded, folded.begin(), lower);
  for (const auto& [known, type] : kNames) {
    if (known == folded) return type;
  }
  return std::nullopt;
}

}  // namespace flowstone::documents
