#include "asl/path.hpp"

#include <fmt/core.h>

#include "asl/path_parser.hpp"

namespace flowstone::asl {

bool Path::is_reference() const {
  for (const auto& step : steps_) {
    if (step.descends) return false;
    const bool one = (step.kind == PathStep::Kind::names && step.names.size() == 1) ||
                     (step.kind == PathStep::Kind::indexes && step.indexes.size() == 1);
    if (!one) return false;
  }
  return true;
}

namespace {

std::string text_of(const PathStep& step) {
  std::string inside;
  const auto append = [&inside](const std::string& part) { inside += (inside.empty() ? "" : ",") + part; };
  switch (step.kind) {
    case PathStep::Kind::names:
      for (const auto& name : step.names) append(fmt::format("'{}'", name));
      break;
    case PathStep::Kind::indexes:
      for (const auto index : step.indexes) append(std::to_string(index));
      break;
    case PathStep::Kind::wildcard:
      inside = "*";
      break;
    case PathStep::Kind::filter:
      inside = "?";
      break;
    case PathStep::Kind::slice:
      inside = (step.first ? std::to_string(*step.first) : "") + ":" + (step.last ? std::to_string(*step.last) : "");
      break;
  }
  return fmt::format("{}[{}]", step.descends ? ".." : "", inside);
}

}  // namespace

std::string Path::normalised(std::size_t count) const {
  std::string out = root_ == Root::context ? "$$" : root_ == Root::variable ? "$" + variable_ : "$";
  for (std::size_t at = 0; at < count && at < steps_.size(); ++at) out += text_of(steps_[at]);
  return out;
}

Result<Path, std::string> Path::parse(std::string_view text) {
  if (text.size() > kMaxPathBytes) return failure(fmt::format("a path has at most {} bytes", kMaxPathBytes));
  return PathParser(text).parse_whole();
}

}  // namespace flowstone::asl
