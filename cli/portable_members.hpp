// The members of a line of an export, read one by one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "base/digest.hpp"

namespace flowstone::cli {

// Remembers the first member that is wrong; what is wrong is read as nothing. Lifetime: the object outlives it.
class PortableMembers {
 public:
  explicit PortableMembers(const boost::json::object& object) : object_(object) {}

  std::string text(std::string_view name, bool needed);
  std::uint64_t number(std::string_view name, std::uint64_t most = INT64_MAX);
  std::string base64(std::string_view name);
  Digest digest(std::string_view name);
  // Of `source`.
  std::string workspace();
  void wrong(std::string_view name, std::string_view what);
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  const boost::json::object& object_;
  std::string problem_;
};

// `,"name":"text"`.
void append_member(std::string_view name, std::string_view text, std::string& out);

}  // namespace flowstone::cli
