#include "tests/cli/process.hpp"

#include <algorithm>
#include <atomic>
#include <fcntl.h>
#include <fstream>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill is POSIX's
#include <spawn.h>
#include <sstream>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "base/check.hpp"
#include "cli/run_events.hpp"

namespace flowstone::cli {

using Clock = std::chrono::steady_clock;

ScratchDirectory::ScratchDirectory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "flowstone-cli-XXXXXX").string();
  check(::mkdtemp(pattern.data()) != nullptr, "a scratch directory can be made");
  path_ = pattern;
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code failed;
  std::filesystem::remove_all(path_, failed);
}

std::string read_file(const std::filesystem::path& file) {
  std::ifstream text(file, std::ios::binary);
  std::ostringstream out;
  out << text.rdbuf();
  return out.str();
}

bool eventually(const std::function<bool()>& holds, std::chrono::seconds patience) {
  const auto deadline = Clock::now() + patience;
  while (!holds()) {
    if (Clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

Process::Process(const std::filesystem::path& scratch, std::vector<std::string> arguments,
                 const Environment& environment) {
  static std::atomic<int> number{0};
  const auto name = fmt::format("process-{}", number++);
  out_ = scratch / (name + ".out");
  err_ = scratch / (name + ".err");
  arguments.insert(arguments.begin(), FLOWSTONE_PROGRAM);

  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    const bool own =
        text.starts_with("FLOWSTONE_") || environment.contains(std::string(text.substr(0, text.find('='))));
    if (!own) variables.emplace_back(text);
  }
  for (const auto& [key, value] : environment) variables.push_back(fmt::format("{}={}", key, value));

  std::vector<char*> argument_pointers, variable_pointers;
  for (auto& argument : arguments) argument_pointers.push_back(argument.data());
  for (auto& variable : variables) variable_pointers.push_back(variable.data());
  argument_pointers.push_back(nullptr);
  variable_pointers.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const int error =
      ::posix_spawn(&id_, FLOWSTONE_PROGRAM, &actions, nullptr, argument_pointers.data(), variable_pointers.data());
  ::posix_spawn_file_actions_destroy(&actions);
  check(error == 0, "the program can be started");
}

Process::~Process() {
  if (!running()) return;
  signal(SIGKILL);
  wait();
}

void Process::signal(int number) const { ::kill(id_, number); }

bool Process::running() {
  if (status_) return false;
  int status = 0;
  if (::waitpid(id_, &status, WNOHANG) != id_) return true;
  status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return false;
}

int Process::wait(std::chrono::seconds patience) {
  if (!eventually([this] { return !running(); }, patience)) return -1;
  return *status_;
}

std::string Process::out() const { return read_file(out_); }
std::string Process::err() const { return read_file(err_); }

Ran run(const std::filesystem::path& scratch, std::vector<std::string> arguments, const Environment& environment) {
  Process process(scratch, std::move(arguments), environment);
  const int status = process.wait();
  return {.status = status, .out = process.out(), .err = process.err()};
}

DemoServer::DemoServer(std::filesystem::path data, std::string listen)
    : data_(std::move(data)), listen_(std::move(listen)) {
  start();
}

void DemoServer::start() {
  process_ = std::make_unique<Process>(scratch(), std::vector<std::string>{"serve", "--demo", "--data", data_.string(),
                                                                           "--listen", listen_, "--no-access-log"});
  const bool ready =
      eventually([this] { return process_->out().find('\n') != std::string::npos || !process_->running(); });
  const auto text = process_->out();
  const auto line = text.substr(0, text.find('\n'));
  check(ready && line.starts_with("ready http://"), "the server says that it is ready: " + process_->err());
  url_ = line.substr(6);
}

void DemoServer::kill() {
  process_->signal(SIGKILL);
  process_->wait();
}

void DemoServer::start_again() {
  listen_ = url_.substr(7);
  start();
}

int DemoServer::stop() {
  process_->signal(SIGTERM);
  return process_->wait();
}

std::string DemoServer::key() const {
  const auto text = read_file(data_ / "demo.key");
  return text.substr(0, text.find('\n'));
}

Environment DemoServer::environment() const {
  return {{"FLOWSTONE_URL", url_}, {"FLOWSTONE_KEY", key()}, {"FLOWSTONE_SPOOL", (scratch() / "spool").string()}};
}

boost::json::value DemoServer::ask(std::vector<std::string> arguments) const {
  arguments.emplace_back("--json");
  const auto ran = run(scratch(), arguments, environment());
  check(ran.status == 0, "a question is answered: " + arguments.front() + ": " + ran.err);
  return boost::json::parse(ran.out);
}

std::string RecordedRun::output(const std::string& stream) const {
  std::string out;
  for (const auto& event : events) {
    if (text_of(event, "type") != "run.step_output") continue;
    const auto& data = event.at("data").as_object();
    const auto printed_on = text_of(data, "stream");
    if ((printed_on.empty() ? "stdout" : printed_on) != stream) continue;
    const auto bytes = text_of(data, "bytes");
    out += bytes.empty() ? text_of(data, "text") : from_base64(bytes).value();
    if (!flag_of(data, "partial")) out += '\n';
  }
  return out;
}

std::vector<std::string> RecordedRun::steps() const {
  std::vector<std::string> names;
  for (const auto& event : events) {
    if (text_of(event, "type") == "run.step_started") names.push_back(text_of(event.at("data").as_object(), "step"));
  }
  return names;
}

std::size_t RecordedRun::count(const std::string& type) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(events, [&](const auto& event) { return text_of(event, "type") == type; }));
}

RecordedRun read_run(const DemoServer& server, const std::string& id) {
  const auto ran = run(server.scratch(), {"replay", "--stream", "run-" + id, "--json"}, server.environment());
  check(ran.status == 0, "a run can be read: " + ran.err);
  RecordedRun recorded;
  std::istringstream lines(ran.out);
  for (std::string line; std::getline(lines, line);) recorded.events.push_back(boost::json::parse(line).as_object());
  return recorded;
}

}  // namespace flowstone::cli
