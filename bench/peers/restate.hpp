// A Restate server of the bench's own with a service of three durable steps beside it, in Node, as its packages on npm
// bring them: default settings, and so default durability (its log is synced before a step counts as done).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace flowstone::bench {

// Lifetime: both processes run until the object goes; they die with this process even if that is killed.
// Limits: they listen on loopback alone, on ports that were free when the object was made.
class Restate {
 public:
  // True if the npm packages are there; `cmake/npm_install bench/peers/npm` gets them.
  static bool installed();

  // What a client posts to `port`: "POST /Order/run" with {"order": TEXT}, answered by {"order": TEXT and the steps}.
  static constexpr std::string_view kCall = "POST /Order/run";

  // Starts both with their data below `directory` and registers the service. To be made before this process has other
  // threads.
  explicit Restate(const std::filesystem::path& directory);
  ~Restate();
  Restate(const Restate&) = delete;
  Restate& operator=(const Restate&) = delete;

  [[nodiscard]] std::uint16_t port() const { return ingress_; }

 private:
  void start_service(const std::filesystem::path& log);
  void start_server(const std::filesystem::path& log);
  void register_service() const;

  std::filesystem::path data_;
  std::uint16_t ingress_, admin_, node_, steps_;
  pid_t service_ = 0, server_ = 0;
};

}  // namespace flowstone::bench
