#include "bench/edited_documents.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <utility>

namespace flowstone::bench {
namespace {

struct Piece {
  std::string sentence;
  std::string space;  // behind it
  int truth = -1;     // which of the sentences that are asked for
};

bool is_space(char byte) { return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r'; }

// A sentence ends behind . ! or ? and white space, at a blank line, and before a line that begins a list item, heading
// or row.
std::vector<Piece> pieces_of(const std::string& text) {
  std::vector<Piece> pieces;
  std::string sentence;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_space(text[at])) {
      sentence += text[at++];
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && is_space(text[end])) ++end;
    const auto space = text.substr(at, end - at);
    const bool stopped = !sentence.empty() && std::string_view(".!?").find(sentence.back()) != std::string_view::npos;
    const bool blank_line = std::ranges::count(space, '\n') > 1;
    const bool structure = space.find('\n') != std::string::npos && end < text.size() &&
                           std::string_view("-*#|`").find(text[end]) != std::string_view::npos;
    if (stopped || blank_line || structure) {
      pieces.push_back({.sentence = sentence, .space = space, .truth = -1});
      sentence.clear();
    } else {
      sentence += space;
    }
    at = end;
  }
  if (!sentence.empty()) pieces.push_back({.sentence = sentence, .space = {}, .truth = -1});
  return pieces;
}

bool is_asked_for(const std::string& sentence) { return sentence.size() >= 40 && sentence.size() <= 300; }

// Where words of letters or digits begin and end.
std::vector<Stretch> words_of(const std::string& sentence) {
  std::vector<Stretch> words;
  for (std::size_t at = 0; at < sentence.size();) {
    std::size_t end = at;
    while (end < sentence.size() && std::isalnum(static_cast<unsigned char>(sentence[end])) != 0) ++end;
    if (end > at) words.push_back({at, end});
    at = std::max(end, at + 1);
  }
  return words;
}

class Editor {
 public:
  Editor(const Document& document, std::mt19937_64& random) : pieces_(pieces_of(document.utf8)), random_(random) {
    for (const auto& piece : pieces_) {
      for (const auto& word : words_of(piece.sentence))
        vocabulary_.push_back(piece.sentence.substr(word.begin, word.end - word.begin));
    }
  }

  EditedDocument run(Edit edit, std::size_t most) {
    choose(most);
    if (edit == Edit::deleted_near_twin) plant_twins(2);
    if (edit == Edit::deleted_duplicate) plant_twins(0);
    EditedDocument result;
    result.truths.resize(chosen_);
    for (const auto& piece : pieces_) {
      if (piece.truth >= 0)
        truth(result, piece).old_place = {result.old_utf8.size(), result.old_utf8.size() + piece.sentence.size()};
      result.old_utf8 += piece.sentence + piece.space;
    }
    apply(edit);
    for (const auto& piece : pieces_) {
      if (piece.truth >= 0)
        truth(result, piece).new_place =
            Stretch{result.new_utf8.size(), result.new_utf8.size() + piece.sentence.size()};
      result.new_utf8 += piece.sentence + piece.space;
    }
    const bool stays = edit == Edit::elsewhere || edit == Edit::context_rewritten || edit == Edit::moved;
    for (auto& each : result.truths) each.fresh = stays;
    return result;
  }

 private:
  static Truth& truth(EditedDocument& result, const Piece& piece) {
    return result.truths[static_cast<std::size_t>(piece.truth)];
  }

  std::size_t below(std::size_t limit) { return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_); }
  bool with(double chance) { return std::bernoulli_distribution(chance)(random_); }

  // Sentences that are asked for, with at least four others between two of them. No two say the same: which of them
  // went where would have no answer in the texts.
  void choose(std::size_t most) {
    std::vector<std::size_t> places;
    for (std::size_t at = 2; at + 2 < pieces_.size(); ++at) {
      if (is_asked_for(pieces_[at].sentence) && words_of(pieces_[at].sentence).size() >= 5) places.push_back(at);
    }
    std::ranges::shuffle(places, random_);
    std::set<std::string> said;
    for (const std::size_t place : places) {
      if (chosen_ == most) break;
      bool near = false;
      for (std::size_t at = place < 5 ? 0 : place - 5; at < std::min(place + 6, pieces_.size()); ++at)
        near = near || pieces_[at].truth >= 0;
      if (!near && said.insert(pieces_[place].sentence).second) pieces_[place].truth = static_cast<int>(chosen_++);
    }
  }

  // A place where a sentence may be put in: at least four sentences away from `from`.
  std::size_t place_away_from(std::size_t from) {
    for (int tries = 0; tries < 100; ++tries) {
      const std::size_t place = below(pieces_.size());
      const std::size_t distance = place > from ? place - from : from - place;
      if (distance >= 5 && pieces_[place].truth < 0) return place;
    }
    return from > pieces_.size() / 2 ? 0 : pieces_.size() - 1;
  }

