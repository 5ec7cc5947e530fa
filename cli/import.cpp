// `flowstone import`: an export back into a data directory, with the same positions and the same Merkle root.
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "base/bytes.hpp"
#include "cli/log_directory.hpp"
#include "cli/named_blobs.hpp"
#include "cli/portable_blob.hpp"
#include "cli/portable_event.hpp"
#include "cli/program.hpp"
#include "cli/terminal.hpp"
#include "eventstore/record.hpp"

namespace flowstone::cli {
namespace {

constexpr std::size_t kImportEvents = 2000;  // an import call gathers whole appends up to about so many

struct ImportOptions {
  std::string data = "flowstone-data";
  std::string file;
};

// Gathers events into whole appends and hands them to the store, the files that they name before them.
class Importer {
 public:
  Importer(eventstore::Store& store, eventstore::Blobs& blobs)
      : store_(store), blobs_(blobs), files_(blobs), present_(store.tree_head().size) {}

  // The errors are sentences.
  Result<void, std::string> take(std::string_view line) {
    if (is_piece(line)) {
      FLOWSTONE_TRY(const auto piece, parse_piece(line));
      return files_.take(piece);
    }
    FLOWSTONE_TRY(auto event, parse_portable(line));
    // What the last line but the event began must have come to its end.
    FLOWSTONE_TRY_VOID(files_.check_whole());
    if (event->event.position <= present_) return pass_over(event->event);
    const bool whole = event->event.position == event->event.append_last;
    waiting_.push_back(std::move(event));
    if (whole && waiting_.size() >= kImportEvents) return flush();
    return {};
  }
  Result<void, std::string> flush() {
    FLOWSTONE_TRY_VOID(files_.keep());
    if (waiting_.empty()) return {};
    std::vector<eventstore::RecordedEvent> events;
    events.reserve(waiting_.size());
    for (const auto& event : waiting_) {
      FLOWSTONE_TRY_VOID(check_files_of(event->event));
      events.push_back(event->event);
    }
    const auto imported = store_.import(events);
    if (!imported) return failure(sentence_of(imported.error()));
    events_ += waiting_.size();
    waiting_.clear();
    return {};
  }
  // An export that carries files has all that its events name.
  Result<void, std::string> check_files(const Seal& seal) const {
    if (!seal.blobs) return {};
    if (*seal.blobs != files_.taken())
      return failure(fmt::format("the seal is of {} files, here are {}", *seal.blobs, files_.taken()));
    if (!missing_.empty()) return failure(missing_);
    return {};
  }
  [[nodiscard]] std::uint64_t events() const { return events_; }
  [[nodiscard]] std::uint64_t passed_over() const { return passed_over_; }
  [[nodiscard]] std::uint64_t files() const { return files_.taken(); }
  // A sentence, if events name files that are not there.
  [[nodiscard]] const std::string& missing() const { return missing_; }

 private:
  // The event is in the directory already, from an import that was broken off.
  Result<void, std::string> pass_over(const eventstore::RecordedEvent& event) {
    if (!there_) {
      auto reader = store_.read({}, {.from = event.position, .to = present_});
      if (!reader) return failure(sentence_of(reader.error()));
      there_ = *std::move(reader);
    }
    const auto stored = there_->next();
    if (!stored) return failure(sentence_of(stored.error()));
    Bytes old_record;
    Bytes new_record;
    if (*stored != nullptr) encode_record(old_record, **stored);
    encode_record(new_record, event);
    if (old_record != new_record)
      return failure(fmt::format("the directory has another event at position {}", event.position.value));
    ++passed_over_;
    // Its files may have been left out before.
    FLOWSTONE_TRY_VOID(files_.keep());
    return check_files_of(event);
  }

  // Once an export has shown that it carries files, one that is missing ends the import before the event that names it.
  Result<void, std::string> check_files_of(const eventstore::RecordedEvent& event) {
    if (!missing_.empty() && files_.taken() == 0) return {};
    FLOWSTONE_TRY(const auto digests, blobs_named_by(event, blobs_));
    for (const Digest& digest : digests) {
      const auto there = blobs_.contains(event.workspace, digest);
      if (!there) return failure(sentence_of(there.error()));
      if (*there) continue;
      missing_ = fmt::format("the event at position {} names the file {}, which is not there", event.position.value,
                             to_hex(view(digest)));
      if (files_.taken() > 0) return failure(missing_);
      return {};
    }
    return {};
  }

