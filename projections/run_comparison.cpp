#include "projections/run_comparison.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "asl/places.hpp"
#include "jsonata/json_text.hpp"
#include "jsonata/sequence.hpp"

namespace flowstone::projections {
namespace {

using jsonata::Value;

std::string told(const Value& value) {
  auto text = jsonata::write_json(value).value_or("null");
  if (text.size() <= kMostDifferentBytes) return text;
  auto cut = kMostDifferentBytes;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U) --cut;
  std::string quoted;
  jsonata::append_json_string(quoted, text.substr(0, cut) + "…");
  return quoted;
}

// Where two values are not the same.
class Differ {
 public:
  void compare(const Value& a, const Value& b, const std::string& pointer) {
    if (found_.size() >= kMostDifferences) return;
    if (a.is_object() && b.is_object()) return compare_members(a, b, pointer);
    if (a.is_array() && b.is_array()) return compare_items(a, b, pointer);
    if (a.is_undefined() && b.is_undefined()) return;
    if (!jsonata::equal(a, b)) add(pointer, &a, &b);
  }

  std::vector<ValueDifference> take() { return std::move(found_); }

 private:
  void compare_members(const Value& a, const Value& b, const std::string& pointer) {
    for (const auto& member : a.members()) {
      const auto at = pointer + "/" + asl::pointer_token(member.key);
      if (const auto* other = b.find(member.key)) {
        compare(member.value, *other, at);
      } else {
        add(at, &member.value, nullptr);
      }
    }
    for (const auto& member : b.members())
      if (a.find(member.key) == nullptr) add(pointer + "/" + asl::pointer_token(member.key), nullptr, &member.value);
  }

  void compare_items(const Value& a, const Value& b, const std::string& pointer) {
    const auto& left = a.items();
    const auto& right = b.items();
    for (std::size_t at = 0; at < std::max(left.size(), right.size()) && found_.size() < kMostDifferences; ++at) {
      const auto below = fmt::format("{}/{}", pointer, at);
      if (at < left.size() && at < right.size()) {
        compare(left[at], right[at], below);
      } else {
        add(below, at < left.size() ? &left[at] : nullptr, at < right.size() ? &right[at] : nullptr);
      }
    }
  }

  void add(const std::string& pointer, const Value* a, const Value* b) {
    if (found_.size() >= kMostDifferences) return;
    const auto text = [](const Value* value) {
      return value == nullptr || value->is_undefined() ? std::string() : told(*value);
    };
    found_.push_back({.pointer = pointer, .a = text(a), .b = text(b)});
  }

  std::vector<ValueDifference> found_;
};

Value value_of(const std::string& json) {
  if (json.empty()) return {};
  auto value = jsonata::read_json(json);
  return value ? *std::move(value) : Value();
}

StepPair pair_of(const StepVisit* a, const StepVisit* b) {
  StepPair pair{.a = a, .b = b};
  if (a == nullptr || b == nullptr) return pair;
  pair.same_input = same_value(a->input, b->input);
  pair.same_output = same_value(a->output, b->output);
  pair.same = pair.same_input && pair.same_output && a->status == b->status && a->error == b->error;
  return pair;
}

}  // namespace

bool same_value(const std::string& a, const std::string& b) {
  if (a == b) return true;
  if (a.empty() || b.empty()) return false;
  return jsonata::equal(value_of(a), value_of(b));
}

std::vector<ValueDifference> differences(const std::string& a, const std::string& b) {
  if (a == b) return {};
  Differ differ;
  differ.compare(value_of(a), value_of(b), "");
  return differ.take();
}

std::vector<StepPair> compare(const RunVisits& a, const RunVisits& b) {
  using Key = std::tuple<std::string_view, std::string_view, std::uint64_t>;
  const auto key_of = [](const StepVisit& visit) { return Key{visit.path, visit.step, visit.occurrence}; };
  std::map<Key, std::size_t> in_b;
  for (std::size_t at = 0; at < b.steps.size(); ++at) in_b.emplace(key_of(b.steps[at]), at);
  std::vector<bool> paired(b.steps.size(), false);
  for (const auto& visit : a.steps)
    if (const auto other = in_b.find(key_of(visit)); other != in_b.end()) paired[other->second] = true;
  std::vector<StepPair> pairs;
  std::size_t next = 0;  // of b's steps: those before are told, or wait for theirs in a
  const auto tell_until = [&](std::size_t end) {
    for (; next < end; ++next)
      if (!paired[next]) pairs.push_back(pair_of(nullptr, &b.steps[next]));
  };
  for (const auto& visit : a.steps) {
    const auto other = in_b.find(key_of(visit));
    if (other != in_b.end()) tell_until(other->second);
    pairs.push_back(pair_of(&visit, other == in_b.end() ? nullptr : &b.steps[other->second]));
  }
  tell_until(b.steps.size());
  return pairs;
}

}  // namespace flowstone::projections
