// A diff as people and programs take it: unified text for `patch`, HTML for browsers.
#pragma once

#include <string>
#include <string_view>

#include "documents/diff.hpp"

namespace flowstone::documents {

// Lines with three lines of context around each change, as `diff -u` writes them and `patch` applies them. Empty where
// the texts are the same.
std::string unified(const DocumentDiff& diff, const Text& old_text, const Text& new_text, std::string_view old_name,
                    std::string_view new_name);

// One <section> that a page can take in: text in <del> and <ins>, what was moved linked to where it went and came
// from, with words for those who hear it read. Every byte of the texts is escaped; there is no script and no style.
std::string html(const DocumentDiff& diff, const Text& old_text, const Text& new_text);

}  // namespace flowstone::documents
