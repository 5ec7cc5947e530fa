# One compiler, one standard, one set of warnings for every room.

if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  message(FATAL_ERROR
    "Flowstone builds with clang 19 or newer (found ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}). "
    "g++ 12 silently miscompiles coroutines: aggregate temporaries inside co_await are destroyed twice. "
    "Use `./x build`, or configure with -DCMAKE_CXX_COMPILER=clang++-19.")
endif()

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

option(FLOWSTONE_WERROR "Treat warnings as errors" ON)
set(FLOWSTONE_SANITIZE "" CACHE STRING "Sanitizers, e.g. address,undefined or thread")
option(FLOWSTONE_COVERAGE "Instrument for llvm-cov" OFF)
option(FLOWSTONE_PRECOMPILE "Precompile Asio and Beast for the rooms that use them" OFF)
option(FLOWSTONE_FUZZ "Build the libFuzzer targets" OFF)

# The machine a binary is built on usually runs it: x86-64-v3 (AVX2, BMI2) where this one has it, the plain ABI elsewhere.
set(FLOWSTONE_ARCHITECTURE "" CACHE STRING "Value for -march; empty: x86-64-v3 if this machine has it")
if(NOT FLOWSTONE_ARCHITECTURE AND EXISTS /proc/cpuinfo)
  file(STRINGS /proc/cpuinfo flags REGEX "^flags" LIMIT_COUNT 1)
  if(flags MATCHES " avx2 " AND flags MATCHES " bmi2 " AND flags MATCHES " movbe " AND flags MATCHES " fma ")
    set(FLOWSTONE_ARCHITECTURE x86-64-v3)
  endif()
endif()
if(FLOWSTONE_ARCHITECTURE AND CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-march=${FLOWSTONE_ARCHITECTURE})
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wimplicit-fallthrough -Wswitch-enum)
if(FLOWSTONE_WERROR)
  add_compile_options(-Werror)
endif()

find_program(FLOWSTONE_MOLD mold)
if(FLOWSTONE_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

find_program(FLOWSTONE_CCACHE ccache)
if(FLOWSTONE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${FLOWSTONE_CCACHE})
endif()

if(FLOWSTONE_SANITIZE)
  add_compile_options(-fsanitize=${FLOWSTONE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${FLOWSTONE_SANITIZE})
  if(FLOWSTONE_SANITIZE MATCHES "thread")
    add_library(flowstone_tsan_suppressions OBJECT "${CMAKE_SOURCE_DIR}/cmake/tsan_suppressions.cpp")
    link_libraries("$<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:$<TARGET_OBJECTS:flowstone_tsan_suppressions>>")
  endif()
  if(FLOWSTONE_SANITIZE MATCHES "undefined")
    # FlatBuffers read in place from storage buffers are not aligned; x86-64 and arm64 read them correctly.
    add_compile_options(-fno-sanitize=alignment)
  endif()
endif()

if(FLOWSTONE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

if(FLOWSTONE_COVERAGE)
  add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
  add_link_options(-fprofile-instr-generate)
endif()

# Most memory is freed by another thread than the one that asked for it; jemalloc takes that better than the C library.
# Sanitizers bring an allocator of their own.
if(NOT FLOWSTONE_SANITIZE AND NOT FLOWSTONE_FUZZ)
  find_library(FLOWSTONE_ALLOCATOR jemalloc)
endif()
function(flowstone_allocate program)
  if(FLOWSTONE_ALLOCATOR)
    # First of all libraries, and also where nothing calls it by name.
    target_link_options(${program} PRIVATE "LINKER:--no-as-needed,${FLOWSTONE_ALLOCATOR},--as-needed")
  endif()
endfunction()
