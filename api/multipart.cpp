#include "api/multipart.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace flowstone::api {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

std::unexpected<MultipartParser::Error> stopped() {
  return failure(MultipartParser::Error{.stopped = true, .sentence = {}});
}

}  // namespace

MultipartParser::MultipartParser(std::string_view boundary, PartReceiver& receiver)
    : delimiter_(fmt::format("\r\n--{}", boundary)), receiver_(receiver), pending_(kLineEnd) {}

std::unexpected<MultipartParser::Error> MultipartParser::malformed(std::string_view sentence) const {
  return failure(Error{.stopped = false, .sentence = fmt::format("Part {} of the form {}.", parts_, sentence)});
}

Result<void, MultipartParser::Error> MultipartParser::feed(BytesView bytes) {
  if (state_ == State::epilogue) return {};
  pending_.append(bytes);
  for (;;) {
    FLOWSTONE_TRY(const bool more, step());
    if (!more) break;
  }
  pending_.erase(0, begin_);
  begin_ = 0;
  return {};
}

Result<void, MultipartParser::Error> MultipartParser::finish() {
  if (state_ == State::epilogue) return {};
  if (state_ == State::preamble)
    return failure(Error{.stopped = false, .sentence = "The form has no part that begins with its boundary."});
  return malformed("has no end: the boundary with two dashes behind it must be the last");
}

Result<bool, MultipartParser::Error> MultipartParser::step() {
  switch (state_) {
    case State::preamble:
    case State::body:
      return seek_delimiter();
    case State::behind_delimiter:
      return read_padding();
    case State::head:
      return read_head();
    case State::body_start:
      return read_body_start();
    case State::epilogue:
      begin_ = pending_.size();
      return false;
  }
  return false;
}

Result<bool, MultipartParser::Error> MultipartParser::seek_delimiter() {
  const BytesView rest = unread();
  const auto found = rest.find(delimiter_);
  // What could be the beginning of a delimiter waits for what comes.
  const auto sure = found != BytesView::npos ? found : rest.size() - std::min(rest.size(), delimiter_.size() - 1);
  if (state_ == State::preamble) {
    preamble_ += sure;
    if (preamble_ > kMostPreambleBytes)
      return failure(
          Error{.stopped = false,
                .sentence = fmt::format("The form has more than {} bytes before its first part.", kMostPreambleBytes)});
  } else if (sure > 0 && !receiver_.take(rest.substr(0, sure))) {
    return stopped();
  }
  begin_ += sure;
  if (found == BytesView::npos) return false;
  begin_ += delimiter_.size();
  if (state_ == State::body && !receiver_.end()) return stopped();
  state_ = State::behind_delimiter;
  return true;
}

Result<bool, MultipartParser::Error> MultipartParser::read_padding() {
  BytesView rest = unread();
  if (rest.size() < 2) return false;
  if (rest.starts_with("--")) {
    state_ = State::epilogue;
    return true;
  }
  const auto end = rest.find_first_not_of(" \t");
  if (std::min(end, rest.size()) > kMostPadding)
    return malformed(fmt::format("has more than {} blanks behind its boundary", kMostPadding));
  if (end == BytesView::npos || rest.size() - end < 2) return false;
  if (rest.substr(end, 2) != kLineEnd) return malformed("must have a line end (CRLF) behind its boundary");
  begin_ += end + 2;
  state_ = State::head;
  return true;
}

Result<bool, MultipartParser::Error> MultipartParser::read_head() {
  const BytesView rest = unread();
  const auto end = rest.find("\r\n\r\n");
  if (std::min(end, rest.size()) > kMostHeadBytes) {
    ++parts_;
    return malformed(fmt::format("has more than {} bytes of header lines", kMostHeadBytes));
  }
  if (end == BytesView::npos && !rest.starts_with(kLineEnd)) return false;
  ++parts_;
  auto head = parse_part_head(rest.starts_with(kLineEnd) ? BytesView() : rest.substr(0, end));
  if (!head) return malformed(head.error());
  // The empty line's own end stays: of a part without bytes it may be the beginning of the delimiter.
  begin_ += end + 2;
  state_ = State::body_start;
  if (!receiver_.begin(*std::move(head))) return stopped();
  return true;
}

Result<bool, MultipartParser::Error> MultipartParser::read_body_start() {
  const BytesView rest = unread();
  const auto known = std::min(rest.size(), delimiter_.size());
  const bool could_be = rest.substr(0, known) == BytesView(delimiter_).substr(0, known);
  if (could_be && known < delimiter_.size()) return false;
  if (!could_be) begin_ += kLineEnd.size();
  state_ = State::body;
  return true;
}

}  // namespace flowstone::api
