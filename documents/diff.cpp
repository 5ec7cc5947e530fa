#include "documents/diff.hpp"

#include <algorithm>
#include <map>

namespace flowstone::documents {
namespace {

struct Words {
  std::uint32_t first = 0, last = 0;
  [[nodiscard]] bool empty() const { return first == last; }
};

// A part of both texts before its white space is looked at.
struct Part {
  ChangeKind kind = ChangeKind::equal;
  Words old_words, new_words;
  std::uint32_t move = 0;
  Words counterpart;
};

ChangeKind kind_of(bool old_empty, bool new_empty) {
  if (old_empty) return ChangeKind::insertion;
  return new_empty ? ChangeKind::deletion : ChangeKind::replacement;
}

Operation plain(ChangeKind kind, Span old_span, Span new_span) {
  return {.kind = kind, .old_span = old_span, .new_span = new_span, .move = 0, .counterpart = {}, .edits = {}};
}

class Differ {
 public:
  Differ(const Text& old_text, const Text& new_text, const Alignment& alignment)
      : old_text_(old_text),
        new_text_(new_text),
        alignment_(alignment),
        old_(alignment.old_side),
        new_(alignment.new_side) {}

  DocumentDiff run() {
    if (!old_.words.empty() || !new_.words.empty()) {
      find_groups();
      for (const auto& group : groups_) {
        add_units_up_to(group.old_units.first, group.new_units.first);
        add_group(group);
      }
      add_units_up_to(size_of(old_.units), size_of(new_.units));
    }
    add_ends();
    return std::move(result_);
  }

 private:
  // Units that are connected by words in place.
  struct Group {
    Words old_units, new_units;
  };

  template <class List>
  static std::uint32_t size_of(const List& list) {
    return static_cast<std::uint32_t>(list.size());
  }

  [[nodiscard]] bool in_place(std::uint32_t old_word) const {
    return old_.partner[old_word] != kNone && alignment_.move_of[old_word] == 0;
  }

  void find_groups() {
    in_order_.assign(old_.words.size(), false);
    old_grouped_.assign(old_.units.size(), false);
    new_grouped_.assign(new_.units.size(), false);
    std::uint32_t next = 0;
    for (std::uint32_t word = 0; word < old_.words.size(); ++word) {
      if (!in_place(word) || old_.partner[word] < next) continue;
      in_order_[word] = true;
      next = old_.partner[word] + 1;
      const std::uint32_t old_unit = old_.unit_of[word], new_unit = new_.unit_of[old_.partner[word]];
      const bool connected =
          !groups_.empty() && (old_unit < groups_.back().old_units.last || new_unit < groups_.back().new_units.last);
      if (!connected) groups_.push_back({{old_unit, old_unit + 1}, {new_unit, new_unit + 1}});
      auto& group = groups_.back();
      group.old_units.last = std::max(group.old_units.last, old_unit + 1);
      group.new_units.last = std::max(group.new_units.last, new_unit + 1);
    }
    for (const auto& group : groups_) {
      std::fill(old_grouped_.begin() + group.old_units.first, old_grouped_.begin() + group.old_units.last, true);
      std::fill(new_grouped_.begin() + group.new_units.first, new_grouped_.begin() + group.new_units.last, true);
    }
  }

  static Words words_of(const Side& side, Words units) {
    if (units.empty()) {
      const std::uint32_t at = units.first < side.units.size() ? side.units[units.first].first : size_of(side.words);
      return {at, at};
    }
    return {side.units[units.first].first, side.units[units.last - 1].last};
  }

  // The move that a unit is shown in: both its ends stand by themselves.
  [[nodiscard]] std::uint32_t move_of_old(std::uint32_t unit) const {
    const std::uint32_t move = old_.unit_move[unit];
    return move != 0 && !new_grouped_[old_.unit_partner[unit]] ? move : 0;
  }
  [[nodiscard]] std::uint32_t move_of_new(std::uint32_t unit) const {
    const std::uint32_t move = new_.unit_move[unit];
    return move != 0 && !old_grouped_[new_.unit_partner[unit]] ? move : 0;
  }

