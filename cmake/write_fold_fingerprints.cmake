# Writes OUTPUT: a table of the AGGREGATES with the SHA-256 over the sources of each one's fold.
list(LENGTH AGGREGATES count)
file(GLOB_RECURSE shared RELATIVE "${SOURCE}" "${SOURCE}/domain/*.hpp" "${SOURCE}/domain/*.cpp")
foreach(aggregate ${AGGREGATES})
  list(FILTER shared EXCLUDE REGEX "^domain/${aggregate}[./]")
endforeach()
set(rows "")
foreach(aggregate ${AGGREGATES})
  file(GLOB_RECURSE sources RELATIVE "${SOURCE}" "${SOURCE}/schemas/${aggregate}.fbs" "${SOURCE}/domain/${aggregate}.*"
       "${SOURCE}/domain/${aggregate}/*")
  list(APPEND sources ${shared})
  list(SORT sources)
  list(REMOVE_DUPLICATES sources)
  set(digests "")
  foreach(source ${sources})
    file(SHA256 "${SOURCE}/${source}" digest)
    string(APPEND digests "${digest} ${source}\n")
  endforeach()
  string(SHA256 fingerprint "${digests}")
  string(APPEND rows "    {\"${aggregate}\", \"${fingerprint}\"},\n")
endforeach()
file(WRITE "${OUTPUT}" "// Of each aggregate: SHA-256 over the sources of its fold.
#pragma once

#include <array>
#include <string_view>

namespace flowstone {

struct FoldFingerprint {
  std::string_view aggregate;
  std::string_view sha256;
};

inline constexpr std::array<FoldFingerprint, ${count}> kFoldFingerprints{{
${rows}}};

}  // namespace flowstone
")
