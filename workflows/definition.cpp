#include "workflows/definition.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <tuple>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "asl/places.hpp"
#include "base/bytes.hpp"
#include "base/digest.hpp"
#include "jsonata/json_text.hpp"
#include "workflows/canonical.hpp"
#include "workflows/resources.hpp"

namespace flowstone::workflows {
namespace {

std::size_t characters_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
}

class Reader {
 public:
  explicit Reader(Definition& definition) : definition_(definition) {}
  Problems problems;

  void read() {
    const Value& document = definition_.source.value;
    if (!document.is_object()) {
      error("wrong_type", "", "a definition must be an object");
      return;
    }
    definition_.document = document;
    if (is_machine(document)) {
      read_machine(document, "");
      definition_.document = Value::object({{"body", document}});
      return;
    }
    only(document, "", "a definition", {"name", "description", "triggers", "inputs", "concurrency", "layout", "body"});
    definition_.name = text_of(document, "name", 1, kMaxWorkflowName);
    definition_.description = text_of(document, "description", 0, kMaxDescription);
    if (const auto* inputs = document.find("inputs")) read_inputs(*inputs);
    if (const auto* triggers = document.find("triggers")) read_all_triggers(*triggers);
    if (const auto* concurrency = document.find("concurrency")) read_concurrency(*concurrency);
    if (const auto* layout = document.find("layout")) read_layout(*layout);
    if (const auto* body = document.find("body"))
      read_machine(*body, "/body");
    else
      error("missing_field", "", "A definition must have the field \"body\", a state machine");
  }

 private:
  static bool is_machine(const Value& document) {
    return document.find("body") == nullptr &&
           (document.find("StartAt") != nullptr || document.find("States") != nullptr);
  }

  void add(Severity severity, std::string_view code, const std::string& path, std::string sentence) {
    problems.push_back({.severity = severity,
                        .code = std::string(code),
                        .path = path,
                        .place = definition_.source.place_of(path),
                        .sentence = std::move(sentence)});
  }
  void error(std::string_view code, const std::string& path, std::string sentence) {
    add(Severity::error, code, path, std::move(sentence));
  }

  void only(const Value& object, const std::string& at, std::string_view what,
            std::initializer_list<std::string_view> names) {
    for (const auto& [key, value] : object.members()) {
      if (std::ranges::find(names, key) == names.end())
        error("unknown_field", at + "/" + asl::pointer_token(key),
              fmt::format("Field \"{}\" is not allowed in {}, which may have {}", key, what, fmt::join(names, ", ")));
    }
  }

  std::string text_of(const Value& object, const std::string& name, std::size_t least, std::size_t most) {
    const auto* value = object.find(name);
    if (value == nullptr) return {};
    if (!value->is_string()) {
      error("wrong_type", "/" + name, fmt::format("Field \"{}\" must be a string", name));
      return {};
    }
    const auto count = characters_of(value->text());
    if (count < least || count > most)
      error("out_of_range", "/" + name,
            fmt::format("Field \"{}\" must have from {} to {} characters", name, least, most));
    return value->text();
  }

  void read_inputs(const Value& inputs) {
    auto compiled = InputSchema::compile(inputs);
    if (compiled) {
      definition_.inputs = *std::move(compiled);
      return;
    }
    for (auto& misfit : compiled.error()) error(misfit.code, "/inputs" + misfit.path, std::move(misfit.sentence));
  }

  void read_all_triggers(const Value& triggers) {
    auto read = read_start_rules(triggers);
    if (read) {
      definition_.triggers = *std::move(read);
      return;
    }
    for (auto& misfit : read.error()) error(misfit.code, "/triggers" + misfit.path, std::move(misfit.sentence));
  }