  // Units that nothing in place connects: first those that went, then those that came.
  void add_units_up_to(std::uint32_t old_end, std::uint32_t new_end) {
    while (old_unit_ < old_end) {
      const std::uint32_t first = old_unit_, move = move_of_old(first);
      while (old_unit_ < old_end && move_of_old(old_unit_) == move) ++old_unit_;
      Part part{.kind = move == 0 ? ChangeKind::deletion : ChangeKind::departure,
                .old_words = words_of(old_, {first, old_unit_}),
                .new_words = words_of(new_, {new_unit_, new_unit_}),
                .move = move,
                .counterpart = {}};
      if (move != 0)
        part.counterpart = words_of(new_, {old_.unit_partner[first], old_.unit_partner[old_unit_ - 1] + 1});
      add(part);
    }
    while (new_unit_ < new_end) {
      const std::uint32_t first = new_unit_, move = move_of_new(first);
      while (new_unit_ < new_end && move_of_new(new_unit_) == move) ++new_unit_;
      Part part{.kind = move == 0 ? ChangeKind::insertion : ChangeKind::arrival,
                .old_words = words_of(old_, {old_unit_, old_unit_}),
                .new_words = words_of(new_, {first, new_unit_}),
                .move = move,
                .counterpart = {}};
      if (move != 0)
        part.counterpart = words_of(old_, {new_.unit_partner[first], new_.unit_partner[new_unit_ - 1] + 1});
      add(part);
    }
  }

  void add_group(const Group& group) {
    old_unit_ = group.old_units.last;
    new_unit_ = group.new_units.last;
    const Words old_words = words_of(old_, group.old_units), new_words = words_of(new_, group.new_units);
    const auto edits = edits_of(old_words, new_words, 0);
    const bool changed = std::ranges::any_of(
        edits, [](const Edit& edit) { return edit.kind != ChangeKind::equal && edit.kind != ChangeKind::formatting; });
    if (!changed) {
      for (const auto& edit : edits) append(plain(edit.kind, edit.old_span, edit.new_span));
      return;
    }
    auto operation =
        plain(ChangeKind::replacement, span_of(old_, old_text_, old_words), span_of(new_, new_text_, new_words));
    operation.edits = edits;
    append(std::move(operation));
  }

  void add(const Part& part) {
    auto operation =
        plain(part.kind, span_of(old_, old_text_, part.old_words), span_of(new_, new_text_, part.new_words));
    operation.move = part.move;
    const std::uint32_t words = part.old_words.last - part.old_words.first + part.new_words.last - part.new_words.first;
    if (part.kind == ChangeKind::deletion) result_.statistics.words_deleted += words;
    if (part.kind == ChangeKind::insertion) result_.statistics.words_inserted += words;
    if (part.kind == ChangeKind::departure) operation.counterpart = span_of(new_, new_text_, part.counterpart);
    if (part.kind == ChangeKind::arrival) {
      operation.counterpart = span_of(old_, old_text_, part.counterpart);
      operation.edits = edits_of(part.counterpart, part.new_words, part.move);
    }
    append(std::move(operation));
  }

  // Words of a group or of a move, with their edits. `move` 0: in place.
  std::vector<Edit> edits_of(Words old_words, Words new_words, std::uint32_t move) {
    std::vector<Edit> edits;
    Words old_gap{old_words.first, old_words.first}, new_gap{new_words.first, new_words.first};
    const auto close_gap = [&](std::uint32_t old_end, std::uint32_t new_end) {
      old_gap.last = old_end;
      new_gap.last = new_end;
      if (old_gap.empty() && new_gap.empty()) return;
      result_.statistics.words_deleted += old_gap.last - old_gap.first;
      result_.statistics.words_inserted += new_gap.last - new_gap.first;
      append_edit(edits, {kind_of(old_gap.empty(), new_gap.empty()), span_of(old_, old_text_, old_gap),
                          span_of(new_, new_text_, new_gap)});
    };
    for (std::uint32_t word = old_words.first; word < old_words.last; ++word) {
      const std::uint32_t partner = old_.partner[word];
      const bool linked = move == 0 ? in_order_[word] : partner != kNone && alignment_.move_of[word] == move;
      if (!linked || partner < new_gap.first || partner >= new_words.last) continue;
      close_gap(word, partner);
      ++(move == 0 ? result_.statistics.words_kept : result_.statistics.words_moved);
      add_equal_word(edits, word, partner);
      old_gap = {word + 1, word + 1};
      new_gap = {partner + 1, partner + 1};
    }
    close_gap(old_words.last, new_words.last);
    return edits;
  }

