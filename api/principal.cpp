#include "api/principal.hpp"

#include <algorithm>

namespace flowstone::api {

std::optional<Role> role_named(std::string_view name) {
  if (name == "viewer") return Role::viewer;
  if (name == "member") return Role::member;
  if (name == "admin") return Role::admin;
  if (name == "auditor") return Role::auditor;
  if (name == "operator") return Role::operates;
  return std::nullopt;
}

bool Roles::allow(Role least) const {
  switch (least) {
    case Role::viewer:
      return has(Role::viewer) || has(Role::member) || has(Role::admin) || has(Role::auditor);
    case Role::member:
      return has(Role::member) || has(Role::admin);
    case Role::admin:
      return has(Role::admin);
    case Role::auditor:
      return has(Role::auditor);
    case Role::operates:
      return has(Role::operates);
  }
  return false;
}

bool Roles::cover(const Roles& others) const {
  for (const Role role : {Role::viewer, Role::member, Role::admin, Role::auditor, Role::operates}) {
    if (others.has(role) && !allow(role)) return false;
  }
  return true;
}

bool Principal::in_scope(std::string_view aggregate, Access access) const {
  if (scopes.empty()) return true;
  return std::ranges::any_of(scopes, [&](std::string_view scope) {
    const std::size_t colon = scope.rfind(':');
    if (colon == std::string_view::npos || scope.substr(0, colon) != aggregate) return false;
    const auto granted = scope.substr(colon + 1);
    return granted == "write" || (granted == "read" && access == Access::read);
  });
}

}  // namespace flowstone::api
