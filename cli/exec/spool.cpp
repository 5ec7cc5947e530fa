#include "cli/exec/spool.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include "cli/exec/spool_record.hpp"

namespace flowstone::cli {
namespace {

namespace json = boost::json;

std::string because_of(int error) { return std::strerror(error); }  // NOLINT(concurrency-mt-unsafe): glibc's is safe

// All of `bytes` at `offset`, or the error.
int write_at(int descriptor, std::string_view bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const auto written = ::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    offset += static_cast<std::uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

// Up to `count` bytes at `offset`; fewer where the file ends.
std::string read_at(int descriptor, std::size_t count, std::uint64_t offset) {
  std::string out(count, '\0');
  std::size_t have = 0;
  while (have < count) {
    const auto got = ::pread(descriptor, out.data() + have, count - have, static_cast<off_t>(offset + have));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    have += static_cast<std::size_t>(got);
  }
  out.resize(have);
  return out;
}

std::string framed(std::string_view content) {
  std::string out;
  append_u32(static_cast<std::uint32_t>(content.size()), out);
  append_u32(checksum_of(content), out);
  out += content;
  return out;
}

// The content of the whole frame at `offset`; nothing if there is none (yet), or it is damaged.
std::optional<std::string> frame_at(int descriptor, std::uint64_t offset) {
  const auto head = read_at(descriptor, kFrameHeadBytes, offset);
  if (head.size() < kFrameHeadBytes) return {};
  const auto length = read_u32(head);
  if (length == 0 || length > kFrameBytes) return {};
  auto content = read_at(descriptor, length, offset + kFrameHeadBytes);
  if (content.size() < length || checksum_of(content) != read_u32(std::string_view(head).substr(4))) return {};
  return content;
}

std::optional<SpoolHeading> heading_of(std::string_view content) {
  boost::system::error_code error;
  const auto document = json::parse(content, error);
  if (error || !document.is_object()) return {};
  const auto text = [&](const char* name) {
    const auto* value = document.get_object().if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
  };
  return SpoolHeading{.run = text("run"), .url = text("url"), .body = text("body")};
}

}  // namespace

Result<SpoolWriter, std::string> SpoolWriter::create(const std::filesystem::path& file, const SpoolHeading& heading) {
  std::error_code failed;
  std::filesystem::create_directories(file.parent_path(), failed);
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);  // NOLINT: POSIX
  if (descriptor < 0) return failure(fmt::format("{}: {}", file.string(), because_of(errno)));
  ::flock(descriptor, LOCK_EX | LOCK_NB);
  const json::value document = {{"run", heading.run}, {"url", heading.url}, {"body", heading.body}};
  const auto start = std::string(kSpoolMagic) + framed(json::serialize(document));
  if (const int error = write_at(descriptor, start, 0); error != 0) {
    ::close(descriptor);
    return failure(fmt::format("{}: {}", file.string(), because_of(error)));
  }
  return SpoolWriter(descriptor, start.size());
}

Result<std::optional<SpoolWriter>, std::string> SpoolWriter::adopt(const std::filesystem::path& file) {
  FLOWSTONE_TRY(auto reader, SpoolReader::open(file));
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CLOEXEC);  // NOLINT: POSIX
  if (descriptor < 0) return failure(fmt::format("{}: {}", file.string(), because_of(errno)));
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    ::close(descriptor);
    return std::optional<SpoolWriter>();
  }
  while (reader.next()) {
  }
  if (::ftruncate(descriptor, static_cast<off_t>(reader.consumed_bytes())) != 0) {
    const int error = errno;
    ::close(descriptor);
    return failure(fmt::format("{}: {}", file.string(), because_of(error)));
  }
  return std::optional<SpoolWriter>(SpoolWriter(descriptor, reader.consumed_bytes()));
}

SpoolWriter::SpoolWriter(SpoolWriter&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), end_(other.end_), frame_(std::move(other.frame_)) {}

SpoolWriter::~SpoolWriter() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void SpoolWriter::add(const SpoolRecord& record) { append_record(record, frame_); }

Result<void, std::string> SpoolWriter::commit() {
  if (frame_.empty()) return {};
  const auto bytes = framed(frame_);
  frame_.clear();
  if (const int error = write_at(descriptor_, bytes, end_); error != 0) {
    [[maybe_unused]] const int cut = ::ftruncate(descriptor_, static_cast<off_t>(end_));
    return failure(because_of(error));
  }
  end_ += bytes.size();
  return {};
}

Result<SpoolReader, std::string> SpoolReader::open(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);  // NOLINT: POSIX
  if (descriptor < 0) return failure(fmt::format("{}: {}", file.string(), because_of(errno)));
  SpoolReader reader(descriptor);
  if (read_at(descriptor, kSpoolMagic.size(), 0) != kSpoolMagic) {
    return failure(fmt::format("{} is no spool of this version of flowstone", file.string()));
  }
  const auto content = frame_at(descriptor, kSpoolMagic.size());
  const auto heading = content ? heading_of(*content) : std::nullopt;
  if (!heading || heading->run.empty()) return failure(fmt::format("{}: its heading is damaged", file.string()));
  reader.heading_ = *heading;
  reader.first_frame_ = kSpoolMagic.size() + kFrameHeadBytes + content->size();
  reader.offset_ = reader.first_frame_;
  return reader;
}

SpoolReader::SpoolReader(SpoolReader&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      heading_(std::move(other.heading_)),
      first_frame_(other.first_frame_),
      offset_(other.offset_),
      frame_(std::move(other.frame_)),
      frame_at_(other.frame_at_),
      sequence_(other.sequence_),
      steps_(std::move(other.steps_)) {}

SpoolReader::~SpoolReader() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool SpoolReader::load_frame() {
  auto content = frame_at(descriptor_, offset_);
  if (!content) return false;
  offset_ += kFrameHeadBytes + content->size();
  frame_ = *std::move(content);
  frame_at_ = 0;
  return true;
}

std::optional<SpoolRecord> SpoolReader::next() {
  while (frame_at_ == frame_.size()) {
    if (!load_frame()) return {};
  }
  auto rest = std::string_view(frame_).substr(frame_at_);
  auto record = take_record(rest);
  if (!record) return {};
  frame_at_ = frame_.size() - rest.size();
  ++sequence_;
  if (record->kind == SpoolKind::step_started) steps_.push_back(record->bytes);
  return record;
}

void SpoolReader::rewind() {
  offset_ = first_frame_;
  frame_.clear();
  frame_at_ = 0;
  sequence_ = 0;
  steps_.clear();
}

std::string_view SpoolReader::step_name(std::uint16_t step) const {
  return step == 0 || step > steps_.size() ? std::string_view() : std::string_view(steps_[step - 1]);
}

std::vector<std::filesystem::path> spools_in(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> found;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(directory, failed)) {
    if (entry.path().extension() == ".spool") found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

}  // namespace flowstone::cli
