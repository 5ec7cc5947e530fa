// A file system that fails when told to, and that knows what a power cut would leave.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

namespace flowstone::eventstore {

// Wraps the real file system. Faults concern files whose path contains `only`.
// A power cut is: `cut_power()` (nothing reaches a file any more, every call fails), close the store, `settle(random)`.
class FaultyFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  enum class Fault : std::uint8_t { none, write, sync, no_space };

  explicit FaultyFileSystem(std::string only)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), only_(std::move(only)) {}
  [[nodiscard]] const char* Name() const override { return "flowstone.faulty"; }

  // The `after`-th write or sync from now fails (0: the next one), and every one after it.
  void fail(Fault fault, std::int64_t after);
  void heal();
  void cut_power();
  // Cuts every file to what was synced and a random part of the rest.
  void settle(std::mt19937_64& random);

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReuseWritableFile(const std::string& path, const std::string& old_path,
                                      const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* file,
                                      rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

 private:
  friend class FaultyFile;
  struct Extent {
    std::uint64_t written = 0;
    std::uint64_t synced = 0;
  };
  rocksdb::IOStatus before_write(const std::string& path);
  rocksdb::IOStatus before_sync(const std::string& path);
  [[nodiscard]] bool due(const std::string& path);

  const std::string only_;
  std::atomic<Fault> fault_{Fault::none};
  std::atomic<std::int64_t> countdown_{0};
  std::atomic<bool> powerless_{false};
  std::mutex mutex_;
  std::map<std::string, Extent> extents_;
};

// Flips one bit of a file, for good.
void flip_bit(const std::string& path, std::uint64_t byte, unsigned bit);

}  // namespace flowstone::eventstore
