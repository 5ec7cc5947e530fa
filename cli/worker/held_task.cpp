#include "cli/worker/held_task.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include "cli/exec/line_splitter.hpp"
#include "cli/program.hpp"
#include "cli/run_events.hpp"
#include "documents/child_process.hpp"

namespace flowstone::cli {
namespace {

namespace json = boost::json;
using documents::ChildFailure;
using documents::ChildOutput;

constexpr std::size_t kMostOutput = std::size_t{1} << 20;  // bytes; more than a run can hold
constexpr std::size_t kMostCause = 2'000;                  // bytes of the program's errors
constexpr std::chrono::milliseconds kUsualBeat{30'000};    // where the server expects none
constexpr std::chrono::milliseconds kShortestBeat{200};
constexpr std::chrono::hours kPatience{1};
constexpr std::chrono::hours kForEver{24 * 3'650};
constexpr std::chrono::milliseconds kFirstPause{200};
constexpr std::chrono::milliseconds kLongestPause{10'000};

std::string target_of(const HeldTask& task, std::string_view word) {
  return fmt::format("/v1/activities/{}/{}", task.token, word);
}

// Says that work goes on, as long as it lives.
class Heart {
 public:
  Heart(const HeldTask& task, ClientOptions options, std::stop_source unwanted)
      : task_(task),
        options_(std::move(options)),
        unwanted_(std::move(unwanted)),
        thread_([this](const auto& stop) { beat(stop); }) {}

 private:
  void beat(const std::stop_token& stop) {
    options_.attempts = 1;
    auto interval = kUsualBeat;
    if (task_.heartbeat_seconds > 0)
      interval = std::chrono::milliseconds(static_cast<std::int64_t>(task_.heartbeat_seconds * 1'000 / 3));
    interval = std::clamp(interval, kShortestBeat, kUsualBeat);
    options_.timeout = std::max(interval, std::chrono::milliseconds(2'000));
    auto client = Client::make(options_);
    while (client) {
      std::unique_lock lock(mutex_);
      if (changed_.wait_for(lock, stop, interval, [&stop] { return stop.stop_requested(); })) return;
      const auto heard = client->post_once(target_of(task_, "heartbeat"), "{}");
      if (heard || !is_final(heard.error())) continue;
      unwanted_.request_stop();
      return;
    }
  }

  const HeldTask& task_;
  ClientOptions options_;
  std::stop_source unwanted_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::jthread thread_;  // last: joined first
};

std::vector<std::string> environment_of(const HeldTask& task) {
  std::vector<std::string> all;
  for (char** each = environ; *each != nullptr; ++each) {
    if (!std::string_view(*each).starts_with("FLOWSTONE_")) all.emplace_back(*each);
  }
  all.push_back("FLOWSTONE_RUN_ID=" + task.run_id);
  all.push_back("FLOWSTONE_IDEMPOTENCY_KEY=" + task.key);
  all.push_back(fmt::format("FLOWSTONE_ATTEMPT={}", task.attempt));
  return all;
}

json::value output_of(const std::string& printed) {
  auto text = std::string_view(printed);
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  if (text.empty()) return nullptr;
  boost::system::error_code error;
  json::parse_options nesting;
  nesting.max_depth = 600;
  auto value = json::parse(text, error, {}, nesting);
  return error ? json::value(acceptable(text, kMostOutput)) : std::move(value);
}

std::string last_of(const std::string& errors) {
  auto text = std::string_view(errors);
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  if (text.size() > kMostCause) text = text.substr(text.size() - kMostCause);
  while (!text.empty() && (static_cast<unsigned char>(text.front()) & 0xC0U) == 0x80U) text.remove_prefix(1);
  return acceptable(text, kMostCause);
}

// What is to be told: the call's word and its body.
struct Told {
  std::string word;
  json::object body;
};

Told failed(std::string cause) {
  return {.word = "fail", .body = {{"error", "Activity.Failed"}, {"cause", std::move(cause)}}};
}

Told told_of(const std::string& program, const ChildOutput& ended) {
  if (ended.exit_code == 0 && ended.signal == 0)
    return {.word = "complete", .body = {{"output", output_of(ended.output)}}};
  auto cause = ended.signal != 0 ? fmt::format("{} was ended by signal {}", program, ended.signal)
                                 : fmt::format("{} ended with exit status {}", program, ended.exit_code);
  if (const auto said = last_of(ended.errors); !said.empty()) cause += ": " + said;
  return failed(std::move(cause));
}

// Nothing: nobody waits for it.
std::optional<Told> told_of(const std::string& program, ChildFailure failure) {
  switch (failure) {
    case ChildFailure::stopped:
      return std::nullopt;
    case ChildFailure::missing_program:
      return failed(fmt::format("{} cannot be started: there is no such program", program));
    case ChildFailure::too_much_output:
      return failed(fmt::format("{} printed more than {} bytes", program, kMostOutput));
    case ChildFailure::no_resources:
      return failed(fmt::format("{} cannot be started: no process or memory is left for it", program));
    case ChildFailure::timed_out:
    case ChildFailure::crashed:
      return failed(fmt::format("{} failed", program));
  }
  return std::nullopt;
}

void tell(const HeldTask& task, const Told& told, Client& client) {
  const auto body = json::serialize(told.body);
  const auto until = std::chrono::steady_clock::now() + kPatience;
  for (int failures = 0;; ++failures) {
    const auto answer = client.post_once(target_of(task, told.word), body);
    if (answer) return;
    const bool over = std::chrono::steady_clock::now() >= until;
    if (over || is_final(answer.error())) {
      fail(fmt::format("{} of run {}: {}", task.state, task.run_id, answer.error().sentence));
      return;
    }
    std::this_thread::sleep_for(std::min(kFirstPause * (1 << std::min(failures, 6)), kLongestPause));
  }
}

}  // namespace

std::optional<HeldTask> HeldTask::read(const json::value& polled) {
  const auto* task = polled.is_object() ? object_of(polled.get_object(), "task") : nullptr;
  if (task == nullptr) return std::nullopt;
  HeldTask held;
  held.token = text_of(*task, "token");
  held.run_id = text_of(*task, "run_id");
  held.state = text_of(*task, "state");
  held.key = text_of(*task, "key");
  held.attempt = static_cast<std::uint64_t>(number_of(*task, "attempt").value_or(0));
  const auto* input = task->if_contains("input");
  held.input = input == nullptr ? "null" : json::serialize(*input);
  const auto* beat = task->if_contains("heartbeat_seconds");
  if (beat != nullptr && beat->is_number()) held.heartbeat_seconds = beat->to_number<double>();
  return held;
}

void perform(const HeldTask& task, const std::vector<std::string>& command, Client& client) {
  std::stop_source unwanted;
  std::optional<Told> told;
  {
    const Heart heart(task, client.options(), unwanted);
    const auto ended = documents::run_program({.arguments = command,
                                               .environment = environment_of(task),
                                               .input = task.input,
                                               .input_is_standard = true,
                                               .writes_files = true,
                                               .last_errors = true,
                                               .directory = ".",
                                               .stop = unwanted.get_token()},
                                              {.memory_bytes = 0,
                                               .output_bytes = kMostOutput,
                                               .cpu_seconds = 0,
                                               .deadline = std::chrono::steady_clock::now() + kForEver});
    told = ended ? told_of(command.front(), *ended) : told_of(command.front(), ended.error());
  }
  if (told) return tell(task, *told, client);
  fail(fmt::format("{} of run {}: nobody waits for it any more", task.state, task.run_id));
}

bool is_final(const Refusal& refusal) {
  return refusal.status >= 400 && refusal.status < 500 && refusal.status != 408 && refusal.status != 429;
}

}  // namespace flowstone::cli
