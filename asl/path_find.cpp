#include <algorithm>

#include "asl/path.hpp"
#include "jsonata/sequence.hpp"

namespace flowstone::asl {
namespace {

using jsonata::equal;
using Kind = PathStep::Kind;

// Walks a path's steps; what it finds is in `found`.
class Search {
 public:
  Search(const Path& path, const Value& document) : path_(path), document_(document) {}

  Result<Value, PathMiss> run(const Value& root) {
    std::vector<Value> now{root};
    bool many = false;  // a step before may have found any number, so that finding none is no miss
    for (std::size_t at = 0; at < path_.steps().size(); ++at) {
      const auto& step = path_.steps()[at];
      const bool single = is_single(step);
      if (!single && !many && !fits(step, now.front())) return failure(PathMiss{at + 1});
      std::vector<Value> next;
      for (const auto& value : now) {
        step.descends ? descend(step, value, next) : follow(step, value, next);
        if (next.size() > kMaxPathMatches || visits_ > kMaxPathVisits) return failure(PathMiss{at + 1, true});
      }
      many = many || !single;
      if (next.empty() && !many) return failure(PathMiss{at + 1});
      now = std::move(next);
    }
    return many ? Value::array(std::move(now)) : now.front();
  }

 private:
  static bool is_single(const PathStep& step) {
    return !step.descends && ((step.kind == Kind::names && step.names.size() == 1) ||
                              (step.kind == Kind::indexes && step.indexes.size() == 1));
  }
  static bool fits(const PathStep& step, const Value& value) {
    if (step.descends || step.kind == Kind::wildcard || step.kind == Kind::filter)
      return value.is_array() || value.is_object();
    return step.kind == Kind::names ? value.is_object() : value.is_array();
  }

  void follow(const PathStep& step, const Value& value, std::vector<Value>& out) {
    ++visits_;
    switch (step.kind) {
      case Kind::names:
        if (!value.is_object()) return;
        for (const auto& name : step.names)
          if (const auto* member = value.find(name)) out.push_back(*member);
        return;
      case Kind::wildcard:
        each_child(value, [&](const Value& child) { out.push_back(child); });
        return;
      case Kind::filter:
        each_child(value, [&](const Value& child) {
          if (holds(*step.filter, child)) out.push_back(child);
        });
        return;
      case Kind::indexes:
        if (!value.is_array()) return;
        for (const auto index : step.indexes)
          if (const auto place = place_of(index, value.items().size())) out.push_back(value.items()[*place]);
        return;
      case Kind::slice:
        slice(step, value, out);
        return;
    }
  }

  void descend(const PathStep& step, const Value& value, std::vector<Value>& out) {
    if (++visits_ > kMaxPathVisits) return;
    follow(step, value, out);
    each_child(value, [&](const Value& child) { descend(step, child, out); });
  }

  template <class Each>
  static void each_child(const Value& value, const Each& each) {
    if (value.is_array())
      for (const auto& item : value.items()) each(item);
    if (value.is_object())
      for (const auto& member : value.members()) each(member.value);
  }

  static std::optional<std::size_t> place_of(std::int64_t index, std::size_t size) {
    const auto count = static_cast<std::int64_t>(size);
    if (index < -count || index >= count) return std::nullopt;
    return static_cast<std::size_t>(index < 0 ? index + count : index);
  }

  static void slice(const PathStep& step, const Value& value, std::vector<Value>& out) {
    if (!value.is_array()) return;
    const auto count = static_cast<std::int64_t>(value.items().size());
    const auto bound = [count](std::int64_t at) {
      return std::clamp<std::int64_t>(at < 0 ? at + count : at, 0, count);
    };
    const auto last = bound(step.last.value_or(count));
    for (auto at = bound(step.first.value_or(0)); at < last; at += step.stride) {
      out.push_back(value.items()[static_cast<std::size_t>(at)]);
      if (step.stride > count) break;
    }
  }

  [[nodiscard]] Value value_of(const PathFilter::Operand& operand, const Value& item) {
    if (!operand.path) return operand.literal;
    const auto& root = operand.path->root() == Path::Root::item ? item : document_;
    Search inner(*operand.path, document_);
    inner.visits_ = visits_;
    auto found = inner.run(root);
    visits_ = inner.visits_;
    return found ? *std::move(found) : Value();
  }

  bool holds(const PathFilter& filter, const Value& item) {
    const auto part_holds = [&](const PathFilter& part) { return holds(part, item); };
    using enum PathFilter::Kind;
    if (filter.kind == all) return std::ranges::all_of(filter.parts, part_holds);
    if (filter.kind == any) return std::ranges::any_of(filter.parts, part_holds);
    if (filter.kind == negation) return !part_holds(filter.parts.front());
    const auto left = value_of(filter.left, item);
    if (filter.kind == exists) return !left.is_undefined();
    return compares(filter.kind, left, value_of(filter.right, item));
  }

  static bool compares(PathFilter::Kind kind, const Value& left, const Value& right) {
    if (kind == PathFilter::Kind::equal) return equal(left, right);
    if (kind == PathFilter::Kind::unequal) return !equal(left, right);
    int order = 0;
    if (left.is_number() && right.is_number())
      order = left.as_number() < right.as_number() ? -1 : left.as_number() > right.as_number() ? 1 : 0;
    else if (left.is_string() && right.is_string())
      order = left.text().compare(right.text());
    else
      return false;
    if (kind == PathFilter::Kind::less) return order < 0;
    if (kind == PathFilter::Kind::at_most) return order <= 0;
    return kind == PathFilter::Kind::greater ? order > 0 : order >= 0;
  }

  const Path& path_;
  const Value& document_;
  std::size_t visits_ = 0;
};

std::optional<Value> replaced(const Value& document, const std::vector<PathStep>& steps, std::size_t at,
                              const Value& value) {
  if (at == steps.size()) return value;
  const auto& step = steps[at];
  if (step.kind == Kind::indexes) {
    if (!document.is_array()) return std::nullopt;
    const auto index = step.indexes.front();
    if (index < 0 || static_cast<std::size_t>(index) >= document.items().size()) return std::nullopt;
    auto items = document.items();
    auto& item = items[static_cast<std::size_t>(index)];
    auto inner = replaced(item, steps, at + 1, value);
    if (!inner) return std::nullopt;
    item = *std::move(inner);
    return Value::array(std::move(items));
  }
  std::vector<jsonata::Member> members;
  if (document.is_object())
    members = document.members();
  else if (!document.is_null() && !document.is_undefined())
    return std::nullopt;
  const auto member = std::ranges::find(members, step.names.front(), &jsonata::Member::key);
  auto inner = replaced(member == members.end() ? Value() : member->value, steps, at + 1, value);
  if (!inner) return std::nullopt;
  if (member == members.end())
    members.push_back({step.names.front(), *std::move(inner)});
  else
    member->value = *std::move(inner);
  return Value::object(std::move(members));
}

}  // namespace

Result<Value, PathMiss> find(const Path& path, const Value& root) {
  auto found = Search(path, root).run(root);
  if (!found && !found.error().too_many && !path.is_reference()) return Value::array({});
  return found;
}

std::optional<Value> replace(const Value& document, const Path& reference, const Value& value) {
  return replaced(document, reference.steps(), 0, value);
}

}  // namespace flowstone::asl