  // A word that is in both, and the white space behind it (and before the first).
  void add_equal_word(std::vector<Edit>& edits, std::uint32_t old_word, std::uint32_t new_word) const {
    const Span old_whole = span_of(old_, old_text_, {old_word, old_word + 1});
    const Span new_whole = span_of(new_, new_text_, {new_word, new_word + 1});
    const auto add = [&](Span left, Span right) {
      if (left.empty() && right.empty()) return;
      const bool equal = old_text_.slice(left) == new_text_.slice(right);
      append_edit(edits, {equal ? ChangeKind::equal : ChangeKind::formatting, left, right});
    };
    if (old_text_.slice(old_whole) == new_text_.slice(new_whole)) {
      add(old_whole, new_whole);
      return;
    }
    const Span &left = old_.words[old_word].span, &right = new_.words[new_word].span;
    add({old_whole.start, left.start}, {new_whole.start, right.start});
    add(left, right);
    add({left.end, old_whole.end}, {right.end, new_whole.end});
  }

  // From the first word to where the word behind the last begins, so that all of them cover the text.
  static Span span_of(const Side& side, const Text& text, Words words) {
    const auto boundary = [&](std::uint32_t word) {
      if (word == 0) return std::uint32_t{0};
      return word < side.words.size() ? side.words[word].span.start : text.size();
    };
    return {boundary(words.first), boundary(words.last)};
  }

  static bool joins(ChangeKind kind, Span old_span, Span new_span) {
    switch (kind) {
      case ChangeKind::equal:
      case ChangeKind::formatting:
      case ChangeKind::replacement:
        return true;
      case ChangeKind::insertion:
        return old_span.empty();
      case ChangeKind::deletion:
        return new_span.empty();
      case ChangeKind::departure:
      case ChangeKind::arrival:
        return false;
    }
    return false;
  }

  // One of the same kind goes on; white space beside words that changed is part of their change.
  static void append_edit(std::vector<Edit>& edits, Edit edit) {
    if (!edits.empty()) {
      Edit& last = edits.back();
      const Span old_both{last.old_span.start, edit.old_span.end}, new_both{last.new_span.start, edit.new_span.end};
      const bool space_before = last.kind == ChangeKind::formatting && edit.kind != ChangeKind::equal;
      const bool space_behind = edit.kind == ChangeKind::formatting && last.kind != ChangeKind::equal;
      const ChangeKind kind = space_behind ? last.kind : edit.kind;
      if ((last.kind == edit.kind || space_before || space_behind) && joins(kind, old_both, new_both)) {
        last = {kind, old_both, new_both};
        return;
      }
    }
    edits.push_back(edit);
  }

  void append(Operation operation) {
    const bool unedited = operation.kind == ChangeKind::equal || operation.kind == ChangeKind::formatting;
    if (unedited && !result_.operations.empty() && result_.operations.back().kind == operation.kind) {
      result_.operations.back().old_span.end = operation.old_span.end;
      result_.operations.back().new_span.end = operation.new_span.end;
      return;
    }
    result_.operations.push_back(std::move(operation));
  }

  // Texts without words are white space.
  void add_ends() {
    if (!old_.words.empty() && !new_.words.empty()) return;
    auto& operations = result_.operations;
    const Span old_whole{0, old_text_.size()}, new_whole{0, new_text_.size()};
    if (old_.words.empty() && new_.words.empty()) {
      if (old_text_.utf8() == new_text_.utf8()) {
        if (!old_whole.empty()) operations.push_back(plain(ChangeKind::equal, old_whole, new_whole));
      } else {
        operations.push_back(plain(ChangeKind::formatting, old_whole, new_whole));
      }
      return;
    }
    // All words were inserted or deleted: the white space of the other text is another operation.
    const bool old_blank = old_.words.empty();
    if (old_blank ? old_whole.empty() : new_whole.empty()) return;
    operations.push_back(plain(ChangeKind::formatting, old_blank ? old_whole : Span{old_whole.end, old_whole.end},
                               old_blank ? Span{new_whole.end, new_whole.end} : new_whole));
  }

