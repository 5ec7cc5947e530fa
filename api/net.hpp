// The few names of Boost.Asio that the room uses everywhere, bound to one concrete executor.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

namespace flowstone::api {

namespace net = boost::asio;
using boost::system::error_code;

// A concrete executor type is a quarter faster than `any_io_executor`.
using LoopExecutor = net::io_context::executor_type;
using Socket = net::basic_stream_socket<net::ip::tcp, LoopExecutor>;

template <class T>
using Task = net::awaitable<T, LoopExecutor>;

// `co_await stream.async_read_some(buffer, into(error))`: errors are values here.
inline auto into(error_code& error) { return net::redirect_error(net::use_awaitable_t<LoopExecutor>(), error); }

}  // namespace flowstone::api
