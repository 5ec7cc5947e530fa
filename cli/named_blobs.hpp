// Which files beside the log an event names, itself or by way of the lists that it names.
#pragma once

#include <string>
#include <vector>

#include "base/digest.hpp"
#include "base/result.hpp"
#include "eventstore/blobs.hpp"
#include "eventstore/event.hpp"

namespace flowstone::cli {

// In a fixed order, a list before what is in it, some of them perhaps more than once. What a list that is missing names
// is not known, and not in the answer. The error is a sentence: what is damaged.
Result<std::vector<Digest>, std::string> blobs_named_by(const eventstore::RecordedEvent& event,
                                                        const eventstore::BlobReader& blobs);

}  // namespace flowstone::cli
