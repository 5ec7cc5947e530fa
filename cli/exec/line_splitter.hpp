// Cuts a program's output into lines as it arrives.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace flowstone::cli {

// A line or a part of one, without its line end ("\n"; a "\r" before it belongs to the line).
struct LinePiece {
  std::string_view bytes;
  bool partial = false;  // the line goes on in the next piece
};

// Limits: holds at most `kPieceBytes`; a longer line comes in pieces that are cut between UTF-8 characters.
// Order: the pieces joined, with a line end after each that is not partial, are the bytes put in (but for a last line end).
class LineSplitter {
 public:
  static constexpr std::size_t kPieceBytes = 16 << 10;
  using Take = std::function<void(LinePiece)>;

  // The piece's bytes live until `take` returns.
  void put(std::string_view bytes, const Take& take);
  // Hands out what waits for its line end as a partial piece: a prompt, or a bar that is drawn again and again.
  void flush(const Take& take);
  // The end of the output: what waits is the last line, and a line begun in pieces is closed.
  void finish(const Take& take);

  [[nodiscard]] bool waiting() const { return !pending_.empty(); }

 private:
  void take_full_pieces(const Take& take);

  std::string pending_;
  bool open_ = false;  // a partial piece went out and its line has not ended
};

// True if the bytes are UTF-8 without NUL: they may travel as text.
bool is_plain_text(std::string_view bytes);
// Text that the contracts take: what is no UTF-8 is replaced, and it ends with the character that passes `bytes`.
std::string acceptable(std::string_view text, std::size_t bytes);

}  // namespace flowstone::cli
