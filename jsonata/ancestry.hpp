// Where a % finds its parent: each step that it leads to remembers its input.
#pragma once

#include "jsonata/ast.hpp"

namespace flowstone::jsonata {

// What `part` waits for, `whole` waits for too.
void pass_on_ancestry(Ast& whole, const Ast& part);
// Looks for the parents that a predicate of `step` waits for.
void resolve_in_predicate(Ast& step, const Ast& predicate);
// Looks along the path for the parents that its last step waits for.
void resolve_in_path(Ast& path);

}  // namespace flowstone::jsonata
