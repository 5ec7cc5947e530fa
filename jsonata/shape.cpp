#include "jsonata/shape.hpp"

#include <algorithm>

#include "jsonata/ancestry.hpp"

namespace flowstone::jsonata {
namespace {

constexpr std::uint32_t kMaxHeight = 1000;  // of chains like 1 + 1 + ...

void check_step(Ast& step, std::optional<Failure>& wrong) {
  if (step.form != Form::literal) return;
  if (step.quoted) {
    step.form = Form::name;
    step.text = step.literal.text();
  } else if (!wrong) {
    wrong = Failure{{.code = "S0213", .position = step.position, .token = step.text, .value = step.literal}};
  }
}

bool has_nothing_behind(const Ast& node) { return node.predicates.empty() && !node.group; }

}  // namespace

AstPointer make_node(Form form, std::uint32_t position, std::string text) {
  auto node = std::make_unique<Ast>();
  node->form = form;
  node->position = position;
  node->text = std::move(text);
  return node;
}

void add_child(Ast& whole, AstPointer child) {
  whole.height = std::max(whole.height, child->height + 1);
  if (whole.height > kMaxHeight) fail("S0500", {.position = child->position});
  whole.children.push_back(std::move(child));
}

void add_part(Ast& whole, AstPointer part) {
  pass_on_ancestry(whole, *part);
  add_child(whole, std::move(part));
}

AstPointer as_path(AstPointer node) {
  if (node->form == Form::path) return node;
  auto path = make_node(Form::path, node->position, node->text);
  if (node->form == Form::parent) path->seeking.push_back(node->ancestor);
  add_child(*path, std::move(node));
  return path;
}

Ast& last_step(Ast& node) { return node.form == Form::path ? *node.children.back() : node; }

bool is_plain_variable(const Ast& node) {
  return node.form == Form::variable && has_nothing_behind(node) && node.focus.empty() && node.index.empty();
}

const std::string* bare_name(const Ast& node) {
  if (node.form != Form::path || node.children.size() != 1 || node.group) return nullptr;
  const Ast& step = *node.children.front();
  return step.form == Form::name && step.stages.empty() && !node.keep_array ? &step.text : nullptr;
}

void append_steps(Ast& path, AstPointer right, std::uint32_t dot, std::optional<Failure>& wrong) {
  if (right->form == Form::path && !right->group) {
    for (auto& step : right->children) add_child(path, std::move(step));
    path.seeking.insert(path.seeking.end(), right->seeking.begin(), right->seeking.end());
    path.keep_array = path.keep_array || right->keep_array;
  } else {
    for (auto& predicate : right->predicates) right->stages.push_back(std::move(predicate));
    right->predicates.clear();
    add_child(path, std::move(right));
  }
  path.position = dot;
  for (auto& step : path.children) {
    check_step(*step, wrong);
    if (step->keep_array) path.keep_singleton = true;
  }
  for (auto* step : {path.children.front().get(), path.children.back().get()}) {
    if (step->form == Form::array) step->constructed = true;
  }
  resolve_in_path(path);
}

void mark_tail(Ast& body) {
  if (!has_nothing_behind(body)) return;
  if (body.keep_array) return;
  if (body.form == Form::call) {
    body.in_tail = true;
  } else if (body.form == Form::condition) {
    for (std::size_t at = 1; at < body.children.size(); ++at) mark_tail(*body.children[at]);
  } else if (body.form == Form::block && !body.children.empty()) {
    mark_tail(*body.children.back());
  }
}

}  // namespace flowstone::jsonata