  void plant_twins(std::size_t words_changed) {
    for (std::size_t truth = 0; truth < chosen_; ++truth) {
      const std::size_t from = place_of(static_cast<int>(truth));
      Piece twin{.sentence = pieces_[from].sentence, .space = " ", .truth = -1};
      change_words(twin.sentence, words_changed);
      twins_.push_back(twin.sentence);
      pieces_.insert(pieces_.begin() + static_cast<std::ptrdiff_t>(place_away_from(from)), std::move(twin));
    }
  }

  [[nodiscard]] std::size_t place_of(int truth) const {
    return static_cast<std::size_t>(std::ranges::find(pieces_, truth, &Piece::truth) - pieces_.begin());
  }

  std::string other_word(const std::string& word) {
    for (int tries = 0; tries < 100; ++tries) {
      const auto& other = vocabulary_[below(vocabulary_.size())];
      if (other != word) return other;
    }
    return word + "s";
  }

  void change_words(std::string& sentence, std::size_t count) {
    auto words = words_of(sentence);
    std::ranges::shuffle(words, random_);
    words.resize(std::min(words.size(), count));
    std::ranges::sort(words, std::ranges::greater(), &Stretch::begin);
    for (const auto& word : words) {
      const auto old_word = sentence.substr(word.begin, word.end - word.begin);
      const bool number = old_word.find_first_not_of("0123456789") == std::string::npos;
      sentence.replace(word.begin, old_word.size(), number ? std::to_string(1 + below(9'999)) : other_word(old_word));
    }
  }

  void change_share(std::string& sentence, std::size_t percent) {
    change_words(sentence, std::max<std::size_t>(1, (words_of(sentence).size() * percent + 50) / 100));
  }

  std::string new_sentence(std::size_t words) {
    std::string sentence;
    for (std::size_t at = 0; at < words; ++at) {
      auto word = vocabulary_[below(vocabulary_.size())];
      if (at == 0) word[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(word[0])));
      sentence += (at == 0 ? "" : " ") + word;
    }
    return sentence + ".";
  }

  void apply(Edit edit) {
    for (std::size_t truth = 0; truth < chosen_; ++truth) apply(edit, place_of(static_cast<int>(truth)));
    edit_elsewhere(edit == Edit::context_rewritten);
  }

  void apply(Edit edit, std::size_t place) {
    auto& sentence = pieces_[place].sentence;
    switch (edit) {
      case Edit::elsewhere:
        return;
      case Edit::context_rewritten:
        for (const std::size_t beside : {place - 1, place + 1}) pieces_[beside].sentence = new_sentence(6 + below(15));
        return;
      case Edit::one_word:
        return change_words(sentence, 1);
      case Edit::quarter:
        return change_share(sentence, 25);
      case Edit::sixty_percent:
        return change_share(sentence, 60);
      case Edit::moved_one_word:
        change_words(sentence, 1);
        return move(place);
      case Edit::moved:
        return move(place);
      case Edit::deleted:
      case Edit::deleted_near_twin:
      case Edit::deleted_duplicate:
        return erase(place);
    }
  }

  void move(std::size_t place) {
    Piece moved = pieces_[place];
    moved.space = " ";
    const std::size_t to = place_away_from(place);
    erase(place);
    pieces_.insert(pieces_.begin() + static_cast<std::ptrdiff_t>(to > place ? to - 1 : to), std::move(moved));
  }

  // A blank line behind a sentence outlives it.
  void erase(std::size_t place) {
    auto& piece = pieces_[place];
    if (piece.space.find('\n') != std::string::npos) {
      piece.sentence.clear();
      piece.truth = -1;
    } else {
      pieces_.erase(pieces_.begin() + static_cast<std::ptrdiff_t>(place));
    }
  }

  void edit_elsewhere(bool keep_context) {
    std::vector<Piece> edited;
    for (std::size_t at = 0; at < pieces_.size(); ++at) {
      auto piece = pieces_[at];
      const bool twin = std::ranges::find(twins_, piece.sentence) != twins_.end();
      const bool beside = keep_context && ((at > 0 && pieces_[at - 1].truth >= 0) ||
                                           (at + 1 < pieces_.size() && pieces_[at + 1].truth >= 0));
      if (with(0.03)) edited.push_back({.sentence = new_sentence(6 + below(20)), .space = " ", .truth = -1});
      if (piece.truth < 0 && !twin && !beside) {
        if (with(0.03)) continue;
        if (with(0.03)) change_words(piece.sentence, 1 + below(3));
      }
      edited.push_back(std::move(piece));
    }
    pieces_ = std::move(edited);
  }

  std::vector<Piece> pieces_;
  std::mt19937_64& random_;
  std::vector<std::string> vocabulary_, twins_;
  std::size_t chosen_ = 0;
};

}  // namespace

EditedDocument edited(const Document& document, Edit edit, std::size_t most_truths, std::mt19937_64& random) {
  return Editor(document, random).run(edit, most_truths);
}

}  // namespace flowstone::bench
