// Calls: built-in functions, lambdas, partial application, composition, tail calls.
#include "jsonata/evaluator.hpp"
#include "jsonata/failure.hpp"
#include "jsonata/meter.hpp"
#include "jsonata/sequence.hpp"

namespace flowstone::jsonata {
namespace {

// What a call is named in errors: its function's name.
std::string name_of_call(const Ast& call) {
  const Ast& callee = *call.children[0];
  return callee.form == Form::path ? callee.children[0]->text : callee.text;
}

// Where an error says neither, it happened in this call.
void place_failure(Failure& failure, const Ast& call) {
  if (failure.error.position == kNowhere) failure.error.position = call.position;
  if (failure.error.token.empty()) failure.error.token = name_of_call(call);
}

const Value& unwrapped(const Value& input) { return input.marked(Mark::wrapper) ? input.items().front() : input; }

}  // namespace

Value Evaluator::callee(const Ast& call, const Value& input, const FrameRef& frame, const char* code_without_dollar) {
  const Ast& node = *call.children[0];
  Value function = evaluate(node, input, frame);
  if (function.is_undefined() && node.form == Form::path) {
    const std::string& name = node.children[0]->text;
    if (frame->find(name) != nullptr || find_built_in(name) != nullptr)
      fail(code_without_dollar, {.position = call.position, .token = name});
  }
  return function;
}

Value Evaluator::evaluate_call(const Ast& node, const Value& input, const FrameRef& frame,
                               const Value* first_argument) {
  const Value function = callee(node, input, frame, "T1005");
  std::vector<Value> arguments;
  arguments.reserve(node.children.size());
  if (first_argument != nullptr) arguments.push_back(*first_argument);
  for (std::size_t at = 1; at < node.children.size(); ++at)
    arguments.push_back(evaluate(*node.children[at], input, frame));
  try {
    return apply(function, std::move(arguments), input, frame);
  } catch (Failure& failure) {
    place_failure(failure, node);
    throw;
  }
}

Value Evaluator::apply(const Value& function, std::vector<Value> arguments, const Value& input, const FrameRef& frame) {
  return finish_tail_calls(apply_once(function, std::move(arguments), input, frame));
}

Value Evaluator::finish_tail_calls(Value result) {
  while (result.is_function()) {
    const auto* tail = std::get_if<TailCall>(&function_of(result));
    if (tail == nullptr) break;
    const Value keeps_alive = result;
    const Value function = callee(*tail->call, tail->input, tail->frame, "T1005");
    std::vector<Value> arguments;
    for (std::size_t at = 1; at < tail->call->children.size(); ++at)
      arguments.push_back(evaluate(*tail->call->children[at], tail->input, tail->frame));
    try {
      result = apply_once(function, std::move(arguments), tail->input, tail->frame);
    } catch (Failure& failure) {
      place_failure(failure, *tail->call);
      throw;
    }
  }
  return result;
}

Value Evaluator::apply_once(const Value& function, std::vector<Value> arguments, const Value& input,
                            const FrameRef& frame) {
  if (!function.is_function()) fail("T1006", {.value = function});
  const auto& any = function_of(function);
  if (const auto* native = std::get_if<Native>(&any)) {
    auto checked = native->signature->checked(arguments, unwrapped(input));
    Call call{*this, checked, unwrapped(input), frame, native->built_in->name};
    return native->built_in->run(call);
  }
  if (const auto* lambda = std::get_if<Lambda>(&any)) {
    if (lambda->frame->closed()) fail("T1006");  // its definition may be gone with its expression
    if (lambda->definition->signature) arguments = lambda->definition->signature->checked(arguments, unwrapped(input));
    return apply_lambda(*lambda, std::move(arguments), input);
  }
  if (const auto* partial = std::get_if<Partial>(&any))
    return apply_partial(*partial, std::move(arguments), input, frame);
  if (const auto* both = std::get_if<Composition>(&any)) {
    const Level level;
    return apply(both->second, {apply(both->first, std::move(arguments), input, frame)}, {}, frame);
  }
  const Value first = arguments.empty() ? Value() : arguments[0];
  if (const auto* matcher = std::get_if<Matcher>(&any)) return match_object(matcher->regex, first, 0);
  if (const auto* next = std::get_if<NextMatch>(&any)) return match_object(next->regex, next->text, next->from);
  if (const auto* transformer = std::get_if<Transformer>(&any)) {
    static const auto kSignature = Signature::parse("<(oa):o>", 0);
    return transform(*transformer, kSignature->checked(arguments, unwrapped(input))[0]);
  }
  if (const auto* host = std::get_if<Host>(&any))
    return host->run(host->signature->checked(arguments, unwrapped(input)));
  fail("T1006", {.value = function});
}

Value Evaluator::apply_lambda(const Lambda& lambda, std::vector<Value> arguments, const Value& /*input*/) {
  const auto frame = Frame::inside(lambda.frame);
  const auto& parameters = lambda.definition->parameters;
  for (std::size_t at = 0; at < parameters.size(); ++at)
    frame->bind(parameters[at], at < arguments.size() ? std::move(arguments[at]) : Value());
  return evaluate(*lambda.definition->children[0], lambda.input, frame);
}

Value Evaluator::apply_partial(const Partial& partial, std::vector<Value> arguments, const Value& input,
                               const FrameRef& frame) {
  const Level level;
  std::vector<Value> all;
  std::size_t next = 0;
  std::size_t given = 0;
  for (std::size_t at = 0; at < partial.arguments.size(); ++at) {
    const bool filled = partial.open[at] && next < arguments.size();
    all.push_back(filled ? arguments[next++] : partial.arguments[at]);
    if (filled || !partial.open[at]) given = at + 1;
  }
  all.resize(given);
  return apply(partial.function, std::move(all), input, frame);
}

Value Evaluator::evaluate_partial(const Ast& node, const Value& input, const FrameRef& frame) {
  Partial partial;
  partial.function = callee(node, input, frame, "T1007");
  if (!partial.function.is_function())
    fail("T1008", {.position = node.position, .token = name_of_call(node), .value = partial.function});
  for (std::size_t at = 1; at < node.children.size(); ++at) {
    const bool open = node.children[at]->form == Form::placeholder;
    partial.open.push_back(open);
    partial.arguments.push_back(open ? Value() : evaluate(*node.children[at], input, frame));
  }
  return make_function(std::move(partial));
}

Value Evaluator::evaluate_apply(const Ast& node, const Value& input, const FrameRef& frame) {
  const Ast& right = *node.children[1];
  const Value left = evaluate(*node.children[0], input, frame);
  if (right.form == Form::call) {
    const Level level;
    Value result = evaluate_call(right, input, frame, &left);
    for (const auto& predicate : right.predicates) result = filter(*predicate.predicate, result, frame);
    if (right.group) result = group(*right.group, result, frame);
    return collapsed(std::move(result), right.keep_array);
  }
  const Value function = evaluate(right, input, frame);
  if (!function.is_function()) fail("T2006", {.position = node.position, .token = node.text, .value = function});
  if (left.is_function()) return make_function(Composition{left, function});
  try {
    return apply(function, {left}, {}, frame);
  } catch (Failure& failure) {
    if (failure.error.position == kNowhere) failure.error.position = node.position;
    if (failure.error.token.empty()) failure.error.token = node.text;
    throw;
  }
}

}  // namespace flowstone::jsonata
