// Whether an insight still holds: what the evidence it rests on says now, against what it was checked against.
//
// Two flags are told apart. `value`: what it states may be wrong. `support`: what it rests on is not what it was. Each
// is the worst that any of its grounds gives, and every ground that gives something has a cause that names the words.
//
//   the quote now                                                    value   support
//   the same words (SHA-256, white space aside), or confirmed ones   fresh   fresh
//   it may be in several places                                      fresh   review
//   other case or punctuation                                        fresh   review
//   other words; the claim's value stands in the old and new ones    fresh   review
//   other words; numbers, dates, negations; lost                     stale   stale
//   withdrawn, or quoted from a withdrawn version                    fresh   stale
//   an insight it rests on: its value is stale                       fresh   stale
//   an insight it rests on: superseded or withdrawn                  fresh   stale
//   an insight it rests on: any other doubt about it                 fresh   review
//
// An anchor in a withdrawn version does not count, except as what the insight was checked against, or where a later
// version that serves has the document as it was then. A doubt about an
// insight it rests on is settled by a trace of that insight at its present revision.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "schemas/insight_generated.h"

namespace flowstone::domain {

// Bundle and number.
using WithdrawnVersions = std::set<std::pair<std::string, std::uint32_t>>;
// Evidence and version: anchors in withdrawn versions that a later version, which serves, did not change.
using OutlivedAnchors = std::set<std::pair<std::string, std::uint32_t>>;

// `evidence` and `inputs` may hold more than the insight rests on, in any order; what is not among them is taken as
// fresh. Causes come in the order in which the insight names its grounds; `since` is absent.
schemas::FreshnessT judge(const schemas::InsightT& insight, std::span<const schemas::EvidenceT> evidence,
                          std::span<const schemas::InsightT> inputs, const WithdrawnVersions& withdrawn = {},
                          const OutlivedAnchors& outlived = {});

}  // namespace flowstone::domain
