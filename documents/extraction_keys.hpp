// Names of places that stay the same when a document is edited elsewhere.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "documents/outline.hpp"
#include "documents/parsed.hpp"

namespace flowstone::documents {

// Lifetime: of `parsed`.
class ExtractionKeys {
 public:
  explicit ExtractionKeys(const Parsed& parsed) : parsed_(parsed), sections_(parsed) {}

  // The stable titles of the sections around the place and the label: "Terms / Payment / the fee is".
  // The second with the same extractor and key gets " #2".
  std::string key(std::string_view extractor, std::uint32_t code_point, std::string_view label);
  // The up to five words before the place in its sentence and block, in lower case.
  [[nodiscard]] std::string words_before(std::uint32_t code_point, const Block& block) const;
  // "3.1 Fees" is "Fees": numbers change when sections are added.
  static std::string without_number(std::string_view title);
  // The same, and without numbers of versions: "Events 1.0.2" is "Events", but "Article 1.2" stays.
  static std::string stable_title(std::string_view title);

 private:
  [[nodiscard]] std::string path(std::uint32_t code_point);

  const Parsed& parsed_;
  Sections sections_;
  std::unordered_map<std::string, std::uint32_t> counts_;
  std::uint32_t section_ = UINT32_MAX;  // of the path that was asked for last
  std::string path_;
};

}  // namespace flowstone::documents
