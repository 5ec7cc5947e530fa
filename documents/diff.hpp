// What changed from one text to another, for people to read and for machines to apply.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "documents/alignment.hpp"
#include "documents/text.hpp"

namespace flowstone::documents {

enum class ChangeKind : std::uint8_t {
  equal,
  insertion,
  deletion,
  replacement,  // a sentence that became another: `edits` says which words
  departure,    // what stood here was moved to the arrival of the same move
  arrival,      // what was moved here, edited perhaps: `edits`
  formatting,   // other white space, or another form of the same characters
};
std::string_view name_of(ChangeKind kind);

// Words inside a replacement or an arrival: equal, insertion, deletion, replacement or formatting.
struct Edit {
  ChangeKind kind = ChangeKind::equal;
  Span old_span;
  Span new_span;
  bool operator==(const Edit&) const = default;
};

struct Operation {
  ChangeKind kind = ChangeKind::equal;
  Span old_span;
  Span new_span;
  std::uint32_t move = 0;  // of a departure and its arrival: from 1
  Span counterpart;        // of a departure in the new text, of an arrival in the old text
  std::vector<Edit> edits;
  bool operator==(const Operation&) const = default;
};

struct DiffStatistics {
  std::uint32_t words_inserted = 0;
  std::uint32_t words_deleted = 0;
  std::uint32_t words_moved = 0;
  std::uint32_t words_kept = 0;
  bool operator==(const DiffStatistics&) const = default;
};

// The old spans of all operations follow each other through the old text, the new ones through the new text; the edits
// of a replacement do so within it, those of an arrival through its counterpart and itself.
struct DocumentDiff {
  std::vector<Operation> operations;
  DiffStatistics statistics;

  // True where both texts are the same, byte for byte.
  [[nodiscard]] bool empty() const;
  bool operator==(const DocumentDiff&) const = default;
};

// Order: a function of both texts.
// Cost: `align`, and linear beyond it.
DocumentDiff diff(const Text& old_text, const Text& new_text);
DocumentDiff diff(const Text& old_text, const Text& new_text, const Alignment& alignment);

// The new text, made of the old one and what was inserted; the old text, made of the new one and what was deleted.
std::string accept_all(const DocumentDiff& diff, const Text& old_text, const Text& new_text);
std::string reject_all(const DocumentDiff& diff, const Text& old_text, const Text& new_text);

// The diff the other way round.
DocumentDiff inverted(const DocumentDiff& diff);

}  // namespace flowstone::documents
