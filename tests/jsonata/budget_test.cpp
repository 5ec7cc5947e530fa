// No expression can run for ever, exhaust the stack or take all memory.
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "jsonata/expression.hpp"
#include "jsonata/json_text.hpp"

namespace flowstone::jsonata {
namespace {

Limits small_limits() {
  Limits limits;
  limits.steps = 200'000;
  limits.memory = 4U << 20U;
  return limits;
}

Result<Value, Error> evaluated(std::string_view text, const Limits& limits = small_limits(), const Value& input = {}) {
  const auto expression = compile(text);
  if (!expression) return failure(Error(expression.error()));
  const Context context{.now = Timestamp::from_millis(0), .random = [] { return 0.5; }};
  return expression->evaluate(input, {}, context, limits);
}

// "" or the code of the error.
std::string code_of(std::string_view text, const Limits& limits = small_limits(), const Value& input = {}) {
  const auto result = evaluated(text, limits, input);
  return result ? "" : result.error().code;
}

std::string repeated(std::string_view text, int times) {
  std::string result;
  for (int count = 0; count < times; ++count) result += text;
  return result;
}

TEST(Budget, EndlessTailRecursionRunsOutOfSteps) { EXPECT_EQ(code_of("($f := function(){$f()}; $f())"), "U1001"); }

TEST(Budget, EndlessRecursionRunsOutOfDepth) { EXPECT_EQ(code_of("($f := function($n){1 + $f($n)}; $f(1))"), "U1001"); }

TEST(Budget, TailCallsDoNotNest) {
  Limits limits = small_limits();
  limits.depth = 20;
  EXPECT_EQ(code_of("($f := function($n){$n = 0 ? 'end' : $f($n - 1)}; $f(2000))", limits), "");
}

TEST(Budget, TailCallsTakeNoMemory) {
  Limits limits = small_limits();
  limits.memory = 20'000;
  EXPECT_EQ(code_of("($f := function($n){$n = 0 ? 'end' : $f($n - 1)}; $f(10000))", limits), "");
}

TEST(Budget, StringsThatDoubleRunOutOfMemory) {
  EXPECT_EQ(code_of("($f := function($s){$f($s & $s)}; $f('abc'))"), "U1001");
}

TEST(Budget, ArraysThatDoubleRunOutOfMemory) {
  EXPECT_EQ(code_of("($f := function($a){$f($append($a, $a))}; $f([1, 2]))"), "U1001");
}

TEST(Budget, SharedPartsAreCountedWhenTheyAreWritten) {
  // 2^60 items as text, sixty arrays in memory.
  EXPECT_EQ(code_of("$string($reduce([1..60], function($a, $i){[[$a], [$a]]}, 'x'))"), "U1001");
  EXPECT_EQ(code_of("($d := function(){$reduce([1..60], function($a, $i){[[$a], [$a]]}, 'x')}; $d() = $d())"), "U1001");
  EXPECT_EQ(code_of("$distinct([1..2].$reduce([1..60], function($a, $i){[[$a], [$a]]}, 'x'))"), "U1001");
  EXPECT_EQ(code_of("{'a': $reduce([1..60], function($a, $i){[[$a], [$a]]}, 'x')}.**"), "U1001");
  const auto value = evaluated("$reduce([1..60], function($a, $i){[[$a], [$a]]}, 'x')");
  ASSERT_TRUE(value);
  EXPECT_FALSE(write_json(*value, 1U << 20U));
}

TEST(Budget, RangesAreRefusedBeforeTheyAreMade) {
  EXPECT_EQ(code_of("[1..1e9]"), "D2014");
  EXPECT_EQ(code_of("[1..1e7]"), "U1001");
  EXPECT_EQ(code_of("[1..1000]"), "");
}

TEST(Budget, PaddingIsRefusedBeforeItIsMade) {
  EXPECT_EQ(code_of("$pad('', 1e12)"), "U1001");
  EXPECT_EQ(code_of("$pad('', -1e300)"), "U1001");
}

TEST(Budget, ReplacementsAndJoinsAreCounted) {
  EXPECT_EQ(code_of("($a := $pad('', 20000, 'a'); $replace($a, 'a', $a))"), "U1001");
  EXPECT_EQ(code_of("($a := $pad('', 20000, 'a'); $replace($a, /a/, $a))"), "U1001");
  EXPECT_EQ(code_of("($a := $pad('', 20000, 'a'); $join($split($a, ''), $a))"), "U1001");
}

TEST(Budget, ListsOfSharedListsAreCountedWhenTheyAreJoined) {
  EXPECT_EQ(code_of("($x := [1..50000]; [1..1000].{'a': $x}).a"), "U1001");
  EXPECT_EQ(code_of("($x := [1..50000]; $y := [1..1000].{'a': $x}; $y.a)"), "U1001");
  EXPECT_EQ(code_of("($x := [1..50000]; $lookup([1..1000].{'a': $x}, 'a'))"), "U1001");
}

TEST(Budget, PicturesHaveASize) {
  EXPECT_EQ(code_of("$formatInteger(1, $pad('', 2000, '0,'))"), "D3130");
  EXPECT_EQ(code_of("$formatNumber(1, $pad('', 2000, '0'))"), "D3086");
  EXPECT_EQ(code_of("$fromMillis(1, $pad('', 2000, '[Y]'))"), "D3135");
}

TEST(Budget, NestingHasAnEnd) {
  EXPECT_EQ(code_of("($f := function($v){$f([[$v]])}; $f(1))"), "D2015");
  EXPECT_EQ(code_of("($f := function($v){$f({'v': $v})}; $f(1))"), "D2015");
}

TEST(Budget, ClosuresInClosuresAreFreedWithoutRecursion) {
  Limits limits = small_limits();
  limits.steps = 2'000'000;
  limits.memory = 256U << 20U;
  EXPECT_EQ(code_of("($f := function($n, $g){$n = 0 ? 'end' : $f($n - 1, function(){$g})}; $f(100000, 1))", limits),
            "");
}

TEST(Budget, PartialApplicationsInEachOtherRunOutOfDepth) {
  EXPECT_EQ(code_of("($p := function($n, $g){$n = 0 ? $g : $p($n - 1, $g(?))}; $p(5000, $string)(1))"), "U1001");
  EXPECT_EQ(code_of("($p := function($n, $g){$n = 0 ? $g : $p($n - 1, $g ~> $string)}; $p(5000, $string)(1))"),
            "U1001");
}

TEST(Budget, CatastrophicPatternsAreLinear) {
  EXPECT_EQ(code_of("$contains($pad('', 20000, 'a'), /^(a+)+$/) ? '' : ''"), "");
  EXPECT_EQ(code_of("$contains($pad('', 20000, 'a') & '!', /(a|a)*$/i) ? '' : ''"), "D1004");
}

TEST(Budget, TransformsOfThemselvesEnd) {
  EXPECT_EQ(code_of("$ ~> |**|{'a': $}|", small_limits(), read_json(R"({"b":{"c":{}}})").value()), "");
  EXPECT_EQ(code_of("($f := function($v){$f($v ~> |$|{'v': $}|)}; $f({}))"), "U1001");
}

TEST(Budget, TheDeadlineIsAskedFor) {
  Limits limits;
  int asked = 0;
  limits.expired = [&asked] { return ++asked == 3; };
  const auto result = evaluated("($f := function(){$f()}; $f())", limits);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, "U1001");
  EXPECT_EQ(asked, 3);
}

TEST(Budget, TheSameStepsAreCountedEachTime) {
  const auto steps_needed = [](std::uint64_t steps) {
    Limits limits = small_limits();
    limits.steps = steps;
    return code_of("$sum([1..50].($ * 2))", limits).empty();
  };
  std::uint64_t least = 1;
  while (!steps_needed(least)) ++least;
  EXPECT_FALSE(steps_needed(least - 1));
  EXPECT_TRUE(steps_needed(least));
}

TEST(Budget, ExpressionsMayNotNestTooDeeply) {
  EXPECT_EQ(code_of(repeated("(", 100'000)), "S0500");
  EXPECT_EQ(code_of(repeated("[", 100'000)), "S0500");
  EXPECT_EQ(code_of(repeated("-", 100'000)), "S0500");
  EXPECT_EQ(code_of("1" + repeated(" ? 1 : 1", 100'000)), "S0500");
  EXPECT_EQ(code_of("1" + repeated(" + 1", 100'000)), "S0500");
  EXPECT_EQ(code_of("1" + repeated(" + 1", 300)), "");
  EXPECT_EQ(code_of("a" + repeated("[0]", 20'000)), "");
  EXPECT_EQ(code_of(std::string(kMaxExpressionBytes + 1, ' ') + "1"), "S0500");
}

TEST(Budget, SignaturesHaveASize) {
  EXPECT_EQ(code_of("function($a)<" + repeated("s?", 10'000) + ">{$a}('x')"), "S0402");
}

TEST(Budget, CompiledExpressionsMayBeEvaluatedByManyThreads) {
  const auto expression =
      compile("($f := function($n){$n < 2 ? $n : $f($n-1) + $f($n-2)}; 'a' & $f(12) & $string([1..3]))");
  ASSERT_TRUE(expression);
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int count = 0; count < 4; ++count) {
    threads.emplace_back([&] {
      const Context context{.now = {}, .random = {}};
      const auto value = expression->evaluate({}, {}, context);
      if (value && value->text() == "a144[1,2,3]") ++right;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right, 4);
}

}  // namespace
}  // namespace flowstone::jsonata
