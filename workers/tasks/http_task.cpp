#include "workers/tasks/http_task.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "jsonata/json_text.hpp"
#include "jsonata/unicode.hpp"
#include "workers/tasks/arguments.hpp"

namespace flowstone::workers {
namespace {

using jsonata::Member;
using outside::FetchError;
using outside::Header;

constexpr double kMostSeconds = 3'600;
constexpr double kMostBytes = 4 << 20;
constexpr std::size_t kQuotedCharacters = 500;
constexpr std::size_t kLookups = 4;
// Levels of a JSON answer: what a run records is nested less deeply.
constexpr std::uint32_t kMostLevels = 60;

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || std::string_view("-._~").contains(c))
      encoded += c;
    else
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

std::string with_query(std::string url, const std::vector<std::pair<std::string, std::string>>& query) {
  if (query.empty()) return url;
  url.resize(std::min(url.find('#'), url.size()));
  char mark = url.contains('?') ? '&' : '?';
  for (const auto& [name, value] : query) {
    url.append(1, std::exchange(mark, '&')).append(percent_encoded(name)).append("=").append(percent_encoded(value));
  }
  return url;
}

void add_body(const Value& body, outside::Request& request) {
  request.body = body.is_string() ? body.text() : jsonata::write_json(body).value_or("null");
  const bool typed = std::ranges::any_of(
      request.headers, [](const Header& header) { return outside::same_name(header.name, "Content-Type"); });
  if (!typed)
    request.headers.push_back({"Content-Type", body.is_string() ? "text/plain; charset=utf-8" : "application/json"});
}

// Bytes beyond ASCII that are no UTF-8 are Latin-1, as headers were once.
std::string header_text(const std::string& value) {
  if (is_plain_text(value)) return value;
  std::string text;
  for (const char c : value) jsonata::append_code_point(text, c == '\0' ? U' ' : static_cast<unsigned char>(c));
  return text;
}

// Names in lower case; what came several times is joined with commas.
Value headers_of(const outside::Answer& answer) {
  std::vector<Member> members;
  for (const auto& [name, value] : answer.headers) {
    const auto lowered = jsonata::to_lower(header_text(name));
    const auto before = std::ranges::find(members, lowered, &Member::key);
    if (before == members.end())
      members.push_back({lowered, Value::string(header_text(value))});
    else
      before->value = Value::string(before->value.text() + ", " + header_text(value));
  }
  return Value::object(std::move(members));
}

bool is_json(std::string_view media_type) {
  const auto type = jsonata::to_lower(media_type.substr(0, media_type.find_first_of("; \t")));
  return type == "application/json" || type == "text/json" || type.ends_with("+json");
}

std::string_view error_of(FetchError::Code code) {
  using Code = FetchError::Code;
  switch (code) {
    case Code::bad_url:
    case Code::not_public:
      return "Http.Refused";
    case Code::unreachable:
    case Code::unsafe:
      return "Http.Unreachable";
    case Code::too_slow:
      return "Http.Timeout";
    case Code::too_large:
      return "Http.TooLarge";
    case Code::too_many_redirects:
    case Code::bad_answer:
    case Code::not_found:
    case Code::busy:
    case Code::stopped:
      return "Http.Malformed";
  }
  return "Http.Malformed";
}

outside::WayOutOptions with_lookups(outside::WayOutOptions options) {
  options.lookups = std::max(options.lookups, kLookups);
  return options;
}

TaskOutcome refusal_of(const outside::Answer& answer) {
  auto cause = fmt::format("{} {}", answer.status, header_text(answer.reason));
  if (!answer.body.empty()) {
    cause += is_plain_text(answer.body) ? fmt::format(": {}", beginning_of(answer.body, kQuotedCharacters))
                                        : fmt::format(": {} bytes that are no text", answer.body.size());
  }
  return failed(fmt::format("Http.Status.{}", answer.status), std::move(cause));
}

}  // namespace

TaskOutcome outcome_of(const outside::Answer& answer) {
  if (answer.status >= 400) return refusal_of(answer);
  std::vector<Member> output{{"StatusCode", Value::number(answer.status)}, {"Headers", headers_of(answer)}};
  const bool is_text = is_plain_text(answer.body);
  if (answer.body.empty()) return {.output = Value::object(std::move(output))};
  if (is_json(answer.header("Content-Type"))) {
    auto body = is_text ? jsonata::read_json(answer.body) : Result<Value, jsonata::Error>(Value());
    if (!body || body->is_undefined() || body->height() > kMostLevels)
      return failed("Http.Malformed",
                    body && is_text ? fmt::format("The answer's JSON is nested more than {} levels deep.", kMostLevels)
                                    : "The answer says that it is JSON, and it is not.");
    output.push_back({"Body", *std::move(body)});
  } else if (is_text) {
    output.push_back({"Body", Value::string(answer.body)});
  } else {
    output.push_back({"BodyBase64", Value::string(to_base64(answer.body))});
  }
  return {.output = Value::object(std::move(output))};
}

HttpTask::HttpTask(outside::WayOutOptions way_out, LaneLimits limits)
    : requester_({.way_out = with_lookups(std::move(way_out))}),
      lane_(limits, [this](const TaskCall& call, const std::stop_token& stop) { return ask(call, stop); }) {}

std::optional<TaskOutcome> HttpTask::ask(const TaskCall& call, const std::stop_token& stop) {
  Arguments arguments(call);
  outside::Request request{.method = arguments.text("Method", "GET")};
  const auto url = with_query(arguments.text("Url"), arguments.pairs("Query"));
  for (auto& [name, value] : arguments.pairs("Headers")) request.headers.push_back({name, value});
  const auto seconds = arguments.number("TimeoutSeconds", 0, kMostSeconds, 30);
  const auto bytes = arguments.number("MaxBytes", 0, kMostBytes, 256 << 10);
  if (arguments.mistake()) return arguments.mistake();
  for (const auto& header : request.headers) {
    if (outside::same_name(header.name, "Idempotency-Key"))
      return failed("Http.Refused", "`Idempotency-Key` is set for the task: it names the effect.");
  }
  request.headers.push_back({"Idempotency-Key", call.key});
  if (const auto* body = arguments.find("Body")) add_body(*body, request);
  const outside::RequestLimits limits{.time = std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1'000)),
                                      .bytes = static_cast<std::size_t>(bytes)};
  const auto answer = requester_.ask(url, std::move(request), limits, stop);
  if (answer) return outcome_of(*answer);
  if (answer.error().code == FetchError::Code::stopped) return std::nullopt;
  return failed(std::string(error_of(answer.error().code)), answer.error().detail);
}

}  // namespace flowstone::workers