  void read_concurrency(const Value& value) {
    if (!value.is_object()) {
      error("wrong_type", "/concurrency", "Field \"concurrency\" must be an object");
      return;
    }
    only(value, "/concurrency", "concurrency", {"mode", "max"});
    Concurrency& concurrency = definition_.concurrency;
    if (const auto* mode = value.find("mode")) {
      const auto known = mode->is_string() ? mode_named(mode->text()) : std::nullopt;
      if (known)
        concurrency.mode = *known;
      else
        error("unknown_value", "/concurrency/mode",
              "Field \"mode\" is not one of the allowed values [\"single\", \"restart\", \"queued\", \"parallel\"]");
    }
    if (const auto* max = value.find("max")) read_max(*max, concurrency);
  }

  void read_max(const Value& value, Concurrency& concurrency) {
    const bool whole = value.is_number() && value.as_number() == std::floor(value.as_number());
    if (!whole || value.as_number() < 1 || value.as_number() > kMaxConcurrency) {
      error(value.is_number() ? "out_of_range" : "wrong_type", "/concurrency/max",
            fmt::format("Field \"max\" must be a whole number from 1 to {}", kMaxConcurrency));
      return;
    }
    if (concurrency.mode == Concurrency::Mode::single || concurrency.mode == Concurrency::Mode::restart) {
      error("exclusive_fields", "/concurrency/max",
            "Field \"max\" is only of the modes \"queued\" and \"parallel\"; in the others one runs at a time");
      return;
    }
    concurrency.max = static_cast<std::uint32_t>(value.as_number());
  }

  static std::optional<Concurrency::Mode> mode_named(std::string_view name) {
    using Mode = Concurrency::Mode;
    if (name == "single") return Mode::single;
    if (name == "restart") return Mode::restart;
    if (name == "queued") return Mode::queued;
    if (name == "parallel") return Mode::parallel;
    return std::nullopt;
  }

  void read_layout(const Value& layout) {
    if (layout.is_object())
      definition_.layout = layout;
    else
      error("wrong_type", "/layout", "Field \"layout\" must be an object");
  }

  void read_machine(const Value& body, const std::string& at) {
    if (!body.is_object()) {
      error("wrong_type", at, "Field \"body\" must be an object, a state machine");
      return;
    }
    const auto text = jsonata::write_json(body, asl::kMaxDefinitionBytes);
    if (!text) {
      error("too_long", at, fmt::format("a state machine has at most {} bytes", asl::kMaxDefinitionBytes));
      return;
    }
    check_resources(body, at, [this](asl::Problem problem) {
      add(problem.severity, problem.code, problem.path, std::move(problem.sentence));
    });
    auto machine = asl::read_definition(*text);
    for (auto& problem : machine ? machine->warnings : machine.error())
      add(problem.severity, problem.code, at + problem.path, std::move(problem.sentence));
    if (machine) definition_.machine = *std::move(machine);
  }

  Definition& definition_;
};

}  // namespace

Result<Definition, Problems> read_definition(std::string_view text, Format format) {
  FLOWSTONE_TRY(auto source, read_source(text, format));
  Definition definition;
  definition.source = std::move(source);
  Reader reader(definition);
  reader.read();
  auto problems = std::move(reader.problems);
  std::ranges::move(definition.source.warnings, std::back_inserter(problems));
  if (!has_errors(problems) && !jsonata::write_json(definition.document, kMaxDefinitionBytes))
    problems.push_back({.severity = Severity::error,
                        .code = "too_long",
                        .path = "",
                        .place = {},
                        .sentence = fmt::format("a definition has at most {} bytes as JSON", kMaxDefinitionBytes)});
  std::ranges::sort(problems, {},
                    [](const Problem& each) { return std::tie(each.place, each.path, each.code, each.sentence); });
  if (has_errors(problems)) return failure(std::move(problems));
  definition.warnings = std::move(problems);
  return definition;
}

Problems lint(std::string_view text, Format format) {
  auto read = read_definition(text, format);
  return read ? std::move(read->warnings) : std::move(read.error());
}

std::string json_of(const Definition& definition) {
  return jsonata::write_json(definition.document, kMaxDefinitionBytes).value_or("{}");
}

std::string digest_of(const Definition& definition) {
  return to_hex(view(sha256(canonical_json(definition.document))));
}

}  // namespace flowstone::workflows
