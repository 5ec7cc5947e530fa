#include "cli/serve/settings.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <fmt/core.h>
#include <fmt/ranges.h>

// toml++ 3.3 asserts, and in a release lets the compiler assume, that a key begins as one should, before it looks
// whether it does and says what is wrong.
#include <toml++/impl/preprocessor.h>
#undef TOML_ASSERT_ASSUME
#define TOML_ASSERT_ASSUME(expression) static_cast<void>(0)

#include <toml++/toml.h>

namespace flowstone::cli {
namespace {

const std::array kTable{
    Setting{.name = "data", .member = &Settings::data, .help = "Directory that holds the log, its index and the views"},
    Setting{.name = "listen", .member = &Settings::listen, .help = "HOST:PORT to listen on; port 0 picks a free one"},
    Setting{.name = "demo", .member = &Settings::demo, .help = "Make a demo workspace with a key in DIR/demo.key"},
    Setting{.name = "threads",
            .member = &Settings::threads,
            .help = "Network threads; 0: half the processors",
            .least = 0,
            .most = 256},
    Setting{.name = "blocking_threads",
            .member = &Settings::blocking_threads,
            .help = "Threads that may wait for the disk",
            .least = 1,
            .most = 256},
    Setting{.name = "tls_certificate",
            .member = &Settings::tls_certificate,
            .help = "Certificate chain as a PEM file; with it the server speaks HTTPS"},
    Setting{.name = "tls_key", .member = &Settings::tls_key, .help = "Private key of the certificate as a PEM file"},
    Setting{.name = "allowed_origins",
            .member = &Settings::allowed_origins,
            .help = "Web origins that browsers may call from (CORS), with commas; * allows any"},
    Setting{.name = "connections",
            .member = &Settings::connections,
            .help = "Connections at one time; one more is answered 503",
            .least = 1,
            .most = 1'000'000},
    Setting{.name = "log_format",
            .member = &Settings::log_format,
            .help = "Log lines on stderr: json, text, or auto (text on a terminal)",
            .choices = {"auto", "json", "text"}},
    Setting{.name = "access_log", .member = &Settings::access_log, .help = "Log a line for each request"},
    Setting{.name = "public_metrics", .member = &Settings::public_metrics, .help = "Serve /metrics without a key"},
    Setting{.name = "stop_seconds",
            .member = &Settings::stop_seconds,
            .help = "How long a stop waits for requests under way",
            .least = 0,
            .most = 3600},
    Setting{.name = "queue_mib",
            .member = &Settings::queue_mib,
            .help = "Appends waiting for the disk, in MiB; beyond this commands are answered 503",
            .least = 1,
            .most = 65'536},
    Setting{.name = "recent_mib",
            .member = &Settings::recent_mib,
            .help = "Latest part of the log kept in memory, in MiB",
            .least = 1,
            .most = 65'536},
    Setting{.name = "feed_mib",
            .member = &Settings::feed_mib,
            .help = "Encoded events kept in memory for those who follow, in MiB",
            .least = 1,
            .most = 65'536},
    Setting{.name = "view_cache_mib",
            .member = &Settings::view_cache_mib,
            .help = "Rows of the views cached in memory, in MiB",
            .least = 1,
            .most = 65'536},
    Setting{.name = "view_buffer_mib",
            .member = &Settings::view_buffer_mib,
            .help = "Write buffer of the views, in MiB",
            .least = 1,
            .most = 4'096},
    Setting{.name = "cached_entities",
            .member = &Settings::cached_entities,
            .help = "Entities whose state commands find in memory",
            .least = 1,
            .most = 100'000'000},
    Setting{.name = "lost_run_seconds",
            .member = &Settings::lost_run_seconds,
            .help = "How often runs without a heartbeat are looked for",
            .least = 1,
            .most = 3600},
};

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto comma = text.find(',');
    if (comma != 0) out.emplace_back(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return out;
}

std::optional<bool> truth_of(std::string_view text) {
  if (text == "true" || text == "1" || text == "yes" || text == "on") return true;
  if (text == "false" || text == "0" || text == "no" || text == "off") return false;
  return {};
}

// Assigns a text; the error says what the value must be.
Result<void, std::string> assign(const Setting& setting, std::string_view text, Settings& to) {
  if (const auto* member = std::get_if<bool Settings::*>(&setting.member)) {
    const auto truth = truth_of(text);
    if (!truth) return failure(std::string("must be true or false"));
    to.** member = *truth;
  } else if (const auto* number_member = std::get_if<std::uint64_t Settings::*>(&setting.member)) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    if (!whole || number < setting.least || number > setting.most) {
      return failure(fmt::format("must be a whole number from {} to {}", setting.least, setting.most));
    }
    to.** number_member = number;
  } else if (const auto* list_member = std::get_if<std::vector<std::string> Settings::*>(&setting.member)) {
    to.** list_member = split(text);
  } else {
    if (!setting.choices.empty() && std::ranges::find(setting.choices, text) == setting.choices.end()) {
      return failure(fmt::format("must be one of {}", fmt::join(setting.choices, ", ")));
    }
    to.*std::get<std::string Settings::*>(setting.member) = text;
  }
  return {};
}

const Setting* find_setting(std::string_view name) {
  const auto* found = std::ranges::find(kTable, name, &Setting::name);
  return found == kTable.end() ? nullptr : found;
}

std::optional<std::string> text_of_node(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* truth = node.as_boolean()) return truth->get() ? "true" : "false";
  const auto* list = node.as_array();
  if (list == nullptr) return {};
  std::vector<std::string> items;
  for (const auto& item : *list) {
    if (!item.is_string()) return {};
    items.push_back(item.as_string()->get());
  }
  return fmt::format("{}", fmt::join(items, ","));
}

Result<void, std::string> load_file(const std::string& file, LoadedSettings& into) {
  toml::table document;
  try {
    document = toml::parse_file(file);
  } catch (const toml::parse_error& error) {
    if (error.source().begin.line == 0) return failure(fmt::format("{}: {}", file, error.description()));
    return failure(fmt::format("{}:{}: {}", file, error.source().begin.line, error.description()));
  }
  for (const auto& [key, node] : document) {
    const auto* setting = find_setting(key.str());
    if (setting == nullptr) {
      return failure(fmt::format("{}:{}: '{}' is no setting; `flowstone config` lists them", file,
                                 node.source().begin.line, key.str()));
    }
    const auto text = text_of_node(node);
    const auto assigned =
        text ? assign(*setting, *text, into.settings)
             : Result<void, std::string>(failure(std::string("must be a text, number, truth value or list of texts")));
    if (!assigned)
      return failure(fmt::format("{}:{}: {} {}", file, node.source().begin.line, key.str(), assigned.error()));
    into.origins[std::string(setting->name)] = "file";
  }
  return {};
}

}  // namespace

std::string Setting::flag() const {
  std::string text(name);
  std::ranges::replace(text, '_', '-');
  return "--" + text;
}

std::string Setting::environment() const {
  std::string text("FLOWSTONE_");
  for (const char c : name) text += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

std::span<const Setting> setting_table() { return kTable; }

std::string value_of(const Setting& setting, const Settings& settings) {
  if (const auto* truth = std::get_if<bool Settings::*>(&setting.member)) return settings.**truth ? "true" : "false";
  if (const auto* number = std::get_if<std::uint64_t Settings::*>(&setting.member))
    return std::to_string(settings.**number);
  if (const auto* list = std::get_if<std::vector<std::string> Settings::*>(&setting.member)) {
    return fmt::format("{}", fmt::join(settings.**list, ","));
  }
  return settings.*std::get<std::string Settings::*>(setting.member);
}

Result<LoadedSettings, std::string> load_settings(const SettingSources& sources) {
  LoadedSettings loaded;
  for (const auto& setting : kTable) loaded.origins[std::string(setting.name)] = "default";
  auto file = sources.file;
  if (const char* named = sources.environment("FLOWSTONE_CONFIG"); file.empty() && named != nullptr) file = named;
  if (!file.empty()) FLOWSTONE_TRY_VOID(load_file(file, loaded));
  for (const auto& setting : kTable) {
    if (const char* value = sources.environment(setting.environment()); value != nullptr) {
      if (auto done = assign(setting, value, loaded.settings); !done)
        return failure(fmt::format("{} {}", setting.environment(), done.error()));
      loaded.origins[std::string(setting.name)] = "environment";
    }
    if (const auto given = sources.flags.find(setting.name); given != sources.flags.end()) {
      if (auto done = assign(setting, given->second, loaded.settings); !done)
        return failure(fmt::format("{} {}", setting.flag(), done.error()));
      loaded.origins[std::string(setting.name)] = "flag";
    }
  }
  return loaded;
}

std::string settings_markdown() {
  std::string out =
      "# Configuration\n\n"
      "Every setting of `flowstone serve` can be a flag, a variable of the environment or a key of a TOML file, and "
      "the first of\n"
      "these that gives it wins. The file is named by `--config FILE` or `FLOWSTONE_CONFIG`; a key that is no setting "
      "is refused.\n"
      "`flowstone config` prints the values in effect and where each comes from. This page is written by `flowstone "
      "config --markdown`.\n\n"
      "| flag | environment | file | default | meaning |\n| --- | --- | --- | --- | --- |\n";
  const Settings defaults;
  for (const auto& setting : kTable) {
    const auto value = value_of(setting, defaults);
    out += fmt::format("| `{}` | `{}` | `{}` | {} | {} |\n", setting.flag(), setting.environment(), setting.name,
                       value.empty() ? "" : "`" + value + "`", setting.help);
  }
  return out;
}

}  // namespace flowstone::cli
