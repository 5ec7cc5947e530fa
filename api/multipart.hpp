// multipart/form-data (RFC 7578, on RFC 2046): a body of parts, read as its bytes come.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace flowstone::api {

// What stands before a part's bytes.
struct PartHead {
  std::string name;                     // of the form's field
  std::optional<std::string> filename;  // `filename*` where both are given; of a field that is no file: nothing
  std::string content_type;             // as it stands; empty if absent
};

// Who the parts are for. Each call returns false to stop.
class PartReceiver {
 public:
  virtual ~PartReceiver() = default;
  virtual bool begin(PartHead head) = 0;
  virtual bool take(BytesView bytes) = 0;
  virtual bool end() = 0;
};

// The `boundary` of a Content-Type. The error is a sentence.
Result<std::string, std::string> boundary_of(std::string_view content_type);

// What a part's header lines say, without the empty line behind them. The error is a sentence.
Result<PartHead, std::string> parse_part_head(std::string_view lines);

// Order: `feed` as the bytes come, in pieces of any size, then `finish`; after an error nothing more.
// Cost: holds what could be the beginning of a delimiter, and a part's head; time grows with the bytes.
// Limits: kMostHeadBytes a head, kMostPreambleBytes before the first part.
class MultipartParser {
 public:
  static constexpr std::size_t kMostHeadBytes = 16 << 10;
  static constexpr std::size_t kMostPreambleBytes = 64 << 10;
  static constexpr std::size_t kMostPadding = 256;  // white space behind a delimiter

  struct Error {
    bool stopped = false;  // by the receiver, which knows why
    std::string sentence;  // what is wrong with the bytes, naming the part by its number
  };

  // `boundary` as `boundary_of` gave it. The receiver outlives the parser.
  MultipartParser(std::string_view boundary, PartReceiver& receiver);

  Result<void, Error> feed(BytesView bytes);
  // There are no more bytes: the last delimiter must have come.
  Result<void, Error> finish();

 private:
  enum class State : std::uint8_t { preamble, behind_delimiter, head, body_start, body, epilogue };
  // False: it needs more bytes.
  Result<bool, Error> step();
  Result<bool, Error> seek_delimiter();
  Result<bool, Error> read_padding();
  Result<bool, Error> read_head();
  Result<bool, Error> read_body_start();
  [[nodiscard]] BytesView unread() const { return BytesView(pending_).substr(begin_); }
  [[nodiscard]] std::unexpected<Error> malformed(std::string_view sentence) const;

  const std::string delimiter_;  // CRLF, two dashes, the boundary
  PartReceiver& receiver_;
  State state_ = State::preamble;
  std::string pending_;
  std::size_t begin_ = 0;
  std::size_t preamble_ = 0;
  std::size_t parts_ = 0;  // heads that were read
};

}  // namespace flowstone::api
