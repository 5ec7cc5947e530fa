#include "jsonata/value.hpp"

#include <algorithm>
#include <numeric>

#include "jsonata/failure.hpp"
#include "jsonata/meter.hpp"

namespace flowstone::jsonata {
namespace detail {
namespace {

constexpr std::size_t kIndexFrom = 16;  // members

std::uint32_t height_above(std::uint32_t tallest) {
  if (tallest >= kMaxNesting) fail("D2015");
  return tallest + 1;
}

std::size_t bytes_of(const std::vector<Member>& members) {
  std::size_t bytes = sizeof(ObjectNode) + members.size() * sizeof(Member);
  for (const auto& member : members) bytes += member.key.size() > 15 ? member.key.size() : 0;
  return bytes;
}

}  // namespace

Node::Node(std::size_t size) : meter(charge(size)), charged(size) {}
Node::~Node() { discharge(meter, charged); }

void dispose(Node* node) noexcept {
  thread_local Node* dead = nullptr;
  thread_local bool burying = false;
  node->next_dead = dead;
  dead = node;
  if (burying) return;
  burying = true;
  while (dead != nullptr) {
    Node* gone = dead;
    dead = gone->next_dead;
    delete gone;
  }
  burying = false;
}

StringNode::StringNode(std::string utf8) : Node(sizeof(StringNode) + utf8.size()), text(std::move(utf8)) {}

ArrayNode::ArrayNode(std::vector<Value> all)
    : Node(sizeof(ArrayNode) + all.size() * sizeof(Value)), items(std::move(all)) {
  std::uint32_t tallest = 0;
  for (const auto& item : items) tallest = std::max(tallest, item.height());
  height = height_above(tallest);
}

ObjectNode::ObjectNode(std::vector<Member> all) : Node(bytes_of(all)), members(std::move(all)) {
  std::uint32_t tallest = 0;
  for (const auto& member : members) tallest = std::max(tallest, member.value.height());
  height = height_above(tallest);
  remember_keys();
}

void ObjectNode::remember_keys() {
  by_key.clear();
  if (members.size() <= kIndexFrom) return;
  by_key.resize(members.size());
  std::iota(by_key.begin(), by_key.end(), 0U);
  std::ranges::sort(by_key, {}, [this](std::uint32_t at) { return std::string_view(members[at].key); });
}

}  // namespace detail

namespace {

// Each key once: the first place, the last value.
std::vector<Member> without_repetition(std::vector<Member> members) {
  std::vector<std::uint32_t> order(members.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, {}, [&](std::uint32_t at) { return std::pair(std::string_view(members[at].key), at); });
  std::vector<bool> repeated(members.size(), false);
  bool any = false;
  for (std::size_t at = 0; at < order.size();) {
    std::size_t end = at + 1;
    while (end < order.size() && members[order[end]].key == members[order[at]].key) repeated[order[end++]] = any = true;
    if (end > at + 1) members[order[at]].value = std::move(members[order[end - 1]].value);
    at = end;
  }
  if (!any) return members;
  std::vector<Member> kept;
  for (std::size_t at = 0; at < members.size(); ++at) {
    if (!repeated[at]) kept.push_back(std::move(members[at]));
  }
  return kept;
}

bool may_repeat(const std::vector<Member>& members) {
  if (members.size() > 8) return true;
  for (std::size_t at = 1; at < members.size(); ++at) {
    for (std::size_t before = 0; before < at; ++before) {
      if (members[before].key == members[at].key) return true;
    }
  }
  return false;
}

}  // namespace

Value Value::string(std::string utf8) { return of_node(Kind::string, new detail::StringNode(std::move(utf8))); }

Value Value::array(std::vector<Value> items, std::uint8_t marks) {
  Value made = of_node(Kind::array, new detail::ArrayNode(std::move(items)));
  made.marks_ = marks;
  return made;
}

Value Value::object(std::vector<Member> members) {
  if (may_repeat(members)) members = without_repetition(std::move(members));
  return of_node(Kind::object, new detail::ObjectNode(std::move(members)));
}

const Value* Value::find(std::string_view key) const {
  const auto& node = *static_cast<const detail::ObjectNode*>(as_.node);
  if (node.by_key.empty()) {
    for (const auto& member : node.members) {
      if (member.key == key) return &member.value;
    }
    return nullptr;
  }
  const auto found = std::ranges::lower_bound(node.by_key, key, {},
                                              [&](std::uint32_t at) { return std::string_view(node.members[at].key); });
  if (found == node.by_key.end() || node.members[*found].key != key) return nullptr;
  return &node.members[*found].value;
}

}  // namespace flowstone::jsonata
