#include "api/url.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace flowstone::api {
namespace {

constexpr std::size_t kMostParameters = 64;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Problem repeated_parameter(std::string_view name) {
  Problem problem{ProblemKind::repeated_parameter};
  problem.errors.push_back({std::string(name), "is given more than once"});
  return problem;
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    char c = text[at];
    if (c == '%') {
      if (at + 2 >= text.size()) return std::nullopt;
      const int high = hex_value(text[at + 1]);
      const int low = hex_value(text[at + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      at += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    if (c == '\0') return std::nullopt;
    decoded += c;
  }
  return decoded;
}

Result<QueryParameters, Problem> QueryParameters::parse(std::string_view query) {
  QueryParameters parameters;
  while (!query.empty()) {
    const auto pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    const auto name = percent_decode(pair.substr(0, equals), true);
    const auto value =
        percent_decode(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), true);
    if (!name || !value)
      return failure(invalid_parameter(name.value_or(std::string(pair.substr(0, equals))), "has a broken escape"));
    for (const Parameter& other : parameters.parameters_) {
      if (other.name == *name) return failure(repeated_parameter(*name));
    }
    if (parameters.parameters_.size() == kMostParameters)
      return failure(Problem{ProblemKind::malformed_request,
                             fmt::format("The query has more than {} parameters.", kMostParameters)});
    parameters.parameters_.push_back({*name, *value});
  }
  return parameters;
}

std::optional<std::string_view> QueryParameters::take(std::string_view name) {
  for (Parameter& parameter : parameters_) {
    if (parameter.name != name) continue;
    parameter.taken = true;
    return parameter.value;
  }
  return std::nullopt;
}

std::optional<std::string_view> QueryParameters::unknown() const {
  const auto found = std::ranges::find(parameters_, false, &Parameter::taken);
  if (found == parameters_.end()) return std::nullopt;
  return found->name;
}

std::optional<Target> split_target(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    const std::size_t slash = target.find('/', scheme.size());
    if (slash == std::string_view::npos) return Target{"/", {}};
    target.remove_prefix(slash);
    break;
  }
  if (!target.starts_with('/')) return std::nullopt;
  const std::size_t mark = target.find('?');
  Target split{target.substr(0, mark), {}};
  if (mark != std::string_view::npos) split.query = target.substr(mark + 1);
  return split;
}

}  // namespace flowstone::api