  eventstore::Store& store_;
  eventstore::Blobs& blobs_;
  BlobAssembly files_;
  const Position present_;
  std::unique_ptr<eventstore::Reader> there_;
  std::vector<std::unique_ptr<PortableEvent>> waiting_;
  std::uint64_t events_ = 0, passed_over_ = 0;
  std::string missing_;  // the first of them
};

Result<void, std::string> check_seal(const Seal& seal, const LineChain& lines, const eventstore::TreeHead& head) {
  if (seal.size != head.size.value)
    return failure(fmt::format("the export ends at position {}, the log at {}", seal.size, head.size.value));
  if (seal.root != head.root)
    return failure(fmt::format("the root should be {}, and is {}", to_hex(view(seal.root)), to_hex(view(head.root))));
  if (seal.lines != lines.link())
    return failure(std::string(
        "the events and their root are as they were exported, but a line is not: what differs is there for readers"));
  return {};
}

Result<void, std::string> import_lines(std::istream& lines, eventstore::Store& store, std::uint64_t bytes,
                                       Importer& importer) {
  ProgressBar bar("import");
  std::optional<Seal> seal;
  LineChain chain;
  std::uint64_t number = 0, read = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    read += line.size() + 1;
    if (line.empty()) continue;
    if (seal) return failure(fmt::format("line {}: nothing may follow the seal", number));
    if (is_seal(line)) {
      auto parsed = parse_seal(line);
      if (!parsed) return failure(fmt::format("line {}: the seal: {}", number, parsed.error()));
      seal = *parsed;
      continue;
    }
    if (auto taken = importer.take(line); !taken) return failure(fmt::format("line {}: {}", number, taken.error()));
    chain.take(line);
    if (number % 1024 == 0) bar.show(read, std::max(bytes, read));
  }
  FLOWSTONE_TRY_VOID(importer.flush());
  bar.finish();
  if (!seal)
    return failure(std::string("the export has no seal at its end: it is not whole. What it had was imported"));
  FLOWSTONE_TRY_VOID(check_seal(*seal, chain, store.tree_head()));
  return importer.check_files(*seal);
}

void tell(const Importer& importer, const eventstore::TreeHead& head) {
  fmt::print(stderr, "{} events, {} files, root {} as in the export\n", with_commas(importer.events()),
             with_commas(importer.files()), to_hex(view(head.root)));
  if (importer.passed_over() > 0)
    fmt::print(stderr, "{} events were there already\n", with_commas(importer.passed_over()));
  if (!importer.missing().empty())
    fmt::print(stderr, "The export has no files: {}. Copy `blobs` from the directory that was exported.\n",
               importer.missing());
}

int run_import(const ImportOptions& options) {
  std::ifstream file;
  std::uint64_t bytes = 0;
  if (options.file != "-") {
    file.open(options.file, std::ios::binary);
    if (!file)
      return fail(
          fmt::format("{}: {}", options.file, std::strerror(errno)));  // NOLINT(concurrency-mt-unsafe): glibc's is safe
    bytes = std::filesystem::file_size(options.file);
  }
  const auto store = open_log_to_write(options.data);
  if (!store) return fail(store.error());
  const auto blobs = eventstore::open_blobs(std::filesystem::path(options.data) / "blobs");
  if (!blobs) return fail(sentence_of(blobs.error()));
  Importer importer(**store, **blobs);
  const auto imported = import_lines(options.file == "-" ? std::cin : file, **store, bytes, importer);
  if (!imported) return fail(imported.error());
  tell(importer, (*store)->tree_head());
  return kDone;
}

}  // namespace

void add_import(CLI::App& app, Choice& choice) {
  auto options = std::make_shared<ImportOptions>();
  auto* command =
      app.add_subcommand("import",
                         "Read an export into a data directory that no server has open: same positions, same "
                         "times, same Merkle root, same files.");
  command->footer(
      "The first event must follow the last one in the directory, or be in it: what an import that was broken off has "
      "taken in is passed\nover. Views are made anew when a server starts on it.\n\nExample:\n  flowstone import "
      "--data "
      "copy log.ndjson");
  command->add_option("file", options->file, "File to read; - for stdin")->required();
  command->add_option("--data", options->data, "Data directory; made if it does not exist")
      ->envname("FLOWSTONE_DATA")
      ->capture_default_str();
  command->callback([options, &choice] { choice.run = [options] { return run_import(*options); }; });
}

}  // namespace flowstone::cli
