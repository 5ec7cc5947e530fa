// Debian's RocksDB is not instrumented, so the sanitizer sees the memory that it copies but not the atomics that order
// those copies. What passes through RocksDB is left out; everything of Flowstone's own is judged.
extern "C" const char* __tsan_default_suppressions() {  // NOLINT: the sanitizer's name for it
  return "race:rocksdb::\n";
}
