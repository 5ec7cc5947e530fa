#include "jsonata/ancestry.hpp"

#include "jsonata/failure.hpp"

namespace flowstone::jsonata {
namespace {

using Slot = std::shared_ptr<Ancestor>;

std::vector<Slot> sought_by(const Ast& part) {
  std::vector<Slot> slots = part.seeking;
  if (part.form == Form::parent) slots.push_back(part.ancestor);
  return slots;
}

void seek(Ast& node, const Slot& slot);

void seek_backwards(std::vector<AstPointer>& steps, const Slot& slot) {
  for (std::size_t at = steps.size(); at-- > 0;) {
    if (at + 1 < steps.size() && slot->level == 0) return;
    seek(*steps[at], slot);
  }
}

// One step up from `node`, or more where it is itself a parent or a path.
void seek(Ast& node, const Slot& slot) {
  if (node.form == Form::name || node.form == Form::wildcard) {
    if (--slot->level > 0) return;
    if (node.ancestor) {
      slot->label = node.ancestor->label;
    } else {
      node.ancestor = slot;
    }
    node.in_tuples = true;
  } else if (node.form == Form::parent) {
    ++slot->level;
  } else if (node.form == Form::block) {
    if (node.children.empty()) return;
    node.in_tuples = true;
    seek(*node.children.back(), slot);
  } else if (node.form == Form::path) {
    node.in_tuples = true;
    seek_backwards(node.children, slot);
  } else {
    fail("S0217", {.position = node.position, .token = node.text});
  }
}

}  // namespace

void pass_on_ancestry(Ast& whole, const Ast& part) {
  for (auto& slot : sought_by(part)) whole.seeking.push_back(std::move(slot));
}

void resolve_in_predicate(Ast& step, const Ast& predicate) {
  for (const auto& slot : predicate.seeking) {
    if (slot->level == 1) {
      seek(step, slot);
    } else {
      --slot->level;
    }
  }
  if (!predicate.seeking.empty()) pass_on_ancestry(step, predicate);
}

void resolve_in_path(Ast& path) {
  auto& steps = path.children;
  for (const auto& slot : sought_by(*steps.back())) {
    std::size_t at = steps.size() - 1;
    while (slot->level > 0) {
      if (at == 0) {
        path.seeking.push_back(slot);
        break;
      }
      // Steps that bind a focus do not move: all of a row of them are the same place.
      --at;
      while (at > 0 && !steps[at]->focus.empty() && !steps[at - 1]->focus.empty()) --at;
      seek(*steps[at], slot);
    }
  }
}

}  // namespace flowstone::jsonata
