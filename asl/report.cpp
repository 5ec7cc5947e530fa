#include "asl/report.hpp"

#include <algorithm>
#include <map>

#include "asl/definition.hpp"
#include "asl/places.hpp"

namespace flowstone::asl {

bool has_errors(const Problems& problems) {
  return std::ranges::any_of(problems, [](const Problem& each) { return each.severity == Severity::error; });
}

std::string_view name_of(Severity severity) { return severity == Severity::error ? "error" : "warning"; }

void Report::add(Severity severity, std::string_view code, const std::string& path, std::string sentence) {
  if (problems_.size() >= kMaxProblems) return;
  problems_.push_back({severity, std::string(code), path, 0, std::move(sentence)});
}

Problems Report::finish(std::string_view json) && {
  const Places places(json);
  for (const auto& path : places.repeated())
    error("repeated_member", path, "an object has another member of this name before");
  std::multimap<std::uint32_t, Problem> by_line;
  for (auto& problem : problems_) {
    problem.line = places.line_of(problem.path);
    by_line.emplace(problem.line, std::move(problem));
  }
  Problems sorted;
  for (auto& [line, problem] : by_line) sorted.push_back(std::move(problem));
  return sorted;
}

}  // namespace flowstone::asl
