// Expressions of the kinds that workflows and rules have: compiled, and evaluated over an order of a hundred lines.
#include <chrono>

#include <fmt/core.h>

#include "base/check.hpp"
#include "bench/report.hpp"
#include "jsonata/expression.hpp"
#include "jsonata/json_text.hpp"

namespace flowstone::bench {
namespace {

using jsonata::Value;

struct Measured {
  std::string_view name, expression, result;
};

constexpr Measured kMeasured[] = {
    {"a condition", "status = 'open' and $count(lines) > 3", "true"},
    {"a sum over 100 lines", "$sum(lines.(price * count))", "7550"},
    {"a predicate and an order over 100 lines", "lines[price > 2]^(>price, sku)[0].sku", R"("sku-1")"},
    {"a grouping of 100 lines", "$keys(lines{sku: $sum(count)}) ~> $count()", "10"},
    {"a lambda mapped over 100 lines", "$map(lines, function($l, $i) { $l.count + $i }) ~> $sum()", "9900"},
    {"1,000 tail calls", "($f := function($n, $s) { $n = 0 ? $s : $f($n - 1, $s + $n) }; $f(1000, 0))", "500500"},
};

Value order() {
  std::string json = R"({"status":"open","lines":[)";
  for (int at = 0; at < 100; ++at)
    json += fmt::format(R"({}{{"sku":"sku-{}","price":{},"count":{}}})", at == 0 ? "" : ",", at % 10, at % 4, at);
  return jsonata::read_json(json + "]}").value();
}

// Microseconds a round.
template <class Round>
double each(int rounds, Round round) {
  const auto start = std::chrono::steady_clock::now();
  for (int at = 0; at < rounds; ++at) round();
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count() / rounds;
}

void measure(const Measured& measured, const Value& input, int rounds) {
  const jsonata::Context context{.now = {}, .random = {}};
  const auto expression = jsonata::compile(measured.expression);
  check(expression.has_value(), "the expression compiles");
  const auto evaluate = [&] { return expression->evaluate(input, {}, context); };
  const auto result = evaluate();
  check(result.has_value(), "the expression is evaluated");
  check(jsonata::write_json(*result).value() == measured.result, "the result is right");
  const double evaluating = each(rounds, [&] { check(evaluate().has_value(), "and again"); });
  const double compiling = each(rounds, [&] { check(jsonata::compile(measured.expression).has_value(), "and again"); });
  report({.measure = fmt::format("jsonata: {}", measured.name),
          .value = evaluating,
          .unit = "us",
          .at_least = {},
          .at_most = {},
          .beside = fmt::format("compiled in {:.1f} us", compiling)});
}

}  // namespace
}  // namespace flowstone::bench

int main(int count, char** arguments) {
  using namespace flowstone::bench;  // NOLINT: the whole program is here
  const Options options = options_of(count, arguments);
  const auto input = order();
  for (const auto& measured : kMeasured) measure(measured, input, options.tiny ? 2 : 20'000);
  remove_directory(options);
  return 0;
}
