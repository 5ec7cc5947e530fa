#include "commands/command_error.hpp"

#include <fmt/format.h>

namespace flowstone::commands {

CommandError error_of(const eventstore::StoreError& error) {
  return {.code = CommandError::Code::storage_failed,
          .rejection = {},
          .current = {},
          .detail = fmt::format("position {}: {}", error.position.value, error.detail)};
}

CommandError error_of(const eventstore::AppendError& error) {
  using Code = CommandError::Code;
  const auto code = [&] {
    switch (error.code) {
      case eventstore::AppendErrorCode::wrong_expected_revision:
        return Code::contended;
      case eventstore::AppendErrorCode::command_id_reused:
        return Code::command_id_reused;
      case eventstore::AppendErrorCode::invalid:
        return Code::too_large;
      case eventstore::AppendErrorCode::queue_full:
        return Code::busy;
      case eventstore::AppendErrorCode::stopped:
        return Code::stopped;
      case eventstore::AppendErrorCode::storage_failed:
        return Code::storage_failed;
      case eventstore::AppendErrorCode::outcome_unknown:
        return Code::outcome_unknown;
    }
    return Code::storage_failed;
  }();
  return {.code = code, .rejection = {}, .current = error.actual, .detail = error.detail};
}

}  // namespace flowstone::commands
