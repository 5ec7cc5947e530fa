// What rests on what, and what a change of evidence does to it: the difference of two folds.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "projections/catalog.hpp"
#include "projections/library.hpp"
#include "schemas/bundle_generated.h"
#include "schemas/evidence_generated.h"
#include "schemas/insight_generated.h"

namespace flowstone::projections {

// Reads the state of an entity ("evidence", id) as its reader wants it: of now, or as of a position.
using ReadState =
    std::function<Result<std::optional<Bytes>, std::string>(std::string_view aggregate, std::string_view id)>;

// The newest version that serves and has the document as it was at an anchor, for where the document did not change
// there is no anchor of its own; 0 if none does. `at`: which of the evidence's anchors.
std::uint32_t serving_version(const schemas::EvidenceT& evidence, std::size_t at, const schemas::BundleT& bundle);

// The states that judging needs, read once each. Evidence is seen with one more anchor where a preview puts it.
// Threads: one at a time.
class Knowledge {
 public:
  explicit Knowledge(ReadState read) : read_(std::move(read)) {}

  // Null if there is none.
  Result<const schemas::InsightT*, std::string> insight(const std::string& id);
  Result<const schemas::EvidenceT*, std::string> evidence(const std::string& id);
  Result<const schemas::BundleT*, std::string> bundle(const std::string& id);

  // From now on the evidence has this anchor too.
  void suppose(const std::string& evidence_id, const schemas::AnchorT& anchor);
  // The insight's state is asked for again.
  void forget_insight(const std::string& id) { insights_.erase(id); }

  // By the rules of domain/freshness.hpp. `judged` holds judgements of insights that are newer than their states.
  using Judgements = std::map<std::string, schemas::FreshnessT>;
  Result<schemas::FreshnessT, std::string> judge(const schemas::InsightT& insight, const Judgements& judged);

 private:
  template <class State>
  using Kept = std::map<std::string, std::unique_ptr<State>>;
  template <class State>
  Result<State*, std::string> find(Kept<State>& kept, std::string_view aggregate, const std::string& id);

  ReadState read_;
  Kept<schemas::InsightT> insights_;
  Kept<schemas::EvidenceT> evidence_;
  Kept<schemas::BundleT> bundles_;
};

// Finds, by the indexes that the contracts name, what rests on an entity directly.
class Dependents {
 public:
  Dependents(Catalog& catalog, std::string workspace) : catalog_(catalog), workspace_(std::move(workspace)) {}

  // Ids of the insights whose `field` ("evidence_ids", "insight_ids") names the entity. Cost: the index entries.
  Result<std::vector<std::string>, std::string> insights(std::string_view field, std::string_view id);
  // How many insights rest on this one, directly or through others; counting stops at `most`.
  Result<std::uint32_t, std::string> count(const std::string& insight_id, std::uint32_t most = 1000);

 private:
  Catalog& catalog_;
  std::string workspace_;
};

}  // namespace flowstone::projections
