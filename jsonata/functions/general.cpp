// What concerns every type: existence, truth, types, errors, evaluating text.
#include "jsonata/evaluator.hpp"
#include "jsonata/failure.hpp"
#include "jsonata/meter.hpp"
#include "jsonata/sequence.hpp"

namespace flowstone::jsonata {
namespace {

Value boolean(Call& call) { return call[0].is_undefined() ? Value() : Value::boolean(is_true(call[0])); }
Value negated(Call& call) { return call[0].is_undefined() ? Value() : Value::boolean(!is_true(call[0])); }
Value exists(Call& call) { return Value::boolean(!call[0].is_undefined()); }
Value type(Call& call) { return call[0].is_undefined() ? Value() : Value::string(name_of(call[0].kind())); }
Value clone(Call& call) { return call[0]; }

Value error(Call& call) {
  if (call[0].is_string()) fail_with("D3137", call[0].text());
  fail("D3137");
}

Value assertion(Call& call) {
  if (is_true(call[0])) return {};
  if (call[1].is_string()) fail_with("D3141", call[1].text());
  fail("D3141");
}

Value eval(Call& call) {
  if (call[0].is_undefined()) return {};
  Value input = call[1].is_undefined() ? call.input : call[1];
  if (input.is_array()) input = Value::array({input}, Mark::sequence | Mark::wrapper);
  const std::string& text = call[0].text();
  try {
    return call.evaluator.run_text(text, input, call.frame);
  } catch (const Failure& failed) {
    if (failed.error.code == "U1001") throw;
    const auto why = failed.error.message.empty() ? sentence_of(failed.error) : failed.error.message;
    fail(failed.error.code.starts_with('S') ? "D3120" : "D3121", {.value = Value::string(why)});
  }
}

}  // namespace

void add_general_functions(std::vector<BuiltIn>& all) {
  all.insert(all.end(), {
                            {"boolean", "<x-:b>", 1, boolean},
                            {"not", "<x-:b>", 1, negated},
                            {"exists", "<x:b>", 1, exists},
                            {"type", "<x:s>", 1, type},
                            {"clone", "<(oa)-:o>", 1, clone},
                            {"error", "<s?:x>", 1, error},
                            {"assert", "<bs?:x>", 2, assertion},
                            {"eval", "<sx?:x>", 2, eval},
                        });
}

}  // namespace flowstone::jsonata
