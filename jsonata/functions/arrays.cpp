// Arrays and what is computed of them.
#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "jsonata/evaluator.hpp"
#include "jsonata/failure.hpp"
#include "jsonata/meter.hpp"
#include "jsonata/sequence.hpp"

namespace flowstone::jsonata {
namespace {

Value count(Call& call) {
  if (call[0].is_undefined()) return Value::number(0);
  return Value::number(static_cast<double>(call[0].items().size()));
}

Value append(Call& call) { return appended(call[0], call[1]); }

Value sum(Call& call) {
  if (call[0].is_undefined()) return {};
  double total = 0;
  for (const auto& item : call[0].items()) total += item.as_number();
  spend(call[0].items().size() / 16);
  return Value::number(total);
}

Value average(Call& call) {
  if (call[0].is_undefined() || call[0].items().empty()) return {};
  return Value::number(sum(call).as_number() / static_cast<double>(call[0].items().size()));
}

template <class Better>
Value best(Call& call, Better better) {
  if (call[0].is_undefined() || call[0].items().empty()) return {};
  double found = call[0].items().front().as_number();
  for (const auto& item : call[0].items()) {
    if (better(item.as_number(), found)) found = item.as_number();
  }
  spend(call[0].items().size() / 16);
  return Value::number(found);
}

Value max(Call& call) { return best(call, std::greater<>()); }
Value min(Call& call) { return best(call, std::less<>()); }

Value reverse(Call& call) {
  if (call[0].is_undefined() || call[0].items().size() < 2) return call[0];
  spend(call[0].items().size() / 16);
  return Value::array({call[0].items().rbegin(), call[0].items().rend()});
}

Value zip(Call& call) {
  std::size_t length = call.arguments.empty() ? 0 : SIZE_MAX;
  for (const auto& list : call.arguments) length = std::min(length, list.is_array() ? list.items().size() : 0);
  std::vector<Value> rows;
  for (std::size_t at = 0; at < length; ++at) {
    spend(call.arguments.size());
    std::vector<Value> row;
    for (const auto& list : call.arguments) row.push_back(list.items()[at]);
    rows.push_back(Value::array(std::move(row)));
  }
  return Value::array(std::move(rows));
}

Value distinct(Call& call) {
  if (!call[0].is_array() || call[0].items().size() < 2) return call[0];
  std::unordered_multimap<std::size_t, std::size_t> seen;
  std::vector<Value> kept;
  for (const auto& item : call[0].items()) {
    const std::size_t hash = hash_of(item);
    const auto [first, last] = seen.equal_range(hash);
    const bool known = std::any_of(first, last, [&](const auto& entry) { return equal(kept[entry.second], item); });
    if (known) continue;
    seen.emplace(hash, kept.size());
    kept.push_back(item);
  }
  return Value::array(std::move(kept), call[0].marks() & Mark::sequence);
}

double drawn(Call& call) {
  if (!call.evaluator.context().random) fail("D3144");
  return call.evaluator.context().random();
}

Value shuffle(Call& call) {
  if (call[0].is_undefined() || call[0].items().size() < 2) return call[0];
  std::vector<Value> items = call[0].items();
  for (std::size_t left = items.size(); left > 1; --left) {
    spend(1);
    const auto place = static_cast<std::size_t>(drawn(call) * static_cast<double>(left));
    std::swap(items[left - 1], items[std::min(place, left - 1)]);
  }
  return Value::array(std::move(items));
}

Value random(Call& call) { return Value::number(drawn(call)); }

}  // namespace

void add_array_functions(std::vector<BuiltIn>& all) {
  all.insert(all.end(), {
                            {"count", "<a:n>", 1, count},
                            {"append", "<xx:a>", 2, append},
                            {"sum", "<a<n>:n>", 1, sum},
                            {"average", "<a<n>:n>", 1, average},
                            {"max", "<a<n>:n>", 1, max},
                            {"min", "<a<n>:n>", 1, min},
                            {"reverse", "<a:a>", 1, reverse},
                            {"zip", "<a+>", 0, zip},
                            {"distinct", "<x:x>", 1, distinct},
                            {"shuffle", "<a:a>", 1, shuffle},
                            {"random", "<:n>", 0, random},
                        });
}

}  // namespace flowstone::jsonata
