# `flowstone_asio`: the compiled half of Boost.Asio and Beast, once for every room that names it in FOREIGN.
# A source that uses Beast then compiles in two thirds of the time.
set(units)
foreach(part "boost/asio/impl/src.hpp" "boost/asio/ssl/impl/src.hpp" "boost/beast/src.hpp")
  string(MAKE_C_IDENTIFIER "${part}" name)
  set(unit "${CMAKE_BINARY_DIR}/generated/asio/${name}.cpp")
  file(CONFIGURE OUTPUT "${unit}" CONTENT "#include <${part}>\n" @ONLY)
  list(APPEND units "${unit}")
endforeach()
# Beast 1.81 asserts that the header of a last chunk comes with two bytes more. A client that sends byte after byte need not;
# what follows the assertion copes.
set_source_files_properties("${unit}" PROPERTIES COMPILE_DEFINITIONS BOOST_DISABLE_ASSERTS)
add_library(flowstone_asio STATIC EXCLUDE_FROM_ALL ${units})
target_compile_definitions(flowstone_asio PUBLIC BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION)
target_link_libraries(flowstone_asio PUBLIC Boost::headers OpenSSL::SSL OpenSSL::Crypto Threads::Threads)

# Saves 3 of 7 seconds a source. The preset dev does without, so that a source that leans on it for an include is found.
# The header may not carry its own date: ccache could never find it again.
function(flowstone_precompile_asio target)
  target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  target_precompile_headers(${target} PRIVATE
    <boost/asio/awaitable.hpp> <boost/asio/basic_stream_socket.hpp> <boost/asio/co_spawn.hpp>
    <boost/asio/io_context.hpp> <boost/asio/ip/tcp.hpp> <boost/asio/redirect_error.hpp> <boost/asio/ssl.hpp>
    <boost/asio/steady_timer.hpp> <boost/asio/use_awaitable.hpp>
    <boost/beast/core.hpp> <boost/beast/http.hpp> <boost/beast/websocket.hpp>
    <fmt/format.h>
    <chrono> <expected> <functional> <map> <memory> <optional> <string> <vector>)
endfunction()
