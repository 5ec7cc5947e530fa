// How parts become wholes: paths are flat, and each node knows its height and the parents that it seeks.
#pragma once

#include <optional>

#include "jsonata/ast.hpp"
#include "jsonata/failure.hpp"

namespace flowstone::jsonata {

AstPointer make_node(Form form, std::uint32_t position, std::string text = {});
// Adds a part that may seek parents. Fails where nodes nest too deeply.
void add_part(Ast& whole, AstPointer part);
// The same without its parents: what is in a lambda is looked for when it is called.
void add_child(Ast& whole, AstPointer child);

// The node itself if it is a path, else a path of it.
AstPointer as_path(AstPointer node);
// The node that a predicate or binding behind it belongs to.
Ast& last_step(Ast& node);
// $name and nothing behind it.
bool is_plain_variable(const Ast& node);
// The name of a path that is one bare name; else null.
const std::string* bare_name(const Ast& node);

// Steps that are numbers or the like are remembered in `wrong`: what is not even syntax is reported first.
void append_steps(Ast& path, AstPointer right, std::uint32_t dot, std::optional<Failure>& wrong);
// What a function returns last: calls there need no stack of their own.
void mark_tail(Ast& body);

}  // namespace flowstone::jsonata
