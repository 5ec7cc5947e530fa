// The arguments of a task, read one after the other; the first mistake in them is what is told.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workers/tasks/task.hpp"

namespace flowstone::workers {

TaskOutcome failed(std::string error, std::string cause);

// The text, if it is valid UTF-8 without U+0000: what JSON can say and events can keep.
bool is_plain_text(std::string_view bytes);
// The first characters of a text.
std::string_view beginning_of(std::string_view utf8, std::size_t characters);

// null is an argument that was not given.
class Arguments {
 public:
  // Arguments that the call's resource does not have (workflows/resources.hpp) are a mistake.
  explicit Arguments(const TaskCall& call);

  // Null if it was not given.
  [[nodiscard]] const Value* find(std::string_view name) const;
  std::string text(std::string_view name);  // must be given, and not empty
  std::string text(std::string_view name, std::string otherwise);
  double number(std::string_view name, double least, double most);  // must be given
  double number(std::string_view name, double least, double most, double otherwise);
  std::vector<std::string> texts(std::string_view name);
  // The members of an object whose values are texts, numbers or truth values, as texts.
  std::vector<std::pair<std::string, std::string>> pairs(std::string_view name);

  // "`Name` must be ..."
  void refuse(std::string_view name, std::string_view must_be);
  // `Task.Invalid` with the first mistake.
  [[nodiscard]] const std::optional<TaskOutcome>& mistake() const { return mistake_; }

 private:
  const Value input_;
  std::optional<TaskOutcome> mistake_;
};

}  // namespace flowstone::workers
