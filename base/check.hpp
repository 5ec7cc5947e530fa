// A bug stops the process, in release builds too: going on with a broken invariant could write it into the log.
#pragma once

#include <source_location>
#include <string_view>

namespace flowstone {

[[noreturn]] void check_failed(std::string_view what, std::source_location where);

// Does nothing if `holds`; otherwise prints `what` with its place to stderr and aborts.
inline void check(bool holds, std::string_view what, std::source_location where = std::source_location::current()) {
  if (!holds) [[unlikely]]
    check_failed(what, where);
}

}  // namespace flowstone
