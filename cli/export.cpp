// `flowstone export`: a log as JSON lines, with the files that its events name.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <set>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "base/bytes.hpp"
#include "cli/log_directory.hpp"
#include "cli/named_blobs.hpp"
#include "cli/portable_blob.hpp"
#include "cli/portable_event.hpp"
#include "cli/program.hpp"
#include "cli/terminal.hpp"

namespace flowstone::cli {
namespace {

constexpr std::size_t kWriteBytes = 1 << 20;

struct ExportOptions {
  std::string data = "flowstone-data";
  std::string file;
  std::uint64_t from = 1;
  bool events_only = false;
};

// Lines on their way into a file, counted and chained.
class Lines {
 public:
  Lines(std::FILE* file, const std::string& name) : file_(file), name_(name) {}

  // What was appended to `text` since the last call is one line.
  Result<void, std::string> end_line() {
    chain_.take(std::string_view(text).substr(begin_, text.size() - begin_ - 1));
    return pass_on(kWriteBytes);
  }
  Result<void, std::string> seal(Seal seal) {
    seal.lines = chain_.link();
    append_seal(seal, text);
    FLOWSTONE_TRY_VOID(pass_on(0));
    if (std::fflush(file_) != 0) return failure(trouble());
    return {};
  }

  std::string text;

 private:
  Result<void, std::string> pass_on(std::size_t at_least) {
    if (text.size() >= at_least) {
      if (std::fwrite(text.data(), 1, text.size(), file_) != text.size()) return failure(trouble());
      text.clear();
    }
    begin_ = text.size();
    return {};
  }
  [[nodiscard]] std::string trouble() const {
    return fmt::format("{}: {}", name_, std::strerror(errno));  // NOLINT(concurrency-mt-unsafe): glibc's is safe
  }

  std::FILE* file_;
  const std::string& name_;
  std::size_t begin_ = 0;
  LineChain chain_;
};

// Writes each file that events name once, before the first event that names it.
class BlobLines {
 public:
  BlobLines(const eventstore::BlobReader& blobs, Lines& lines) : blobs_(blobs), lines_(lines) {}

  Result<void, std::string> write_named_by(const eventstore::RecordedEvent& event) {
    FLOWSTONE_TRY(const auto digests, blobs_named_by(event, blobs_));
    for (const Digest& digest : digests) {
      if (written_.emplace(event.workspace, digest).second) FLOWSTONE_TRY_VOID(write(event, digest));
    }
    return {};
  }
  [[nodiscard]] std::uint64_t written() const { return written_.size(); }

 private:
  Result<void, std::string> write(const eventstore::RecordedEvent& event, const Digest& digest) {
    std::string refused;
    const auto written = blobs_.read(
        event.workspace, digest, [&](const eventstore::BlobPiece& piece) -> Result<void, eventstore::StoreError> {
          append_portable(event.workspace, digest, piece, lines_.text);
          if (auto ended = lines_.end_line(); !ended)
            return failure(eventstore::StoreError{
                .code = eventstore::StoreError::Code::mismatch, .position = {}, .detail = refused = ended.error()});
          return {};
        });
    if (!refused.empty()) return failure(std::move(refused));
    if (!written) return failure(sentence_of(written.error()));
    if (!*written)
      return failure(
          fmt::format("the event at position {} names the file {}, which is not beside the log; --events-only exports "
                      "without files",
                      event.position.value, to_hex(view(digest))));
    return {};
  }

  const eventstore::BlobReader& blobs_;
  Lines& lines_;
  std::set<std::pair<std::string, Digest>, std::less<>> written_;
};

Result<void, std::string> export_lines(const ExportOptions& options, eventstore::Store& store, std::FILE* file) {
  const auto head = store.tree_head();
  auto reader = store.read({}, {.from = {options.from}, .to = head.size});
  if (!reader) return failure(sentence_of(reader.error()));
  // After the head: what the events up to it name was on disk before them.
  const auto blobs = eventstore::open_blobs_to_read(std::filesystem::path(options.data) / "blobs");
  if (!blobs) return failure(sentence_of(blobs.error()));
  ProgressBar bar("export");
  Lines lines(file, options.file);
  BlobLines files(**blobs, lines);
  std::uint64_t events = 0;
  for (;;) {
    const auto event = (*reader)->next();
    if (!event) return failure(sentence_of(event.error()));
    if (*event == nullptr) break;
    if (!options.events_only) FLOWSTONE_TRY_VOID(files.write_named_by(**event));
    append_portable(**event, lines.text);
    FLOWSTONE_TRY_VOID(lines.end_line());
    if (++events % 1024 == 0) bar.show((*event)->position.value, head.size.value);
  }
  Seal seal{.events = events, .size = head.size.value, .root = head.root};
  if (!options.events_only) seal.blobs = files.written();
  FLOWSTONE_TRY_VOID(lines.seal(seal));
  bar.finish();
  fmt::print(stderr, "{} events, {} files, root {}\n", with_commas(events), with_commas(files.written()),
             to_hex(view(head.root)));
  return {};
}

int run_export(const ExportOptions& options) {
  const auto store = open_log_to_read(options.data);
  if (!store) return fail(store.error());
  const bool to_stdout = options.file == "-";
  std::FILE* file = to_stdout ? stdout : std::fopen(options.file.c_str(), "wbx");  // never over an earlier export
  if (file == nullptr)
    return fail(
        fmt::format("{}: {}", options.file, std::strerror(errno)));  // NOLINT(concurrency-mt-unsafe): glibc's is safe
  const auto exported = export_lines(options, **store, file);
  const bool closed = to_stdout || std::fclose(file) == 0;
  if (!exported) return fail(exported.error());
  return closed ? kDone
                : fail(fmt::format("{}: {}", options.file,
                                   std::strerror(errno)));  // NOLINT(concurrency-mt-unsafe): glibc's is safe
}

}  // namespace

void add_export(CLI::App& app, Choice& choice) {
  auto options = std::make_shared<ExportOptions>();
  auto* command =
      app.add_subcommand("export",
                         "Write a log as JSON lines: every event as a CloudEvent with all that its place in "
                         "the Merkle tree is made of, and the files that events name.");
  command->footer(
      "A server may be writing the directory meanwhile; the export holds what was durable when it began.\n\nExample:\n "
      " flowstone export --data flowstone-data log.ndjson");
  command->add_option("file", options->file, "File to write, which must not exist; - for stdout")->required();
  command->add_option("--data", options->data, "Data directory")->envname("FLOWSTONE_DATA")->capture_default_str();
  command->add_option("--from", options->from, "First position, to go on behind an earlier export")
      ->capture_default_str();
  command->add_flag("--events-only", options->events_only,
                    "Without the files of documents and what was read from them: a copy cannot serve documents");
  command->callback([options, &choice] { choice.run = [options] { return run_export(*options); }; });
}

}  // namespace flowstone::cli
