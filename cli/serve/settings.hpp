// What the operator may set. One table gives the flags, the environment's names, the keys of the TOML file, the
// defaults, the help and docs/configuration.md.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"

namespace flowstone::cli {

struct Settings {
  std::string data = "flowstone-data";
  std::string listen = "127.0.0.1:8080";
  bool demo = false;
  std::uint64_t threads = 0;
  std::uint64_t blocking_threads = 4;
  std::string tls_certificate;
  std::string tls_key;
  std::vector<std::string> allowed_origins;
  std::uint64_t connections = 12'000;
  std::string log_format = "auto";
  bool access_log = true;
  bool public_metrics = true;
  std::uint64_t stop_seconds = 10;
  std::uint64_t queue_mib = 64;
  std::uint64_t recent_mib = 32;
  std::uint64_t feed_mib = 64;
  std::uint64_t view_cache_mib = 64;
  std::uint64_t view_buffer_mib = 32;
  std::uint64_t cached_entities = 50'000;
  std::uint64_t lost_run_seconds = 1;
  std::vector<std::string> fetch_hosts;
  std::vector<std::string> task_http_hosts;
  std::uint64_t http_tasks = 64;
  std::vector<std::string> task_programs;

  bool operator==(const Settings&) const = default;
};

struct Setting {
  using Member = std::variant<std::string Settings::*, std::uint64_t Settings::*, bool Settings::*,
                              std::vector<std::string> Settings::*>;
  std::string_view name;  // "log_format": the TOML key; --log-format and FLOWSTONE_LOG_FORMAT
  Member member;
  std::string_view help;
  std::uint64_t least = 0, most = 0;           // of numbers
  std::vector<std::string_view> choices = {};  // of texts; empty: any

  [[nodiscard]] std::string flag() const;
  [[nodiscard]] std::string environment() const;
};

std::span<const Setting> setting_table();

// The value as text: lists with commas, truth as "true" or "false".
std::string value_of(const Setting& setting, const Settings& settings);

// Where values come from, the strongest first: flags, environment, file, defaults.
struct SettingSources {
  std::map<std::string, std::string, std::less<>> flags;                // by name
  std::function<const char*(const std::string& variable)> environment;  // nullptr where it is not set
  std::string file;                                                     // empty: FLOWSTONE_CONFIG; both empty: none
};
struct LoadedSettings {
  Settings settings;
  std::map<std::string, std::string, std::less<>> origins;  // by name: "flag", "environment", "file" or "default"
};
// The error names the setting, where it was given, and what it must be. Unknown keys of the file are refused by name.
Result<LoadedSettings, std::string> load_settings(const SettingSources& sources);

// docs/configuration.md
std::string settings_markdown();

}  // namespace flowstone::cli