  const Text& old_text_;
  const Text& new_text_;
  const Alignment& alignment_;
  const Side& old_;
  const Side& new_;
  DocumentDiff result_;
  std::vector<Group> groups_;
  std::vector<bool> in_order_;                   // old words whose partners increase
  std::vector<bool> old_grouped_, new_grouped_;  // units
  std::uint32_t old_unit_ = 0, new_unit_ = 0;
};

// One text from the other: `wanted` of what is new to it, `other` for what is equal.
std::string rebuilt(const DocumentDiff& diff, const Text& wanted, const Text& other, bool accept) {
  std::string out;
  const auto take = [&](ChangeKind kind, Span old_span, Span new_span) {
    const Span own = accept ? new_span : old_span, same = accept ? old_span : new_span;
    out += kind == ChangeKind::equal ? other.slice(same) : wanted.slice(own);
  };
  for (const auto& operation : diff.operations) {
    const bool is_edited =
        operation.kind == ChangeKind::replacement || (accept && operation.kind == ChangeKind::arrival);
    if (is_edited) {
      for (const auto& edit : operation.edits) take(edit.kind, edit.old_span, edit.new_span);
    } else {
      take(operation.kind, operation.old_span, operation.new_span);
    }
  }
  return out;
}

}  // namespace

std::string_view name_of(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::equal:
      return "equal";
    case ChangeKind::insertion:
      return "insertion";
    case ChangeKind::deletion:
      return "deletion";
    case ChangeKind::replacement:
      return "replacement";
    case ChangeKind::departure:
      return "departure";
    case ChangeKind::arrival:
      return "arrival";
    case ChangeKind::formatting:
      return "formatting";
  }
  return "";
}

bool DocumentDiff::empty() const {
  return std::ranges::all_of(operations, [](const Operation& one) { return one.kind == ChangeKind::equal; });
}

DocumentDiff diff(const Text& old_text, const Text& new_text, const Alignment& alignment) {
  return Differ(old_text, new_text, alignment).run();
}

DocumentDiff diff(const Text& old_text, const Text& new_text) {
  return diff(old_text, new_text, align(old_text, new_text));
}

std::string accept_all(const DocumentDiff& diff, const Text& old_text, const Text& new_text) {
  return rebuilt(diff, new_text, old_text, true);
}

std::string reject_all(const DocumentDiff& diff, const Text& old_text, const Text& new_text) {
  return rebuilt(diff, old_text, new_text, false);
}

DocumentDiff inverted(const DocumentDiff& diff) {
  const auto turned = [](ChangeKind kind) {
    switch (kind) {
      case ChangeKind::insertion:
        return ChangeKind::deletion;
      case ChangeKind::deletion:
        return ChangeKind::insertion;
      case ChangeKind::departure:
        return ChangeKind::arrival;
      case ChangeKind::arrival:
        return ChangeKind::departure;
      case ChangeKind::equal:
      case ChangeKind::replacement:
      case ChangeKind::formatting:
        return kind;
    }
    return kind;
  };
  std::map<Span, const Operation*> arrivals;  // by where they came from
  for (const auto& operation : diff.operations) {
    if (operation.kind == ChangeKind::arrival) arrivals[operation.counterpart] = &operation;
  }
  DocumentDiff result{.operations = {}, .statistics = diff.statistics};
  std::swap(result.statistics.words_inserted, result.statistics.words_deleted);
  for (const auto& operation : diff.operations) {
    Operation other{.kind = turned(operation.kind),
                    .old_span = operation.new_span,
                    .new_span = operation.old_span,
                    .move = operation.move,
                    .counterpart = operation.counterpart,
                    .edits = {}};
    const Operation* edited = &operation;
    if (operation.kind == ChangeKind::arrival) edited = nullptr;
    if (operation.kind == ChangeKind::departure) {
      const auto found = arrivals.find(operation.old_span);
      edited = found == arrivals.end() ? nullptr : found->second;
    }
    if (edited != nullptr) {
      for (const auto& edit : edited->edits) other.edits.push_back({turned(edit.kind), edit.new_span, edit.old_span});
    }
    result.operations.push_back(std::move(other));
  }
  return result;
}

}  // namespace flowstone::documents
