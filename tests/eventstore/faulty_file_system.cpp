#include "tests/eventstore/faulty_file_system.hpp"

#include <filesystem>
#include <fstream>

namespace flowstone::eventstore {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

class FaultyFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyFile(std::unique_ptr<rocksdb::FSWritableFile> file, FaultyFileSystem& system, std::string path)
      : FSWritableFileOwnerWrapper(std::move(file)), system_(system), path_(std::move(path)) {}

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, IODebugContext* debug) override {
    if (auto status = system_.before_write(path_); !status.ok()) return status;
    const auto status = target()->Append(data, options, debug);
    if (status.ok()) grow(data.size());
    return status;
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    if (auto status = system_.before_sync(path_); !status.ok()) return status;
    const auto status = target()->Sync(options, debug);
    if (status.ok()) settle();
    return status;
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override { return Sync(options, debug); }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override { return target()->Close(options, debug); }

 private:
  void grow(std::size_t bytes) {
    const std::lock_guard guard(system_.mutex_);
    system_.extents_[path_].written += bytes;
  }
  void settle() {
    const std::lock_guard guard(system_.mutex_);
    auto& extent = system_.extents_[path_];
    extent.synced = extent.written;
  }

  FaultyFileSystem& system_;
  const std::string path_;
};

void FaultyFileSystem::fail(Fault fault, std::int64_t after) {
  countdown_ = after;
  fault_ = fault;
}

void FaultyFileSystem::heal() {
  fault_ = Fault::none;
  powerless_ = false;
}

void FaultyFileSystem::cut_power() { powerless_ = true; }

void FaultyFileSystem::settle(std::mt19937_64& random) {
  const std::lock_guard guard(mutex_);
  for (const auto& [path, extent] : extents_) {
    std::error_code missing;
    if (!std::filesystem::exists(path, missing)) continue;
    const std::uint64_t kept = extent.synced + random() % (extent.written - extent.synced + 1);
    std::filesystem::resize_file(path, kept);
  }
  extents_.clear();
}

IOStatus FaultyFileSystem::NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                           std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) {
  if (powerless_) return IOStatus::IOError("no power");
  auto status = target()->NewWritableFile(path, options, file, debug);
  if (!status.ok()) return status;
  const std::lock_guard guard(mutex_);
  extents_[path] = {};
  *file = std::make_unique<FaultyFile>(std::move(*file), *this, path);
  return status;
}

IOStatus FaultyFileSystem::ReuseWritableFile(const std::string& path, const std::string&,
                                             const rocksdb::FileOptions& options,
                                             std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) {
  return NewWritableFile(path, options, file, debug);
}

IOStatus FaultyFileSystem::RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                                      IODebugContext* debug) {
  if (powerless_) return IOStatus::IOError("no power");
  const auto status = target()->RenameFile(from, to, options, debug);
  const std::lock_guard guard(mutex_);
  if (auto moved = extents_.extract(from); status.ok() && !moved.empty()) extents_[to] = moved.mapped();
  return status;
}

IOStatus FaultyFileSystem::DeleteFile(const std::string& path, const IOOptions& options, IODebugContext* debug) {
  if (powerless_) return IOStatus::IOError("no power");
  const auto status = target()->DeleteFile(path, options, debug);
  const std::lock_guard guard(mutex_);
  if (status.ok()) extents_.erase(path);
  return status;
}

bool FaultyFileSystem::due(const std::string& path) {
  return path.find(only_) != std::string::npos && countdown_.fetch_sub(1) <= 0;
}

IOStatus FaultyFileSystem::before_write(const std::string& path) {
  if (powerless_) return IOStatus::IOError("no power");
  if (fault_ == Fault::write && due(path)) return IOStatus::IOError("injected write error", path);
  if (fault_ == Fault::no_space && due(path)) return IOStatus::NoSpace("injected: no space left on device", path);
  return IOStatus::OK();
}

IOStatus FaultyFileSystem::before_sync(const std::string& path) {
  if (powerless_) return IOStatus::IOError("no power");
  if (fault_ == Fault::sync && due(path)) return IOStatus::IOError("injected sync error", path);
  return IOStatus::OK();
}

void flip_bit(const std::string& path, std::uint64_t byte, unsigned bit) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(byte));
  const char old = static_cast<char>(file.get());
  file.seekp(static_cast<std::streamoff>(byte));
  file.put(static_cast<char>(old ^ (1 << bit)));
}

}  // namespace flowstone::eventstore
