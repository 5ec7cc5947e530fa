#include "base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace flowstone {

void check_failed(std::string_view what, std::source_location where) {
  std::fprintf(stderr, "flowstone: broken invariant: %.*s (%s:%u)\n", static_cast<int>(what.size()), what.data(),
               where.file_name(), where.line());
  std::abort();
}

}  // namespace flowstone
