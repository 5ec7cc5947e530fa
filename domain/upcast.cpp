#include "domain/upcast.hpp"

#include <fmt/format.h>

#include "base/check.hpp"

namespace flowstone::domain {

void Upcasters::add(std::string type, std::uint16_t from, Step step) {
  const bool added = steps_.emplace(std::pair(std::move(type), from), std::move(step)).second;
  check(added, "one upcaster a type and version");
}

Result<Bytes, std::string> Upcasters::raise(std::string_view type, std::uint16_t version, std::uint16_t to,
                                            BytesView payload) const {
  if (version > to) {
    return failure(fmt::format("{} has version {}, but this server knows it up to version {}", type, version, to));
  }
  Bytes raised(payload);
  for (; version < to; ++version) {
    const auto step = steps_.find(std::pair(std::string(type), version));
    if (step == steps_.end())
      return failure(fmt::format("no upcaster turns version {} of {} into the next", version, type));
    raised = step->second(raised);
  }
  return raised;
}

// Every released contract is at its first version.
const Upcasters& upcasters() {
  static const Upcasters none;
  return none;
}

}  // namespace flowstone::domain
