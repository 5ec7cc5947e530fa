#include "api/projection_words.hpp"

namespace flowstone::api {

using projections::BuildStatus;
using projections::Status;

std::string_view name_of(Status::State state) {
  switch (state) {
    case Status::State::live:
      return "live";
    case Status::State::catching_up:
      return "catching_up";
    case Status::State::rebuilding:
      return "rebuilding";
    case Status::State::ready_to_switch:
      return "ready_to_switch";
    case Status::State::stopped:
      return "stopped";
  }
  return "stopped";
}

std::string_view name_of(BuildStatus::Role role) {
  switch (role) {
    case BuildStatus::Role::serving:
      return "serving";
    case BuildStatus::Role::building:
      return "building";
    case BuildStatus::Role::ready:
      return "ready";
    case BuildStatus::Role::previous:
      return "previous";
    case BuildStatus::Role::failed:
      return "failed";
  }
  return "failed";
}

}  // namespace flowstone::api
