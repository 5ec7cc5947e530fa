// What documents do to what rests on them: evidence and insights before and after, as the difference of two folds. The
// same code answers for a version that is stored and for one that nobody has committed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "projections/impact.hpp"
#include "projections/reanchoring.hpp"
#include "schemas/document_generated.h"

namespace flowstone::projections {

struct ImpactQuestion {
  std::string workspace;
  const schemas::BundleT* bundle = nullptr;
  std::uint32_t from = 0;                   // the version that is compared with
  std::uint32_t to = 0;                     // a stored version
  const AnchorTarget* candidate = nullptr;  // in its place: one that is not stored
};

using ImpactEntries = std::vector<std::unique_ptr<schemas::ImpactEntryT>>;

// Evidence whose words are not what they were, then insights whose freshness differs; the worst first.
// Cost: a look at each piece of evidence of the bundle, then what hangs on those that changed.
// Limits: kMostInsights insights; what hangs on them beyond that is left out.
constexpr std::size_t kMostInsights = 10'000;
Result<ImpactEntries, std::string> impact_of(Catalog& catalog, Library& library, const ReadState& read,
                                             const ImpactQuestion& question);

}  // namespace flowstone::projections
