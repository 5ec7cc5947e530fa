// Reading the events of the wire (CloudEvents) that belong to a run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "base/result.hpp"

namespace flowstone::cli {

// Members of a JSON object, with nothing where they are absent or of another type.
std::string text_of(const boost::json::object& object, std::string_view name);
std::optional<std::int64_t> number_of(const boost::json::object& object, std::string_view name);
bool flag_of(const boost::json::object& object, std::string_view name);
const boost::json::object* object_of(const boost::json::object& object, std::string_view name);

// Prints what a run's events mean to people: lines as they were printed, stderr apart, steps and the end in colour.
class RunPrinter {
 public:
  // A quiet printer prints nothing; it only sees the end.
  RunPrinter(bool colour_out, bool colour_err, bool quiet)
      : colour_out_(colour_out), colour_err_(colour_err), quiet_(quiet) {}

  void print(const boost::json::object& event);
  // The status that the recorded program ended with, once it has: its exit code, or 128 + n.
  [[nodiscard]] std::optional<int> ended() const { return ended_; }

 private:
  void print_output(const boost::json::object& data);
  void print_end(std::string_view type, const boost::json::object& data);
  void note(std::string_view text, bool bad);

  bool colour_out_, colour_err_, quiet_;
  bool out_open_ = false, err_open_ = false;  // a line was begun and not ended
  std::optional<int> ended_;
};

class Client;
struct Refusal;
// The id of the run that a person names: its id, or `latest`.
Result<std::string, Refusal> run_named(Client& client, const std::string& name);
// Prints what a run has printed and follows it until it ends, over cut connections; its exit status. A quiet one only
// waits.
int watch_run(Client& client, const std::string& run, bool quiet);

// 128 + the number of "SIGTERM"; nothing if there is no such signal here.
std::optional<int> status_of_signal(std::string_view name);
// The exit status of a program that ended with this signal (if it names one) or exit code.
int status_of_end(std::string_view signal, std::optional<std::int64_t> exit_code, bool success);

}  // namespace flowstone::cli
