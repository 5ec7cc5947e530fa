// What a version on the server and files here have in common, and what a new version did.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "cli/client.hpp"

namespace flowstone::cli {

// Digests of documents by their paths.
using Documents = std::map<std::string, std::string>;

// Every item of a list, over all its pages. `target` without `limit` and `cursor`.
Result<boost::json::array, Refusal> all_items(Client& client, const std::string& target,
                                              boost::json::value* last = nullptr);

Result<Documents, Refusal> documents_of(Client& client, const std::string& bundle, std::int64_t version);

struct Comparison {
  std::vector<std::string> added, changed, removed;
  std::size_t unchanged = 0;
  [[nodiscard]] bool is_same() const { return added.empty() && changed.empty() && removed.empty(); }
};
Comparison compare(const Documents& before, const Documents& after);

// "12 documents: 1 added, 2 changed, 0 removed, 9 unchanged"
std::string sentence_of(const Comparison& comparison);
// A line a document that is not as it was: "+ path", "~ path", "- path".
void print_changes(const Comparison& comparison);

// What rests on a bundle and is not what it was: the entries of an impact diff, as a table. To stdout.
void print_impact(const boost::json::array& impact);

}  // namespace flowstone::cli
