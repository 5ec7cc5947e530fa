# `flowstone_asio`: the compiled half of Boost.Asio and Beast, once for every room that names it in FOREIGN.
# A source that uses Beast then compiles in two thirds of the time.
set(units)
foreach(part "boost/asio/impl/src.hpp" "boost/asio/ssl/impl/src.hpp" "boost/beast/src.hpp")
  string(MAKE_C_IDENTIFIER "${part}" name)
  set(unit "${CMAKE_BINARY_DIR}/generated/asio/${name}.cpp")
  file(CONFIGURE OUTPUT "${unit}" CONTENT "#include <${part}>\n" @ONLY)
  list(APPEND units "${unit}")
endforeach()
add_library(flowstone_asio STATIC EXCLUDE_FROM_ALL ${units})
target_compile_definitions(flowstone_asio PUBLIC BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION)
target_link_libraries(flowstone_asio PUBLIC Boost::headers OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
