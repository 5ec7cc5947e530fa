#include "projections/search.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "projections/search/build_file.hpp"
#include "projections/search/question.hpp"
#include "projections/search/ranking.hpp"

namespace flowstone::projections {
namespace {

constexpr std::size_t kIdleReaders = 8;
constexpr const char* kEnding = ".db";

QueryError broken(std::string detail) { return {QueryError::Code::io, std::move(detail)}; }

}  // namespace

Result<std::unique_ptr<SearchIndex>, std::string> SearchIndex::open(std::filesystem::path directory) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  if (failed) return failure(fmt::format("search: {}: {}", directory.string(), failed.message()));
  return std::unique_ptr<SearchIndex>(new SearchIndex(std::move(directory)));  // NOLINT: the constructor is private
}

std::filesystem::path SearchIndex::file_of(BuildId build) const {
  return directory_ / fmt::format("{:010}{}", build, kEnding);
}

// --- builds ---

Result<std::optional<Checkpoint>, std::string> SearchIndex::checkpoint(BuildId build) const {
  if (!std::filesystem::exists(file_of(build))) return std::nullopt;
  FLOWSTONE_TRY(auto reader, take_reader(build));
  FLOWSTONE_TRY(auto checkpoint, read_checkpoint(*reader));
  give_back(build, std::move(reader));
  return checkpoint;
}

std::vector<BuildId> SearchIndex::builds() const {
  std::vector<BuildId> found;
  for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
    if (entry.path().extension() != kEnding) continue;
    const std::string name = entry.path().stem().string();
    BuildId build = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), build).ec == std::errc{}) found.push_back(build);
  }
  std::ranges::sort(found);
  return found;
}

// A reader that is at work keeps what it has open to the end of its question.
Result<void, std::string> SearchIndex::drop(BuildId build) {
  {
    const std::lock_guard lock(mutex_);
    idle_.erase(build);
  }
  const std::filesystem::path file = file_of(build);
  std::error_code failed;
  for (const char* part : {"-wal", "-shm", ""}) {
    std::filesystem::remove(file.string() + part, failed);
    if (failed) return failure(fmt::format("search: {}{}: {}", file.string(), part, failed.message()));
  }
  return {};
}

// --- asking ---

Result<std::unique_ptr<Database>, std::string> SearchIndex::take_reader(BuildId build) const {
  {
    const std::lock_guard lock(mutex_);
    const auto idle = idle_.find(build);
    if (idle != idle_.end() && !idle->second.empty()) {
      auto reader = std::move(idle->second.back());
      idle->second.pop_back();
      return reader;
    }
  }
  FLOWSTONE_TRY(Database opened, Database::open(file_of(build), Database::Access::read));
  auto reader = std::make_unique<Database>(std::move(opened));
  FLOWSTONE_TRY_VOID(add_ranked_function(*reader));
  return reader;
}

void SearchIndex::give_back(BuildId build, std::unique_ptr<Database> reader) const {
  const std::lock_guard lock(mutex_);
  // Of a build that was dropped meanwhile none is kept.
  if (!std::filesystem::exists(file_of(build))) return;
  Readers& idle = idle_[build];
  if (idle.size() < kIdleReaders) idle.push_back(std::move(reader));
}

Result<std::optional<SearchPage>, QueryError> SearchIndex::search(BuildId build, const SearchQuery& query) {
  if (!std::filesystem::exists(file_of(build))) return std::nullopt;
  auto reader = take_reader(build);
  if (!reader) return failure(broken(reader.error()));
  if (auto begun = (*reader)->run("BEGIN"); !begun) return failure(broken(begun.error()));
  auto page = SearchQuestion(**reader, query).page();
  if (auto ended = (*reader)->run("COMMIT"); !ended) return failure(broken(ended.error()));
  if (!page) return failure(std::move(page.error()));
  give_back(build, *std::move(reader));
  return *std::move(page);
}

}  // namespace flowstone::projections
