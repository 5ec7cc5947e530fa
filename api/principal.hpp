// Who is asking, and what they may do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace flowstone::api {

enum class Role : std::uint8_t { viewer, member, admin, auditor, operates };

std::optional<Role> role_named(std::string_view name);

class Roles {
 public:
  void add(Role role) { bits_ = static_cast<std::uint8_t>(bits_ | 1U << static_cast<unsigned>(role)); }
  [[nodiscard]] bool has(Role role) const { return (bits_ >> static_cast<unsigned>(role) & 1U) != 0; }
  // An admin does what a member does; members, admins and auditors read what a viewer reads.
  [[nodiscard]] bool allow(Role least) const;
  // True if whoever has these may do all that `others` may.
  [[nodiscard]] bool cover(const Roles& others) const;

 private:
  std::uint8_t bits_ = 0;
};

enum class Access : std::uint8_t { read, write };

struct Principal {
  std::string workspace;  // id
  std::string key_id;
  std::string actor;  // "key:<id>"
  Roles roles;
  std::vector<std::string> scopes;  // "<aggregate>:read" or ":write"; none: everything that the roles allow
  std::optional<Timestamp> expires_at;

  // A write scope is a read scope too.
  [[nodiscard]] bool in_scope(std::string_view aggregate, Access access) const;
  [[nodiscard]] bool is_scoped() const { return !scopes.empty(); }
};

}  // namespace flowstone::api
