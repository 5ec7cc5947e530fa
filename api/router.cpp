#include "api/router.hpp"

#include <algorithm>

#include "api/url.hpp"
#include "base/check.hpp"

namespace flowstone::api {
namespace {

// Splits the first segment off: "/tasks/1" gives "tasks" and leaves "/1".
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  const auto segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

bool answers(const Route& route, Method method) {
  return route.method == method || (method == Method::head && route.method == Method::get);
}

}  // namespace

void Router::add(Method method, std::string pattern, Handler handler, const schemas::Call* call) {
  Node* node = &root_;
  std::string_view rest = pattern;
  while (!rest.empty()) {
    const auto segment = take_segment(rest);
    if (segment.starts_with('{')) {
      if (!node->parameter) node->parameter = std::make_unique<Node>();
      node->parameter->parameter_name = segment.substr(1, segment.size() - 2);
      node = node->parameter.get();
    } else {
      auto& child = node->children[std::string(segment)];
      if (!child) child = std::make_unique<Node>();
      node = child.get();
    }
  }
  const bool taken = std::ranges::any_of(node->routes, [&](const Route* route) { return route->method == method; });
  check(!taken, "two routes have one method and path");
  routes_.push_back(std::make_unique<Route>(Route{method, std::move(pattern), call, handler, routes_.size()}));
  node->routes.push_back(routes_.back().get());
}

const Router::Node* Router::walk(const Node& node, std::string_view path, std::vector<PathParameter>& parameters) {
  if (path.empty()) return node.routes.empty() ? nullptr : &node;
  auto rest = path;
  const auto segment = take_segment(rest);
  if (const auto child = node.children.find(segment); child != node.children.end()) {
    if (const Node* found = walk(*child->second, rest, parameters)) return found;
  }
  if (!node.parameter || segment.empty()) return nullptr;
  auto value = percent_decode(segment, false);
  if (!value) return nullptr;
  parameters.push_back({node.parameter->parameter_name, *std::move(value)});
  if (const Node* found = walk(*node.parameter, rest, parameters)) return found;
  parameters.pop_back();
  return nullptr;
}

Match Router::find(Method method, std::string_view path) const {
  Match match;
  if (!path.starts_with('/')) return match;
  const Node* const node = walk(root_, path, match.parameters);
  if (node == nullptr) return match;
  for (const Route* route : node->routes) {
    if (answers(*route, method)) {
      match.route = route;
      return match;
    }
  }
  for (const Route* route : node->routes) {
    match.allow.append(to_text(route->method)).append(", ");
    if (route->method == Method::get) match.allow.append("HEAD, ");
  }
  match.allow.append("OPTIONS");
  return match;
}

}  // namespace flowstone::api
