// Reads a definition and reports all that is wrong with it; the parts of it are in reader*.cpp.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "asl/definition.hpp"
#include "asl/report.hpp"

namespace flowstone::asl {

class Reader {
 public:
  Reader(Report& report, const ReadOptions& options) : report_(report), options_(options) {}

  void read(const Value& document, Definition& definition);

 private:
  enum class Role : std::uint8_t { whole, branch, processor };

  void read_machine(const Value& document, const std::string& at, Role role, Machine& machine);
  void read_machine_fields(const Value& document, const std::string& at, Role role, Machine& machine);
  void read_processor_config(const Value& config, const std::string& at, Machine& machine);
  void read_state(const Value& document, State& state);
  void read_language(const Value& document, State& state);
  void read_field(const FieldRule& rule, const Value& value, State& state);
  void read_special(Field field, const Value& value, State& state);
  void read_branches(const Value& value, const std::string& at, State& state);
  void check_fields_together(const Value& document, const State& state);
  void check_task(const Value& document, const State& state);
  void check_resource(const std::string& resource, const std::string& at);

  // reader_value.cpp
  std::optional<Template> shaped(const FieldRule& rule, const Value& value, QueryLanguage language,
                                 const std::string& at);
  std::optional<Template> path_shaped(const FieldRule& rule, const Value& value, const std::string& at);
  std::optional<Template> number_shaped(const FieldRule& rule, const Value& value, const std::string& at);
  std::optional<Template> time_shaped(const FieldRule& rule, const Value& value, const std::string& at);
  Template payload(const Value& value, QueryLanguage language, const std::string& at);
  Template payload_object(const Value& value, QueryLanguage language, const std::string& at);
  Template payload_text(const Value& value, const std::string& at);
  std::optional<Template> assignment(const Value& value, QueryLanguage language, const std::string& at);

  // reader_rule.cpp
  void read_choices(const Value& value, const std::string& at, State& state);
  ChoiceRule read_rule(const Value& value, const std::string& at, QueryLanguage language);
  Condition read_condition(const Value& value, const std::string& at, std::uint32_t nesting);
  void read_parts(const Value& value, std::string_view name, const std::string& at, std::uint32_t nesting,
                  Condition& condition);
  void read_comparison(const Value& value, const std::string& at, Comparison& comparison);
  void read_compared(std::string_view name, const Value& value, const std::string& at, Comparison& comparison);
  void read_retriers(const Value& value, const std::string& at, State& state);
  void read_catchers(const Value& value, const std::string& at, State& state);
  std::vector<std::string> read_errors(const Value& value, const std::string& at);

  // What is common.
  void only(const Value& object, const std::string& at, std::string_view what,
            std::initializer_list<std::string_view> names);
  bool exclusive(const Value& object, const std::string& at, std::string_view what,
                 std::initializer_list<std::string_view> names, bool required);
  bool require(const Value& object, const std::string& at, std::string_view what, std::string_view name);
  std::string text_of(const Value& object, std::string_view name, const std::string& at);
  std::optional<double> number_of(const Value& object, std::string_view name, const std::string& at, double least,
                                  bool whole, std::string_view least_words);

  Report& report_;
  const ReadOptions& options_;
  QueryLanguage language_ = QueryLanguage::json_path;  // of the whole machine
  std::uint32_t nesting_ = 0;
};

// graph.cpp: the links between states.
void check_links(const Value& document, Report& report);

// "a Pass state", "an Output"
std::string with_article(std::string_view name);
// ["A", "B"]
std::string list_text(std::initializer_list<std::string_view> names);

}  // namespace flowstone::asl
