# Writes OUTPUT, the definitions of flowstone/build.hpp, if the commit of SOURCE is not the one it holds.
# FLOWSTONE_COMMIT names it where the sources come without their history.
set(commit "$ENV{FLOWSTONE_COMMIT}")
if(NOT commit)
  execute_process(
    COMMAND git describe --always --dirty --abbrev=12 --match no-tag
    WORKING_DIRECTORY "${SOURCE}" OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT commit)
  set(commit unknown)
endif()
file(CONFIGURE OUTPUT "${OUTPUT}" @ONLY CONTENT [[
#include "flowstone/build.hpp"

namespace flowstone::build {

std::string_view version() { return "@VERSION@"; }
std::string_view commit() { return "@commit@"; }
std::string_view compiler() { return __VERSION__; }

}  // namespace flowstone::build
]])
