// What a Task state's `Resource` may be, and what its arguments are called.
//
// Resources that begin with `flowstone:` are carried out here; any other can be simulated, and is somebody else's.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "asl/problem.hpp"
#include "jsonata/value.hpp"

namespace flowstone::workflows {

struct TaskResource {
  std::string_view name;                        // "flowstone:http"
  std::span<const std::string_view> mandatory;  // of its arguments
  std::span<const std::string_view> optional;
  bool lists_arguments = false;  // others are refused; else nothing is said of them here
};

// Those that are carried out here.
std::span<const TaskResource> task_resources();
// Null if there is none of this name.
const TaskResource* find_task_resource(std::string_view name);

// Tells of each task of the machine, in all its levels, whose resource is not known or whose arguments, where they are
// written out, cannot be right. The machine need not be a valid one. Paths begin with `at`.
// Limits: asl::kMaxProblems.
void check_resources(const jsonata::Value& machine, const std::string& at,
                     const std::function<void(asl::Problem)>& tell);

}  // namespace flowstone::workflows
