# Headers that say what was built: generated/flowstone/*.hpp. Target `generated_sources` writes every generated file.

# "flowstone/build.hpp": version and commit. Link `flowstone_build`. The commit stands in one small source that is
# rewritten when it changes, so that a commit recompiles that source alone.
set(FLOWSTONE_BUILD_SOURCE "${CMAKE_BINARY_DIR}/generated/flowstone/build.cpp")
set(write_build ${CMAKE_COMMAND} -DSOURCE=${CMAKE_SOURCE_DIR} -DOUTPUT=${FLOWSTONE_BUILD_SOURCE}
    -DVERSION=${PROJECT_VERSION} -P "${CMAKE_SOURCE_DIR}/cmake/write_build.cmake")
configure_file("${CMAKE_SOURCE_DIR}/cmake/build.hpp.in" "${CMAKE_BINARY_DIR}/generated/flowstone/build.hpp" COPYONLY)
add_custom_target(flowstone_commit COMMAND ${write_build} BYPRODUCTS "${FLOWSTONE_BUILD_SOURCE}" VERBATIM)
add_library(flowstone_build STATIC "${FLOWSTONE_BUILD_SOURCE}")
target_include_directories(flowstone_build PUBLIC "${CMAKE_BINARY_DIR}/generated")
add_dependencies(flowstone_build flowstone_commit)

# "flowstone/fold_fingerprints.hpp": for each aggregate X the SHA-256 over schemas/X.fbs, domain/X.*, domain/X/ and what all
# aggregates share in domain. A projection whose rows were folded by other code is rebuilt. Link
# `flowstone_fold_fingerprints`.
set(fingerprints "${CMAKE_BINARY_DIR}/generated/flowstone/fold_fingerprints.hpp")
file(GLOB contracts CONFIGURE_DEPENDS RELATIVE "${CMAKE_SOURCE_DIR}/schemas" "${CMAKE_SOURCE_DIR}/schemas/*.fbs")
file(GLOB_RECURSE folds CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/domain/*.hpp" "${CMAKE_SOURCE_DIR}/domain/*.cpp")
set(aggregates)
foreach(contract ${contracts})
  get_filename_component(aggregate ${contract} NAME_WE)
  if("${CMAKE_SOURCE_DIR}/domain/${aggregate}.cpp" IN_LIST folds)
    list(APPEND aggregates ${aggregate})
    list(APPEND folds "${CMAKE_SOURCE_DIR}/schemas/${contract}")
  endif()
endforeach()
add_custom_command(
  OUTPUT "${fingerprints}"
  COMMAND ${CMAKE_COMMAND} -DSOURCE=${CMAKE_SOURCE_DIR} -DOUTPUT=${fingerprints} "-DAGGREGATES=${aggregates}"
          -P "${CMAKE_SOURCE_DIR}/cmake/write_fold_fingerprints.cmake"
  DEPENDS ${folds} "${CMAKE_SOURCE_DIR}/cmake/write_fold_fingerprints.cmake"
  COMMENT "Fingerprints of the folds"
  VERBATIM)
add_custom_target(flowstone_write_fold_fingerprints DEPENDS "${fingerprints}")
add_library(flowstone_fold_fingerprints INTERFACE)
target_include_directories(flowstone_fold_fingerprints INTERFACE "${CMAKE_BINARY_DIR}/generated")
add_dependencies(flowstone_fold_fingerprints flowstone_write_fold_fingerprints)

add_custom_target(generated_sources DEPENDS flowstone_commit flowstone_write_fold_fingerprints)
