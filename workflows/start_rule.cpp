#include "workflows/start_rule.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "asl/places.hpp"
#include "base/check.hpp"

namespace flowstone::workflows {
namespace {

constexpr std::size_t kMaxTriggerId = 80;

bool is_id(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
  };
  return !text.empty() && text.size() <= kMaxTriggerId && std::ranges::all_of(text, fits);
}

bool is_name(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

// "task.completed", "task.*", "*"
bool is_type(std::string_view text) {
  if (text == "*") return true;
  const auto dot = text.find('.');
  if (dot == std::string_view::npos || text.size() > 100) return false;
  return is_name(text.substr(0, dot)) && (text.substr(dot + 1) == "*" || is_name(text.substr(dot + 1)));
}

template <class Enum>
struct Word {
  std::string_view name;
  Enum value;
};
constexpr std::array kKinds = {Word<StartKind>{"schedule", StartKind::schedule},
                               Word<StartKind>{"event", StartKind::event},
                               Word<StartKind>{"webhook", StartKind::webhook}};
constexpr std::array kSignatures = {Word<Signature>{"standard", Signature::standard},
                                    Word<Signature>{"github", Signature::github}};
constexpr std::array kOverlaps = {Word<Overlap>{"skip", Overlap::skip}, Word<Overlap>{"queue", Overlap::queue},
                                  Word<Overlap>{"allow", Overlap::allow}};
constexpr std::array kCatchUps = {Word<CatchUp>{"none", CatchUp::none}, Word<CatchUp>{"last", CatchUp::last},
                                  Word<CatchUp>{"all", CatchUp::all}};

class StartRuleReader {
 public:
  StartRuleReader(const Value& value, std::string at, std::vector<Misfit>& misfits)
      : value_(value), at_(std::move(at)), misfits_(misfits) {}

  StartRule read() {
    trigger_.document = value_;
    if (!value_.is_object()) {
      error("wrong_type", "", "a trigger must be an object");
      return std::move(trigger_);
    }
    const auto* id = text("id");
    if (id == nullptr)
      missing("id");
    else if (!is_id(*id))
      error("unknown_value", "/id",
            fmt::format("Field \"id\" must have from 1 to {} letters, digits, `-`, `_` and `.`", kMaxTriggerId));
    else
      trigger_.id = *id;
    if (value_.find("kind") == nullptr)
      missing("kind");
    else if (choose("kind", kKinds, trigger_.kind))
      read_kind();
    return std::move(trigger_);
  }

 private:
  void error(std::string_view code, std::string_view path, std::string sentence) {
    misfits_.push_back({std::string(code), at_ + std::string(path), std::move(sentence)});
  }
  void missing(std::string_view name) {
    error("missing_field", "", fmt::format("a trigger must have the field \"{}\"", name));
  }

  void read_kind() {
    switch (trigger_.kind) {
      case StartKind::schedule:
        only({"id", "kind", "cron", "every", "time_zone", "overlap", "catch_up", "catch_up_window", "input"});
        read_schedule();
        break;
      case StartKind::event:
        only({"id", "kind", "types", "condition", "input"});
        read_types();
        read_condition();
        break;
      case StartKind::webhook:
        only({"id", "kind", "signature", "condition", "input"});
        choose("signature", kSignatures, trigger_.signature);
        read_condition();
        break;
    }
    read_input();
  }

  void only(std::initializer_list<std::string_view> names) {
    for (const auto& [key, value] : value_.members()) {
      if (std::ranges::find(names, key) == names.end())
        error("unknown_field", "/" + asl::pointer_token(key),
              fmt::format("Field \"{}\" is not allowed in this kind of trigger, which may have {}", key,
                          fmt::join(names, ", ")));
    }
  }

  // Null, and said so if it is no text.
  const std::string* text(const std::string& name) {
    const auto* found = value_.find(name);
    if (found == nullptr) return nullptr;
    if (found->is_string()) return &found->text();
    error("wrong_type", "/" + name, fmt::format("Field \"{}\" must be a string", name));
    return nullptr;
  }

  template <class Enum, std::size_t n>
  bool choose(const std::string& name, const std::array<Word<Enum>, n>& words, Enum& into) {
    const auto* given = text(name);
    if (given == nullptr) return false;
    const auto word = std::ranges::find(words, *given, &Word<Enum>::name);
    if (word == words.end()) {
      std::vector<std::string_view> names;
      for (const auto& each : words) names.push_back(each.name);
      error("unknown_value", "/" + name, fmt::format("Field \"{}\" must be one of {}", name, fmt::join(names, ", ")));
      return false;
    }
    into = word->value;
    return true;
  }

  void read_schedule() {
    if (const auto* name = text("time_zone")) {
      if (const auto zone = calendar::Zone::find(*name))
        trigger_.zone = *zone;
      else
        error("unknown_time_zone", "/time_zone", zone.error());
    }
    read_rule();
    choose("overlap", kOverlaps, trigger_.overlap);
    choose("catch_up", kCatchUps, trigger_.catch_up);
    const auto* window = text("catch_up_window");
    if (window == nullptr) return;
    const auto length = calendar::read_duration(*window);
    if (!length || *length < std::chrono::seconds(1) || *length > kLongestCatchUp)
      error("out_of_range", "/catch_up_window",
            "Field \"catch_up_window\" must be a duration from 1s to 31d, as in `1h30m`");
    else
      trigger_.catch_up_window = *length;
  }

  void read_rule() {
    const bool has_cron = value_.find("cron") != nullptr, has_every = value_.find("every") != nullptr;
    if (has_cron == has_every) {
      error(has_cron ? "exclusive_fields" : "missing_field", has_cron ? "/every" : "",
            has_cron ? "Field \"every\" must be left out beside \"cron\""
                     : "a schedule must have the field \"cron\" or \"every\"");
      return;
    }
    const std::string name = has_cron ? "cron" : "every";
    const auto* rule = text(name);
    if (rule == nullptr) return;
    if (has_cron && rule->starts_with("every ")) {
      error("invalid_schedule", "/cron", "Field \"cron\" must be a cron expression; an interval is in \"every\"");
      return;
    }
    auto whole = has_cron ? *rule : "every " + *rule;
    const auto schedule = calendar::Schedule::parse(whole, trigger_.zone, {});
    if (!schedule)
      error("invalid_schedule", "/" + name, schedule.error());
    else
      trigger_.rule = std::move(whole);
  }

  void read_types() {
    const auto* types = value_.find("types");
    if (types == nullptr) return missing("types");
    if (!types->is_array() || types->items().empty() || types->items().size() > kMaxTriggerTypes)
      return error("wrong_type", "/types",
                   fmt::format("Field \"types\" must be a list of 1 to {} types of events", kMaxTriggerTypes));
    for (std::size_t at = 0; at < types->items().size(); ++at) {
      const auto& type = types->items()[at];
      const auto path = fmt::format("/types/{}", at);
      if (!type.is_string() || !is_type(type.text()))
        error("unknown_value", path, "a type is written `task.completed`, `task.*` for all of a category, or `*`");
      else if (type.text() == kEvaluationType)
        error("unknown_value", path, "the evaluations of triggers set no trigger off");
      else
        trigger_.types.push_back(type.text());
    }
  }

  void read_condition() {
    const auto* condition = text("condition");
    if (condition == nullptr) return;
    auto compiled = Condition::compile(*condition);
    if (compiled)
      trigger_.condition = *std::move(compiled);
    else
      error("expression_does_not_compile", "/condition", jsonata::sentence_of(compiled.error()));
  }

  void read_input() {
    const auto* input = value_.find("input");
    if (input == nullptr) return;
    auto compiled = InputTemplate::compile(*input);
    if (compiled) {
      trigger_.input = *std::move(compiled);
      return;
    }
    for (auto& misfit : compiled.error()) error(misfit.code, "/input" + misfit.path, std::move(misfit.sentence));
  }

  const Value& value_;
  const std::string at_;
  std::vector<Misfit>& misfits_;
  StartRule trigger_;
};

}  // namespace

calendar::Schedule StartRule::schedule(Timestamp anchor) const {
  auto parsed = calendar::Schedule::parse(rule, zone, anchor);
  check(parsed.has_value(), "a schedule that was read is one");
  return *std::move(parsed);
}

bool StartRule::wants(std::string_view type) const {
  if (type == kEvaluationType) return false;
  return std::ranges::any_of(types, [type](std::string_view wanted) {
    if (!wanted.ends_with('*')) return wanted == type;
    return type.starts_with(wanted.substr(0, wanted.size() - 1));
  });
}

Result<StartRule, std::vector<Misfit>> read_start_rule(const Value& value) {
  std::vector<Misfit> misfits;
  auto trigger = StartRuleReader(value, "", misfits).read();
  if (!misfits.empty()) return failure(std::move(misfits));
  return trigger;
}

Result<StartRule, std::string> event_rule(const Value& types, const std::string& condition) {
  std::vector<jsonata::Member> members{{"id", Value::string("wait")},
                                       {"kind", Value::string("event")},
                                       {"types", types.is_array() ? types : Value::array({types})}};
  if (!condition.empty()) members.push_back({"condition", Value::string(condition)});
  auto rule = read_start_rule(Value::object(std::move(members)));
  if (rule) return *std::move(rule);
  const auto& first = rule.error().front();
  return failure(fmt::format("`{}`: {}", first.path == "/condition" ? "Condition" : "Type", first.sentence));
}

Result<std::vector<StartRule>, std::vector<Misfit>> read_start_rules(const Value& value) {
  std::vector<Misfit> misfits;
  if (!value.is_array() || value.items().size() > kMaxTriggers) {
    misfits.push_back({"wrong_type", "", fmt::format("Field \"triggers\" must be a list of at most {}", kMaxTriggers)});
    return failure(std::move(misfits));
  }
  std::vector<StartRule> triggers;
  std::set<std::string> ids;
  for (std::size_t at = 0; at < value.items().size(); ++at) {
    const auto path = fmt::format("/{}", at);
    triggers.push_back(StartRuleReader(value.items()[at], path, misfits).read());
    const auto& id = triggers.back().id;
    if (!id.empty() && !ids.insert(id).second)
      misfits.push_back({"duplicate_id", path + "/id", fmt::format("there is another trigger with the id \"{}\"", id)});
  }
  if (!misfits.empty()) return failure(std::move(misfits));
  return triggers;
}

}  // namespace flowstone::workflows
