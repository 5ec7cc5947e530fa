// Documents, and edits of them whose truth is known: where each sentence went and whether it still says the same.
//
// Cuts sentences and words by rules of its own, so that it knows nothing of what it is used to measure.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace flowstone::bench {

struct Document {
  std::string name;
  std::string utf8;
};

// Both histories of specifications beside this checkout, in order of their versions; empty where they are not.
std::vector<Document> corpus_documents(std::string_view history);
// This repository's own documentation.
std::vector<Document> own_documents();
// Contracts as lawyers write them: numbered clauses that resemble each other.
std::vector<Document> made_up_contracts(std::size_t count);
// The same words with every white space made one space.
std::vector<Document> on_one_line(std::vector<Document> documents);

enum class Edit : std::uint8_t {
  elsewhere,
  context_rewritten,
  one_word,
  quarter,
  sixty_percent,
  moved,
  moved_one_word,
  deleted,
  deleted_near_twin,
  deleted_duplicate,
};

// Bytes of a text.
struct Stretch {
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct Truth {
  Stretch old_place;
  std::optional<Stretch> new_place;  // nothing if it was deleted
  bool fresh = false;
};

struct EditedDocument {
  std::string old_utf8;
  std::string new_utf8;
  std::vector<Truth> truths;
};

// Edits some sentences of 40 to 300 characters as `edit` says, and elsewhere deletes, edits and inserts 3 % each.
EditedDocument edited(const Document& document, Edit edit, std::size_t most_truths, std::mt19937_64& random);

}  // namespace flowstone::bench
