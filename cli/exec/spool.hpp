// The file in which a recorder keeps what it saw until the server has it. Format: docs/formats/spool.md.
//
// Durability: a record survives the end of the process, whatever ends it, as soon as `append` returns; it is not synced, so
// that the recorded program never waits for the disk. A torn end (power cut, full disk) is found by its checksum and
// cut off.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace flowstone::cli {

// What opens the run; the first thing in the file.
struct SpoolHeading {
  std::string run;   // id
  std::string url;   // of the server that shall have it
  std::string body;  // JSON of the `create_run` command
};

enum class SpoolKind : std::uint8_t {
  started = 1,
  step_started,
  output,
  step_finished,
  heartbeat,
  completed,
  failed,
  cancelled
};

struct SpoolRecord {
  SpoolKind kind = SpoolKind::heartbeat;
  Timestamp at{};
  bool is_error_stream = false;  // output: printed on stderr
  bool partial = false;          // output: the line goes on in the next record of its stream
  std::uint16_t step = 0;        // output, step_finished: ordinal of the step, from 1
  std::string bytes{};           // output: the line; step_started: the name; failed: what went wrong
  std::optional<std::int32_t> exit_code{};
  std::string signal{};  // "SIGTERM"
  std::optional<std::uint64_t> duration_ms{};
};

// Threads: one thread at a time.
class SpoolWriter {
 public:
  // Makes the file, locked as long as this object lives, so that others see that its recorder is alive.
  static Result<SpoolWriter, std::string> create(const std::filesystem::path& file, const SpoolHeading& heading);
  // Goes on behind the last whole record of a file whose recorder is gone; nothing if it is alive.
  static Result<std::optional<SpoolWriter>, std::string> adopt(const std::filesystem::path& file);
  ~SpoolWriter();
  SpoolWriter(SpoolWriter&& other) noexcept;
  SpoolWriter& operator=(SpoolWriter&&) = delete;

  // Collects a record; `commit` writes all that were collected as one frame. Records are numbered from 1 in this order.
  void add(const SpoolRecord& record);
  // A full disk is an error: the frame is dropped, its numbers are given again, and the next one may succeed.
  Result<void, std::string> commit();

  [[nodiscard]] std::size_t collected_bytes() const { return frame_.size(); }
  [[nodiscard]] std::uint64_t committed_bytes() const { return end_; }

 private:
  SpoolWriter(int descriptor, std::uint64_t end) : descriptor_(descriptor), end_(end) {}

  int descriptor_;
  std::uint64_t end_;
  std::string frame_;
};

// Threads: one thread at a time, beside a writer in another thread or process.
class SpoolReader {
 public:
  static Result<SpoolReader, std::string> open(const std::filesystem::path& file);
  ~SpoolReader();
  SpoolReader(SpoolReader&& other) noexcept;
  SpoolReader& operator=(SpoolReader&&) = delete;

  [[nodiscard]] const SpoolHeading& heading() const { return heading_; }
  // The next record, or nothing where the whole frames end for now. `sequence` is its number.
  std::optional<SpoolRecord> next();
  [[nodiscard]] std::uint64_t sequence() const { return sequence_; }
  // Goes back to the start of the records.
  void rewind();
  // Name of the step that a record's `step` means; known once its step_started was read.
  [[nodiscard]] std::string_view step_name(std::uint16_t step) const;
  // The last byte of the last whole frame that was read.
  [[nodiscard]] std::uint64_t consumed_bytes() const { return offset_; }

 private:
  explicit SpoolReader(int descriptor) : descriptor_(descriptor) {}
  bool load_frame();

  int descriptor_;
  SpoolHeading heading_;
  std::uint64_t first_frame_ = 0;
  std::uint64_t offset_ = 0;
  std::string frame_;
  std::size_t frame_at_ = 0;
  std::uint64_t sequence_ = 0;
  std::vector<std::string> steps_;
};

// Spool files in the directory, oldest first.
std::vector<std::filesystem::path> spools_in(const std::filesystem::path& directory);

}  // namespace flowstone::cli
