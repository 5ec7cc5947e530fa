#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "asl/decider.hpp"
#include "jsonata/json_text.hpp"

namespace flowstone::asl {
namespace {

std::string text_of(const Value& value) { return jsonata::write_json(value).value_or("..."); }

Value count_value(std::size_t count) { return Value::number(static_cast<double>(count)); }

}  // namespace

Event Decider::start_parallel() {
  Flow flow;
  if (auto entered = asl::enter(state(), scope(), flow); !entered) return fail(entered.error());
  Event out = event(EventType::parallel_started);
  out.input = flow.effective;
  out.index = state().branches.size();
  return out;
}

// The items are somewhere else: a task fetches them.
Event Decider::read_items(const Template& reader) {
  const auto filled = fill(reader, scope(), std::string(name_of(Field::item_reader)));
  if (!filled) return fail(filled.error());
  Event out = event(EventType::task_scheduled);
  const auto* resource = filled->is_object() ? filled->find("Resource") : nullptr;
  if (resource != nullptr && resource->is_string()) out.resource = resource->text();
  out.input = *filled;
  out.attempt = branch_.retries;
  return out;
}

Event Decider::start_map(const Value* read) {
  const auto limit = number_of(Field::max_concurrency, Field::max_concurrency_path);
  if (!limit) return fail(limit.error());
  if (*limit && **limit < 0) return fail({"States.Runtime", "MaxConcurrency must not be negative.", {}});
  auto found = items(read);
  if (!found) return fail(found.error());
  std::vector<jsonata::Member> options;
  if (*limit) options.push_back({"max_concurrency", Value::number(**limit)});
  if (const auto* batcher = state().field(Field::item_batcher)) {
    found = batches(*found, *batcher);
    if (!found) return fail(found.error());
    options.push_back({"batched", Value::boolean(true)});
  }
  Event out = event(EventType::map_started);
  out.input = *found;
  out.index = found->items().size();
  if (!options.empty()) out.options = Value::object(std::move(options));
  return out;
}

Result<Value, Failure> Decider::items(const Value* read) {
  Flow flow;
  FLOWSTONE_TRY_VOID(asl::enter(state(), scope(), flow));
  if (by_paths()) {
    const auto& whole = read != nullptr ? *read : flow.effective;
    return items_by_path(whole);
  }
  const auto* form = state().field(Field::items);
  if (form != nullptr && read == nullptr) {
    FLOWSTONE_TRY(auto value, fill(*form, scope(), std::string(name_of(Field::items))));
    if (!value.is_array()) return failure(unexpected_kind(*form, std::string(name_of(Field::items)), "array", value));
    return value;
  }
  const auto& value = read != nullptr ? *read : branch_.input;
  if (value.is_array()) return value;
  return failure(Failure{
      "States.QueryEvaluationError", fmt::format("Map state input must be an array but was: {}", text_of(value)), {}});
}

Result<Value, Failure> Decider::items_by_path(const Value& effective) {
  const auto* form = state().field(Field::items_path);
  auto value = effective;
  std::string path = "$";
  if (form != nullptr) {
    FLOWSTONE_TRY(value, fill(*form, scope_with(effective, branch_.item), std::string(name_of(Field::items_path))));
    if (form->query() != nullptr) path = form->query()->text();
  }
  if (value.is_array()) return value;
  if (path.starts_with("$$")) path.erase(0, 1);
  return failure(Failure{"States.Runtime", fmt::format("Reference path \"{}\" must point to array.", path), {}});
}

// Lists of so many items, or so many bytes, each: the inputs of the branches.
Result<Value, Failure> Decider::batches(const Value& items, const Template& batcher) {
  Flow flow;
  FLOWSTONE_TRY_VOID(asl::enter(state(), scope(), flow));
  FLOWSTONE_TRY(const auto asked, fill(batcher, by_paths() ? scope_with(flow.effective, branch_.item) : scope(),
                                       std::string(name_of(Field::item_batcher))));
  const auto number = [&](std::string_view name) -> Result<double, Failure> {
    const auto* given = asked.is_object() ? asked.find(name) : nullptr;
    const auto* path = asked.is_object() ? asked.find(std::string(name) + "Path") : nullptr;
    Value value = given != nullptr ? *given : Value();
    if (path != nullptr && path->is_string()) {
      const auto query = Query::parse_path(path->text());
      if (!query) return failure(Failure{"States.Runtime", query.error(), {}});
      FLOWSTONE_TRY(value, evaluate(*query, scope_with(flow.effective, branch_.item), std::string(name) + "Path"));
    }
    if (value.is_undefined()) return 0;
    if (value.is_number() && value.as_number() >= 1 && std::trunc(value.as_number()) == value.as_number())
      return value.as_number();
    return failure(Failure{"States.Runtime", fmt::format("{} must be a positive integer.", name), {}});
  };
  FLOWSTONE_TRY(const double most_items, number("MaxItemsPerBatch"));
  FLOWSTONE_TRY(const double most_bytes, number("MaxInputBytesPerBatch"));
  const auto* common = asked.is_object() ? asked.find("BatchInput") : nullptr;
  std::vector<Value> out, batch;
  std::size_t bytes = 0;
  const auto close = [&] {
    std::vector<jsonata::Member> input;
    if (common != nullptr) input.push_back({"BatchInput", *common});
    input.push_back({"Items", Value::array(std::exchange(batch, {}))});
    out.push_back(Value::object(std::move(input)));
    bytes = 0;
  };
  for (std::size_t index = 0; index < items.items().size(); ++index) {
    FLOWSTONE_TRY(auto item, branch_input(index, items.items()[index]));
    const auto size = text_of(item).size();
    const bool full = (most_items > 0 && static_cast<double>(batch.size()) >= most_items) ||
                      (most_bytes > 0 && static_cast<double>(bytes + size) > most_bytes);
    if (full && !batch.empty()) close();
    batch.push_back(std::move(item));
    bytes += size;
  }
  if (!batch.empty()) close();
  return Value::array(std::move(out));
}

Event Decider::start_map_run() {
  const auto count = number_of(Field::tolerated_failure_count, Field::tolerated_failure_count_path);
  if (!count) return fail(count.error());
  const auto share = number_of(Field::tolerated_failure_percentage, Field::tolerated_failure_percentage_path, false);
  if (!share) return fail(share.error());
  if (*count && **count < 0) return fail({"States.Runtime", "ToleratedFailureCount must not be negative.", {}});
  if (*share && (**share < 0 || **share > 100))
    return fail({"States.Runtime", "ToleratedFailurePercentage must be between 0 and 100.", {}});
  Event out = event(EventType::map_run_started);
  std::vector<jsonata::Member> options;
  if (*count) options.push_back({"tolerated_failure_count", Value::number(**count)});
  if (*share) options.push_back({"tolerated_failure_percentage", Value::number(**share)});
  if (!options.empty()) out.options = Value::object(std::move(options));
  return out;
}

std::optional<Event> Decider::go_on_branching() {
  const auto& branching = branch_.branching;
  if (branching.is_map_run && !branching.has_begun) return start_map_run();
  if (branching.fails) return branching.running > 0 ? abort_branch() : fail_by_branches();
  const bool room = branching.limit == 0 || branching.running < branching.limit;
  if (branching.started < branching.count && room) return start_next_branch();
  if (branching.running == 0) return collect();
  return std::nullopt;
}

Event Decider::start_next_branch() {
  const auto index = branch_.branching.started;
  Value input = branch_.branching.items;
  if (state().type == StateType::map) {
    const auto& item = branch_.branching.items.items()[index];
    auto made = branch_.branching.batched ? Result<Value, Failure>(item) : branch_input(index, item);
    if (!made) return branch_.branching.running > 0 ? abort_branch() : fail(made.error());
    input = *std::move(made);
  }
  Event out = event(EventType::branch_started);
  out.path = branch_path(branch_.path, state_name(), index);
  out.index = index;
  out.input = std::move(input);
  return out;
}

Result<Value, Failure> Decider::branch_input(std::uint64_t index, const Value& item) {
  const auto field = state().field(Field::item_selector) != nullptr ? Field::item_selector : Field::parameters;
  const auto* selector = state().field(field);
  if (selector == nullptr) return item;
  Flow flow;
  FLOWSTONE_TRY_VOID(asl::enter(state(), scope(), flow));
  const auto place = Value::object({{"Index", count_value(index)}, {"Value", item}});
  return fill(*selector, scope_with(flow.effective, place), std::string(name_of(field)));
}

// One of the branches that still run: others failed, so that it is not needed.
Event Decider::abort_branch() {
  Event out = event(EventType::branch_aborted);
  auto from = branch_path(branch_.path, state_name(), 0);
  from.resize(from.size() - 2);  // "Map[": of all that begins so, a branch comes before what runs in it
  const auto found = run_.branches().lower_bound(from);
  out.path = found->first;
  out.index = found->second.index;
  return out;
}

Event Decider::fail_by_branches() {
  Event out = event(EventType::state_failed);
  if (branch_.branching.is_map_run) {
    out.error = "States.ExceedToleratedFailureThreshold";
    out.cause = "The specified tolerated failure threshold was exceeded";
    return out;
  }
  if (branch_.has_error_name) out.error = branch_.branching.first.error;
  if (branch_.has_cause) out.cause = branch_.branching.first.cause;
  return out;
}

// The branches' outputs, in their order; those of tolerated failures are left out.
Event Decider::collect() {
  std::vector<Value> outputs;
  for (const auto& [index, output] : branch_.branching.outputs) outputs.push_back(output);
  return leave_with(Value::array(std::move(outputs)));
}

}  // namespace flowstone::asl
