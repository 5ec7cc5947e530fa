#include "eventstore/filter.hpp"

#include <algorithm>

#include "eventstore/event.hpp"

namespace flowstone::eventstore {
namespace {

bool any_of(const std::vector<std::string>& wanted, std::string_view value) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

bool is_unset_or(const std::string& wanted, std::string_view value) { return wanted.empty() || wanted == value; }

}  // namespace

bool Filter::matches(const RecordedEvent& event) const {
  return is_unset_or(workspace, event.workspace) && is_unset_or(stream, event.stream) && any_of(types, event.type) &&
         any_of(categories, event.category()) && is_unset_or(actor, event.actor) &&
         is_unset_or(correlation, event.correlation) && (!until || event.time <= *until);
}

}  // namespace flowstone::eventstore
