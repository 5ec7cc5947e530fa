// Walks a compiled expression over an input. One evaluator is one evaluation, on one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "jsonata/ast.hpp"
#include "jsonata/expression.hpp"
#include "jsonata/frame.hpp"
#include "jsonata/function.hpp"
#include "jsonata/value.hpp"

namespace flowstone::jsonata {

class Evaluator {
 public:
  explicit Evaluator(const Context& context) : context_(context) {}

  Value run(const Program& program, const Value& input, const Bindings& bindings);
  // What $eval does: the text becomes a program of this evaluation.
  Value run_text(const std::string& text, const Value& input, const FrameRef& frame);

  Value evaluate(const Ast& node, const Value& input, const FrameRef& frame);
  // Calls a function; `input` stands in for a missing argument that its signature takes from the context.
  Value apply(const Value& function, std::vector<Value> arguments, const Value& input, const FrameRef& frame);
  [[nodiscard]] const Context& context() const { return context_; }

  // The items of a sequence for which the predicate holds, or those at the positions it gives.
  Value filter(const Ast& predicate, const Value& input, const FrameRef& frame);
  Value transform(const Transformer& transformer, const Value& input);

 private:
  struct Grouped;

  Value evaluate_form(const Ast& node, const Value& input, const FrameRef& frame);
  Value evaluate_block(const Ast& node, const Value& input, const FrameRef& frame);
  Value evaluate_condition(const Ast& node, const Value& input, const FrameRef& frame);
  Value evaluate_variable(const Ast& node, const Value& input, const FrameRef& frame);
  Value evaluate_array(const Ast& node, const Value& input, const FrameRef& frame);
  Value evaluate_range(const Ast& node, const Value& input, const FrameRef& frame);
  Value evaluate_negation(const Ast& node, const Value& input, const FrameRef& frame);
  Value evaluate_operation(const Ast& node, const Value& input, const FrameRef& frame);

  // paths
  Value evaluate_path(const Ast& path, const Value& input, const FrameRef& frame);
  Value walk(const Ast& path, const Value& input, const FrameRef& frame);
  Value walk_in_tuples(const Ast& path, std::size_t from, Value current, const FrameRef& frame);
  Value step(const Ast& step, const Value& input, const FrameRef& frame, bool last);
  Value step_in_tuples(const Ast& step, const Value& input, const FrameRef& frame);
  void bind_results(const Ast& step, const Value& tuple, const Value& results, std::vector<Value>& into);
  Value sort_in_tuples(const Ast& step, const Value& input, const FrameRef& frame);
  Value apply_stages(const Ast& step, Value input, const FrameRef& frame);
  Value sort(const Ast& node, const Value& input, const FrameRef& frame);
  Value group(const Group& group, const Value& input, const FrameRef& frame);
  void group_item(const Group& group, const Value& item, bool tuples, const FrameRef& frame,
                  std::vector<Grouped>& groups);

  // functions
  Value evaluate_call(const Ast& node, const Value& input, const FrameRef& frame,
                      const Value* first_argument = nullptr);
  Value evaluate_partial(const Ast& node, const Value& input, const FrameRef& frame);
  Value evaluate_apply(const Ast& node, const Value& input, const FrameRef& frame);
  Value callee(const Ast& call, const Value& input, const FrameRef& frame, const char* code_without_dollar);
  Value apply_once(const Value& function, std::vector<Value> arguments, const Value& input, const FrameRef& frame);
  Value apply_lambda(const Lambda& lambda, std::vector<Value> arguments, const Value& input);
  Value apply_partial(const Partial& partial, std::vector<Value> arguments, const Value& input, const FrameRef& frame);
  Value finish_tail_calls(Value result);

  const Context& context_;
  Frames frames_;
  std::vector<std::shared_ptr<const Program>> programs_;  // of $eval
};

// What the steps * and ** and a name find in a value.
Value look_up(const Value& input, std::string_view name);
Value wildcard(const Value& input);
Value descendants(const Value& input);

// A frame with what the tuple binds.
FrameRef frame_of_tuple(const Value& tuple, const FrameRef& outer);

// A match of a regular expression as the language shows it; undefined where there is none.
Value match_object(const std::shared_ptr<const Regex>& regex, const Value& text, std::size_t from);

}  // namespace flowstone::jsonata
