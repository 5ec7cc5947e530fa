// Large documents over a real socket: how fast a form is stored, and how much memory the server takes for it.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>

#include "bench/http_lane.hpp"
#include "bench/whole_server.hpp"

namespace flowstone::bench {
namespace {

constexpr std::size_t kPiece = 256 << 10;
constexpr double kMiB = 1 << 20;

// "VmHWM", "VmRSS" of this process, in MiB.
double memory(std::string_view name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name)) return std::strtod(line.c_str() + line.find(':') + 1, nullptr) / 1024;
  }
  return 0;
}

// The peak counts from here.
void forget_peak() { std::ofstream("/proc/self/clear_refs") << "5"; }

void send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    check(sent > 0, "the server takes the form");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

// Bytes that no compressor makes small, different for each upload.
std::string noise(std::uint64_t seed) {
  std::string bytes(kPiece, '\0');
  for (char& byte : bytes) {
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    byte = static_cast<char>(seed >> 56U);
  }
  return bytes;
}

// One document of so many bytes as a new version; the first line of the answer.
std::string upload(const WholeServer& server, const std::string& bundle, std::uint64_t bytes, std::uint64_t seed) {
  const std::string head = "--b\r\nContent-Disposition: form-data; name=\"documents\"; filename=\"large.bin\"\r\n\r\n";
  const std::string tail = "\r\n--b--\r\n";
  const int socket = connect_to(server.port());
  check(socket >= 0, "the client connects");
  send_all(socket, fmt::format("POST /v1/bundles/{}/versions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {}\r\n"
                               "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {}\r\n\r\n",
                               bundle, server.key(), head.size() + bytes + tail.size()));
  send_all(socket, head);
  std::string piece = noise(seed);
  for (std::uint64_t sent = 0; sent < bytes; sent += kPiece) {
    piece[0] = static_cast<char>(sent >> 18U);  // no two pieces are alike
    send_all(socket, std::string_view(piece).substr(0, std::min<std::uint64_t>(kPiece, bytes - sent)));
  }
  send_all(socket, tail);
  std::string answer(4096, '\0');
  const auto count = ::recv(socket, answer.data(), answer.size(), 0);
  check(count > 0, "the server answers");
  ::close(socket);
  return answer.substr(0, static_cast<std::size_t>(count));
}

void measure(WholeServer& server, std::string_view name, std::uint64_t bytes, int at_once) {
  // One each: a bundle takes in one version at a time.
  std::vector<std::string> bundles;
  for (int at = 0; at < at_once; ++at) bundles.push_back(server.run("create_bundle", "", R"({"name":"Large"})"));
  const double idle = memory("VmRSS");
  forget_peak();
  const auto began = std::chrono::steady_clock::now();
  std::vector<std::string> answers(static_cast<std::size_t>(at_once));
  {
    std::vector<std::jthread> clients;
    for (int at = 0; at < at_once; ++at) {
      clients.emplace_back([&, at] {
        const auto place = static_cast<std::size_t>(at);
        answers[place] = upload(server, bundles[place], bytes, place + 1);
      });
    }
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  for (const std::string& answer : answers) check(answer.starts_with("HTTP/1.1 202 "), answer);
  const double total = static_cast<double>(bytes) * at_once / kMiB;
  report({.measure = fmt::format("{}, stored", name),
          .value = total / took.count(),
          .unit = "MiB/s",
          .at_least = {},
          .at_most = {},
          .beside = {}});
  report({.measure = fmt::format("{}, peak memory above idle", name),
          .value = memory("VmHWM") - idle,
          .unit = "MiB",
          .at_least = {},
          .at_most = 96,
          .beside = fmt::format("idle {:.0f} MiB; sent {:.0f} MiB", idle, total)});
}

}  // namespace
}  // namespace flowstone::bench

int main(int count, char** arguments) {
  using namespace flowstone::bench;  // NOLINT: the program
  const auto options = options_of(count, arguments);
  {
    WholeServer server(options.directory / "data");
    measure(server, "warm-up", 1 << 20, 1);
    measure(server, "one upload of 200 MB", options.tiny ? 4'000'000 : 200'000'000, 1);
    measure(server, "16 uploads of 50 MB at once", options.tiny ? 500'000 : 50'000'000, options.tiny ? 4 : 16);
  }
  remove_directory(options);
  return 0;
}
