#include "documents/archive.hpp"

#include <algorithm>
#include <zip.h>

#include <fmt/format.h>

namespace flowstone::documents {
namespace {

constexpr std::size_t kSmall = std::size_t{1} << 20;

ParseError broken(std::string_view name) {
  return {ParseErrorCode::broken, fmt::format("The part {} of the file is damaged.", name)};
}

ParseError too_large(std::size_t most) {
  return {ParseErrorCode::too_large, fmt::format("The file unpacks to more than {} bytes, which is the limit.", most)};
}

}  // namespace

void Archive::Closer::operator()(zip* archive) const { zip_discard(archive); }

Result<Archive, ParseError> Archive::open(std::string_view bytes, const ParseLimits& limits) {
  const ParseError damaged{ParseErrorCode::broken, "The file is no archive, or a damaged one."};
  zip_source_t* const source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, nullptr);
  if (source == nullptr) return failure(damaged);
  std::unique_ptr<zip, Closer> archive(zip_open_from_source(source, ZIP_RDONLY, nullptr));
  if (archive == nullptr) {
    zip_source_free(source);
    return failure(damaged);
  }
  const auto entries = static_cast<std::size_t>(std::max<zip_int64_t>(zip_get_num_entries(archive.get(), 0), 0));
  if (entries > limits.archive_entries) {
    return failure(ParseError{
        ParseErrorCode::too_large,
        fmt::format("The file's archive has {} entries; the limit is {}.", entries, limits.archive_entries)});
  }
  return Archive(std::move(archive), limits);
}

bool Archive::has(const std::string& name) const { return zip_name_locate(archive_.get(), name.c_str(), 0) >= 0; }

Result<std::optional<std::string>, ParseError> Archive::read(const std::string& name) {
  zip_stat_t stat;
  zip_stat_init(&stat);
  if (zip_stat(archive_.get(), name.c_str(), 0, &stat) != 0) return std::nullopt;
  constexpr zip_uint64_t kNeeded = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_ENCRYPTION_METHOD;
  if ((stat.valid & kNeeded) != kNeeded) return failure(broken(name));
  if (stat.encryption_method != ZIP_EM_NONE) {
    return failure(ParseError{ParseErrorCode::encrypted, "The file is encrypted: it needs a password."});
  }
  if (stat.size > left_) return failure(too_large(limits_.unpacked_bytes));
  if (stat.size > kSmall && stat.size / std::max<zip_uint64_t>(stat.comp_size, 1) > limits_.unpacked_ratio) {
    return failure(ParseError{ParseErrorCode::too_large,
                              fmt::format("The part {} unpacks to more than {} times its size, which is the limit.",
                                          name, limits_.unpacked_ratio)});
  }
  struct FileCloser {
    void operator()(zip_file_t* file) const { zip_fclose(file); }
  };
  const std::unique_ptr<zip_file_t, FileCloser> file(zip_fopen_index(archive_.get(), stat.index, 0));
  if (file == nullptr) return failure(broken(name));
  // What comes out is counted too: the declared size may be a lie.
  std::string bytes;
  constexpr std::size_t kStep = std::size_t{64} << 10;
  for (;;) {
    const std::size_t before = bytes.size();
    bytes.resize(before + kStep);
    const zip_int64_t count = zip_fread(file.get(), bytes.data() + before, kStep);
    if (count < 0) return failure(broken(name));
    bytes.resize(before + static_cast<std::size_t>(count));
    if (bytes.size() > left_) return failure(too_large(limits_.unpacked_bytes));
    if (count == 0) break;
  }
  if (bytes.size() != stat.size) return failure(broken(name));
  left_ -= bytes.size();
  return bytes;
}

}  // namespace flowstone::documents
