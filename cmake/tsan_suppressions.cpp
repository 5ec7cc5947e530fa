// Debian's RocksDB and spdlog are not instrumented, so the sanitizer sees the memory that they write but not the
// atomics that order those writes. Left out are what passes through RocksDB, and what spdlog's registry makes of itself
// when the first of several threads logs: the guard of that static is in the library. Everything of Flowstone's own is
// judged.
extern "C" const char* __tsan_default_suppressions() {  // NOLINT: the sanitizer's name for it
  return "race:rocksdb::\n"
         "race:spdlog::details::registry::registry\n";
}
