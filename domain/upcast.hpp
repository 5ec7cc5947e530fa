// Old events, read as if they had been written today. Where a contract changes its meaning, its version goes up and a
// function here turns the older payload into the next version's; what is on disk never changes.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace flowstone::domain {

class Upcasters {
 public:
  using Step = std::function<Bytes(BytesView payload)>;

  // `step` turns version `from` of `type` into version `from + 1`.
  void add(std::string type, std::uint16_t from, Step step);
  // The payload at version `to`: the same bytes if `version` is `to`. An error if a step is missing or the version is
  // from the future.
  [[nodiscard]] Result<Bytes, std::string> raise(std::string_view type, std::uint16_t version, std::uint16_t to,
                                                 BytesView payload) const;

 private:
  std::map<std::pair<std::string, std::uint16_t>, Step, std::less<>> steps_;
};

// Those of the released contracts.
const Upcasters& upcasters();

}  // namespace flowstone::domain
