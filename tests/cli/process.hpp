// The real program as child processes.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include <boost/json/value.hpp>

namespace flowstone::cli {

// A directory that is gone with its owner.
class ScratchDirectory {
 public:
  ScratchDirectory();
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

using Environment = std::map<std::string, std::string>;

// A child whose stdout and stderr go to files, so that it never waits for us.
class Process {
 public:
  // `flowstone` with these arguments.
  Process(const std::filesystem::path& scratch, std::vector<std::string> arguments,
          const Environment& environment = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  [[nodiscard]] pid_t id() const { return id_; }
  void signal(int number) const;
  // The exit code, or 128 + the signal that ended it; -1 if it did not end in time.
  int wait(std::chrono::seconds patience = std::chrono::seconds(60));
  [[nodiscard]] bool running();
  [[nodiscard]] std::string out() const;
  [[nodiscard]] std::string err() const;

 private:
  std::filesystem::path out_, err_;
  pid_t id_ = 0;
  std::optional<int> status_;
};

struct Ran {
  int status = 0;
  std::string out, err;
};
Ran run(const std::filesystem::path& scratch, std::vector<std::string> arguments, const Environment& environment = {});

std::string read_file(const std::filesystem::path& file);

// True as soon as `holds` does; false if it did not in time. Looks a hundred times a second.
bool eventually(const std::function<bool()>& holds, std::chrono::seconds patience = std::chrono::seconds(30));

// A server on its own directory, with the demo workspace.
class DemoServer {
 public:
  explicit DemoServer(std::filesystem::path data, std::string listen = "127.0.0.1:0");

  // Kills it with SIGKILL.
  void kill();
  // Starts it again on the same port and directory.
  void start_again();
  // Stops it in order; its exit status.
  int stop();

  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] std::string key() const;
  [[nodiscard]] const std::filesystem::path& data() const { return data_; }
  // FLOWSTONE_URL, FLOWSTONE_KEY and a spool directory of its own.
  [[nodiscard]] Environment environment() const;
  [[nodiscard]] Process& process() { return *process_; }
  // A command that must succeed, with --json; what it printed.
  boost::json::value ask(std::vector<std::string> arguments) const;
  [[nodiscard]] std::filesystem::path scratch() const { return data_.parent_path(); }

 private:
  void start();

  std::filesystem::path data_;
  std::string listen_, url_;
  std::unique_ptr<Process> process_;
};

// What was recorded of a run.
struct RecordedRun {
  std::vector<boost::json::object> events;  // CloudEvents in order
  // Output of one stream: pieces joined, line ends put back.
  [[nodiscard]] std::string output(const std::string& stream) const;
  [[nodiscard]] std::vector<std::string> steps() const;
  [[nodiscard]] std::size_t count(const std::string& type) const;
};
RecordedRun read_run(const DemoServer& server, const std::string& run);

}  // namespace flowstone::cli
