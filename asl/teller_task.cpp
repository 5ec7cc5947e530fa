#include "asl/teller.hpp"

namespace flowstone::asl {
namespace {

constexpr std::string_view kService = "arn:aws:states:::";

std::string word_of(EventType type) {
  using enum EventType;
  if (type == task_scheduled) return "Scheduled";
  if (type == task_started) return "Started";
  if (type == task_submitted) return "Submitted";
  if (type == task_succeeded) return "Succeeded";
  return type == task_failed ? "Failed" : "TimedOut";
}

}  // namespace

// A Lambda function and an activity have words of their own; all else is a task of a service. Heartbeats are not told.
void Teller::tell_task(const Event& event, Thread& thread, const State& state) {
  if (event.type == EventType::task_heartbeat) return;
  if (event.type == EventType::task_scheduled) resources_[event.path] = event.resource;
  if (event.type == EventType::task_failed || event.type == EventType::task_timed_out) failed_path_ = event.path;
  if (state.type == StateType::map) {  // what reads its items is not told; their number is not known yet
    if (event.type == EventType::task_scheduled)
      thread.last = add(event, "MapStateStarted", thread.last, "mapStateStarted", {{"length", Value::number(0)}});
    return;
  }
  const auto& resource = resources_[event.path];
  if (resource.starts_with("arn:aws:lambda:"))
    tell_named_task(event, thread, resource, "LambdaFunction");
  else if (resource.starts_with("arn:aws:states:") && resource.find(":activity:") != std::string::npos)
    tell_named_task(event, thread, resource, "Activity");
  else
    tell_service_task(event, thread, resource);
}

void Teller::tell_named_task(const Event& event, Thread& thread, const std::string& resource, const std::string& word) {
  const auto happened = word_of(event.type);
  std::vector<Member> details;
  if (event.type == EventType::task_scheduled) {
    add_payload(details, "input", event.input);
    details.push_back({"resource", Value::string(resource)});
  }
  if (event.type == EventType::task_succeeded) add_payload(details, "output", event.output);
  add_words(details, event);
  const bool bare = event.type == EventType::task_started && word == "LambdaFunction";
  const auto key = word == "LambdaFunction" ? "lambdaFunction" + happened : "activity" + happened;
  thread.last = add(event, word + happened, thread.last, bare ? "" : key, std::move(details));
}

// arn:aws:states:::sqs:sendMessage.waitForTaskToken: the call "sendMessage.waitForTaskToken" of "sqs".
void Teller::tell_service_task(const Event& event, Thread& thread, const std::string& resource) {
  auto call = std::string_view(resource);
  std::string_view service;
  if (call.starts_with(kService)) {
    call.remove_prefix(kService.size());
    const auto cut = call.rfind(':');
    if (cut != std::string_view::npos) {
      service = call.substr(0, cut);
      call.remove_prefix(cut + 1);
    }
  }
  const auto happened = word_of(event.type);
  std::vector<Member> details;
  if (event.type == EventType::task_scheduled) {
    details.push_back({"parameters", text(event.input)});
    details.push_back({"region", Value::string("")});
    for (const auto& [option, name] :
         {std::pair("timeout_seconds", "timeoutInSeconds"), std::pair("heartbeat_seconds", "heartbeatInSeconds")})
      if (const auto* seconds = event.options.is_object() ? event.options.find(option) : nullptr)
        details.push_back({name, *seconds});
  }
  if (!event.output.is_undefined()) add_payload(details, "output", event.output);
  add_words(details, event);
  details.push_back({"resource", Value::string(std::string(call))});
  details.push_back({"resourceType", Value::string(std::string(service))});
  thread.last = add(event, "Task" + happened, thread.last, "task" + happened, std::move(details));
}

}  // namespace flowstone::asl
