// Compiles contracts written in a test into binary schemas, as flatc does.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "schemas/binary_schemas.hpp"

namespace flowstone::schemas {

class CompiledContracts {
 public:
  // `source` includes "attributes.fbs" by itself. A source that is no FlatBuffers schema fails the test.
  CompiledContracts& add(const std::string& name, const std::string& source);
  // The contract file at `path`, whose includes stand beside it.
  CompiledContracts& add_file(const std::string& path);
  [[nodiscard]] std::vector<BinarySchema> schemas() const;

 private:
  struct Compiled {
    std::string name;
    std::vector<std::uint64_t> aligned;
    std::size_t size;
  };
  void compile(const std::string& name, const std::string& source, const std::string& folder);
  std::deque<Compiled> compiled_;
};

std::string read_file(const std::string& path);

}  // namespace flowstone::schemas
