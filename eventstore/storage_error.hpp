// RocksDB's status as an error of the store.
#pragma once

#include <rocksdb/status.h>

#include "eventstore/store.hpp"

namespace flowstone::eventstore {

inline StoreError storage_error(const rocksdb::Status& status, std::string_view what, Position position = {}) {
  const auto code = status.IsCorruption() ? StoreError::Code::corrupt : StoreError::Code::io;
  return {.code = code, .position = position, .detail = std::string(what) + ": " + status.ToString()};
}

inline StoreError corrupt(Position position, std::string detail) {
  return {.code = StoreError::Code::corrupt, .position = position, .detail = std::move(detail)};
}

}  // namespace flowstone::eventstore
