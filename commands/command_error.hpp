// What the rooms below report, as errors of the write side.
#pragma once

#include "commands/executor.hpp"
#include "eventstore/store.hpp"

namespace flowstone::commands {

inline auto refused(CommandError::Code code, std::string detail) {
  return failure(CommandError{.code = code, .rejection = {}, .current = {}, .detail = std::move(detail)});
}

CommandError error_of(const eventstore::StoreError& error);
CommandError error_of(const eventstore::AppendError& error);

}  // namespace flowstone::commands
