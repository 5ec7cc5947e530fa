// `flowstone export` and `flowstone import`: a log as JSON lines, and back with the same positions and the same Merkle
// root.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "base/bytes.hpp"
#include "cli/log_directory.hpp"
#include "cli/portable_event.hpp"
#include "cli/program.hpp"
#include "cli/run_events.hpp"
#include "cli/terminal.hpp"

namespace flowstone::cli {
namespace {

constexpr std::size_t kWriteBytes = 1 << 20;
constexpr std::size_t kImportEvents = 2000;  // an import call gathers whole appends up to about so many

struct PortOptions {
  std::string data = "flowstone-data";
  std::string file;
  std::uint64_t from = 1;
  bool json = false;
};

bool write_out(std::FILE* file, std::string& text, std::size_t at_least) {
  if (text.size() < at_least) return true;
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  text.clear();
  return written;
}

int export_to(const PortOptions& options, eventstore::Store& store, std::FILE* file) {
  const auto head = store.tree_head();
  auto reader = store.read({}, {.from = {options.from}, .to = head.size});
  if (!reader) return fail(sentence_of(reader.error()));
  ProgressBar bar("export");
  std::string text;
  LineChain lines;
  std::uint64_t events = 0;
  for (;;) {
    const auto event = (*reader)->next();
    if (!event) return fail(sentence_of(event.error()));
    if (*event == nullptr) break;
    const auto begin = text.size();
    append_portable(**event, text);
    lines.take(std::string_view(text).substr(begin, text.size() - begin - 1));
    ++events;
    if (!write_out(file, text, kWriteBytes))
      return fail(
          fmt::format("{}: {}", options.file, std::strerror(errno)));  // NOLINT(concurrency-mt-unsafe): glibc's is safe
    if (events % 1024 == 0) bar.show((*event)->position.value, head.size.value);
  }
  append_seal({.events = events, .size = head.size.value, .root = head.root, .lines = lines.link()}, text);
  if (!write_out(file, text, 0) || std::fflush(file) != 0)
    return fail(
        fmt::format("{}: {}", options.file, std::strerror(errno)));  // NOLINT(concurrency-mt-unsafe): glibc's is safe
  bar.finish();
  fmt::print(stderr, "{} events, root {}\n", with_commas(events), to_hex(view(head.root)));
  return kDone;
}

int run_export(const PortOptions& options) {
  const auto store = open_log_to_read(options.data);
  if (!store) return fail(store.error());
  if (options.file == "-") return export_to(options, **store, stdout);
  std::FILE* file = std::fopen(options.file.c_str(), "wbx");  // never over an earlier export
  if (file == nullptr)
    return fail(
        fmt::format("{}: {}", options.file, std::strerror(errno)));  // NOLINT(concurrency-mt-unsafe): glibc's is safe
  const int status = export_to(options, **store, file);
  return std::fclose(file) == 0
             ? status
             : fail(fmt::format("{}: {}", options.file,
                                std::strerror(errno)));  // NOLINT(concurrency-mt-unsafe): glibc's is safe
}

// Gathers events into whole appends and hands them to the store.
class Importer {
 public:
  explicit Importer(eventstore::Store& store) : store_(store) {}

  // The error is a sentence.
  Result<void, std::string> take(std::string_view line) {
    auto event = parse_portable(line);
    if (!event) return failure(event.error());
    const bool whole = (*event)->event.position == (*event)->event.append_last;
    waiting_.push_back(*std::move(event));
    if (whole && waiting_.size() >= kImportEvents) return flush();
    return {};
  }
  Result<void, std::string> flush() {
    if (waiting_.empty()) return {};
    std::vector<eventstore::RecordedEvent> events;
    events.reserve(waiting_.size());
    for (const auto& event : waiting_) events.push_back(event->event);
    const auto imported = store_.import(events);
    if (!imported) return failure(sentence_of(imported.error()));
    events_ += waiting_.size();
    waiting_.clear();
    return {};
  }
  [[nodiscard]] std::uint64_t events() const { return events_; }

 private:
  eventstore::Store& store_;
  std::vector<std::unique_ptr<PortableEvent>> waiting_;
  std::uint64_t events_ = 0;
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
  return check_seal(*seal, chain, store.tree_head());
}

int run_import(const PortOptions& options) {
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
  Importer importer(**store);
  const auto imported = import_lines(options.file == "-" ? std::cin : file, **store, bytes, importer);
  if (!imported) return fail(imported.error());
  const auto head = (*store)->tree_head();
  fmt::print(stderr, "{} events, root {} as in the export\n", with_commas(importer.events()), to_hex(view(head.root)));
  return kDone;
}

}  // namespace

void add_export(CLI::App& app, Choice& choice) {
  auto options = std::make_shared<PortOptions>();
  auto* command = app.add_subcommand(
      "export",
      "Write a log as JSON lines: every event as a CloudEvent with all that its place in the Merkle tree is made of.");
  command->footer(
      "A server may be writing the directory meanwhile; the export holds what was durable when it began.\n\nExample:\n "
      " flowstone export --data flowstone-data log.ndjson");
  command->add_option("file", options->file, "File to write, which must not exist; - for stdout")->required();
  command->add_option("--data", options->data, "Data directory")->envname("FLOWSTONE_DATA")->capture_default_str();
  command->add_option("--from", options->from, "First position, to go on behind an earlier export")
      ->capture_default_str();
  command->callback([options, &choice] { choice.run = [options] { return run_export(*options); }; });
}

void add_import(CLI::App& app, Choice& choice) {
  auto options = std::make_shared<PortOptions>();
  auto* command = app.add_subcommand(
      "import",
      "Read an export into a data directory that no server has open: same positions, same times, same Merkle root.");
  command->footer(
      "The first event must follow the last one in the directory. Views are made anew when a server starts on "
      "it.\n\nExample:\n  flowstone import --data copy log.ndjson");
  command->add_option("file", options->file, "File to read; - for stdin")->required();
  command->add_option("--data", options->data, "Data directory; made if it does not exist")
      ->envname("FLOWSTONE_DATA")
      ->capture_default_str();
  command->callback([options, &choice] { choice.run = [options] { return run_import(*options); }; });
}

}  // namespace flowstone::cli
