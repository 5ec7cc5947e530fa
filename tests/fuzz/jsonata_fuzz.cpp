// Any text as an expression, over any document: it ends within its budget, and what it yields can be written.
//
// The input: a document, a line feed, the expression. Without a line feed all of it is the expression.
#include "base/check.hpp"
#include "jsonata/expression.hpp"
#include "jsonata/json_text.hpp"

namespace {

constexpr std::string_view kDocument =
    R"({"a":[{"b":1,"c":"x"},{"b":2,"c":"y"}],"d":{"e":null,"f":[[1],[2,3]]},"g":"text"})";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace flowstone;           // NOLINT: the whole program is this function
  using namespace flowstone::jsonata;  // NOLINT
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};  // NOLINT: bytes seen as chars
  const auto line = bytes.find('\n');
  const auto document = line == std::string_view::npos ? std::string_view() : bytes.substr(0, line);
  const auto input = read_json(document);
  if (input) {
    const auto written = write_json(*input);
    check(written.has_value(), "what was read can be written");
    check(write_json(read_json(*written).value()).value() == *written, "what was written reads as the same");
  }
  const auto expression = compile(line == std::string_view::npos ? bytes : bytes.substr(line + 1));
  if (!expression) {
    check(!expression.error().message.empty(), "an error has a sentence");
    return 0;
  }
  Limits limits;
  limits.steps = 20'000;
  limits.memory = 2U << 20U;
  double drawn = 0;
  const Context context{.now = Timestamp::from_millis(1'700'000'000'000),
                        .random = [&drawn] { return drawn = drawn < 0.9 ? drawn + 0.1 : 0; }};
  const auto result = expression->evaluate(input.value_or(read_json(kDocument).value()), {}, context, limits);
  if (result) {
    const auto text = write_json(*result, 1U << 20U);
    check(!text || text->size() <= (1U << 20U) + 4096, "the limit of a text is kept");
  } else {
    check(!result.error().code.empty(), "an error has a code");
  }
  return 0;
}
