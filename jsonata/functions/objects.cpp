// Objects and their members.
#include <algorithm>
#include <unordered_set>

#include "jsonata/evaluator.hpp"
#include "jsonata/meter.hpp"
#include "jsonata/sequence.hpp"

namespace flowstone::jsonata {
namespace {

class KeySet {
 public:
  void add_all(const Value& value) {
    spend(1);
    if (value.is_array()) {
      for (const auto& item : value.items()) add_all(item);
    } else if (value.is_object()) {
      for (const auto& member : value.members()) {
        spend(1);
        if (seen_.insert(member.key).second) keys_.push_back(Value::string(member.key));
      }
    }
  }
  std::vector<Value> take() { return std::move(keys_); }

 private:
  std::unordered_set<std::string> seen_;
  std::vector<Value> keys_;
};

Value keys(Call& call) {
  KeySet set;
  set.add_all(call[0]);
  return make_sequence(set.take());
}

Value lookup(Call& call) {
  if (!call[1].is_string()) return {};
  return look_up(call[0], call[1].text());
}

void spread_into(const Value& value, std::vector<Value>& into) {
  spend(1);
  if (value.is_array()) {
    for (const auto& item : value.items()) spread_into(item, into);
  } else if (value.is_object()) {
    for (const auto& member : value.members()) into.push_back(Value::object({member}));
  } else if (!value.is_undefined()) {
    into.push_back(value);
  }
}

Value spread(Call& call) {
  if (!call[0].is_array() && !call[0].is_object()) return call[0];
  std::vector<Value> parts;
  spread_into(call[0], parts);
  return make_sequence(std::move(parts));
}

Value merge(Call& call) {
  if (call[0].is_undefined()) return {};
  std::vector<Member> members;
  for (const auto& item : call[0].items()) {
    spend(item.members().size());
    members.insert(members.end(), item.members().begin(), item.members().end());
  }
  return Value::object(std::move(members));
}

}  // namespace

void add_object_functions(std::vector<BuiltIn>& all) {
  all.insert(all.end(), {
                            {"keys", "<x-:a<s>>", 1, keys},
                            {"lookup", "<x-s:x>", 2, lookup},
                            {"spread", "<x-:a<o>>", 1, spread},
                            {"merge", "<a<o>:o>", 1, merge},
                        });
}

}  // namespace flowstone::jsonata
