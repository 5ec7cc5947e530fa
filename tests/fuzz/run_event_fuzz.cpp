// Any line as an event that a server sends to `watch`: what follows a run neither fails nor makes up an end.
#include <cstdint>
#include <string_view>

#include <boost/json/parse.hpp>

#include "base/check.hpp"
#include "cli/run_events.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace flowstone;                                               // NOLINT: the whole program is this function
  const std::string_view line(reinterpret_cast<const char*>(data), size);  // NOLINT: bytes seen as chars
  boost::system::error_code error;
  const auto document = boost::json::parse(line, error);
  if (error || !document.is_object()) return 0;
  cli::RunPrinter printer(false, false, true);
  printer.print(document.get_object());
  const bool is_end = cli::text_of(document.get_object(), "type").starts_with("run.");
  check(is_end || !printer.ended(), "only a run's event ends a run");
  if (printer.ended()) check(*printer.ended() >= 0 && *printer.ended() <= 255, "a status is one that a program has");
  return 0;
}
