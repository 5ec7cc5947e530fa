#include "cli/push/form_body.hpp"

#include <fmt/format.h>

namespace flowstone::cli {
namespace {

constexpr std::size_t kPieceBytes = 256 << 10;

// As browsers write names.
std::string escaped(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '"') {
      out += "%22";
    } else if (c == '\r') {
      out += "%0D";
    } else if (c == '\n') {
      out += "%0A";
    } else {
      out += c;
    }
  }
  return out;
}

std::string opening_of(std::string_view boundary, std::string_view label) {
  if (label.empty()) return {};
  return fmt::format("--{}\r\nContent-Disposition: form-data; name=\"label\"\r\n\r\n{}\r\n", boundary, label);
}

}  // namespace

FormBody::FormBody(const std::vector<LocalFile>& files, std::string_view label, std::string boundary)
    : files_(files),
      boundary_(std::move(boundary)),
      opening_(opening_of(boundary_, label)),
      closing_(fmt::format("--{}--\r\n", boundary_)) {
  length_ = opening_.size() + closing_.size();
  for (const LocalFile& file : files_) length_ += head_of(file).size() + file.size + 2;
}

std::string FormBody::content_type() const { return fmt::format("multipart/form-data; boundary={}", boundary_); }

std::string FormBody::head_of(const LocalFile& file) const {
  return fmt::format("--{}\r\nContent-Disposition: form-data; name=\"documents\"; filename=\"{}\"\r\n\r\n", boundary_,
                     escaped(file.path));
}

void FormBody::rewind() {
  at_ = 0;
  left_ = 0;
  opened_ = closed_ = false;
  in_.close();
}

// Adds to the piece; false if there is nothing more, or a problem.
bool FormBody::fill() {
  if (!opened_) {
    piece_ += opening_;
    opened_ = true;
    return true;
  }
  if (at_ == files_.size()) {
    if (closed_) return false;
    piece_ += closing_;
    closed_ = true;
    return true;
  }
  const LocalFile& file = files_[at_];
  if (!in_.is_open()) {
    piece_ += head_of(file);
    in_.clear();
    in_.open(file.file, std::ios::binary);
    left_ = file.size;
  }
  const auto before = piece_.size();
  const auto wanted = std::min<std::uint64_t>(left_, kPieceBytes);
  piece_.resize(before + wanted);
  in_.read(piece_.data() + before, static_cast<std::streamsize>(wanted));
  left_ -= wanted;
  const bool whole = in_.good() || (wanted == 0 && in_.is_open());
  if (!whole || (left_ == 0 && in_.peek() != std::ifstream::traits_type::eof())) {
    problem_ = fmt::format("{}: changed while it was sent", file.file.string());
    return false;
  }
  if (left_ > 0) return true;
  piece_ += "\r\n";
  in_.close();
  ++at_;
  return true;
}

std::optional<std::string_view> FormBody::next() {
  piece_.clear();
  while (piece_.size() < kPieceBytes && fill()) continue;
  if (!problem_.empty()) return std::nullopt;
  return piece_;
}

}  // namespace flowstone::cli
