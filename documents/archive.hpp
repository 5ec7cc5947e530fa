// A ZIP archive that nobody trusts: what is read from it is bounded by what it declares and by what it really holds.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "documents/limits.hpp"

struct zip;

namespace flowstone::documents {

// Lifetime: of the bytes.
// Limits: `archive_entries`, `unpacked_bytes` of all parts read together, `unpacked_ratio` of a part above 1 MiB.
class Archive {
 public:
  static Result<Archive, ParseError> open(std::string_view bytes, const ParseLimits& limits);

  [[nodiscard]] bool has(const std::string& name) const;
  // The part's bytes; nothing if there is no such part.
  Result<std::optional<std::string>, ParseError> read(const std::string& name);

 private:
  struct Closer {
    void operator()(zip* archive) const;
  };
  Archive(std::unique_ptr<zip, Closer> archive, const ParseLimits& limits)
      : archive_(std::move(archive)), limits_(limits), left_(limits.unpacked_bytes) {}

  std::unique_ptr<zip, Closer> archive_;
  ParseLimits limits_;
  std::size_t left_;
};

}  // namespace flowstone::documents
