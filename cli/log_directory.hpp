// Reading a data directory without a server, also while one is writing it.
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "eventstore/store.hpp"

namespace flowstone::cli {

// The error is a sentence that says what to do.
Result<std::unique_ptr<eventstore::Store>, std::string> open_log_to_read(const std::string& directory);
Result<std::unique_ptr<eventstore::Store>, std::string> open_log_to_write(const std::string& directory);

std::string sentence_of(const eventstore::StoreError& error);

}  // namespace flowstone::cli
