// Reads the tables of one binary schema, with all that their fields' attributes say.
#pragma once

#include <string>
#include <vector>

#include <flatbuffers/reflection.h>

#include "schemas/attributes.hpp"
#include "schemas/contract_storage.hpp"

namespace flowstone::schemas {

// Every table has its place in the storage from its first mention on, so that fields can point to tables not yet read.
class TableReader {
 public:
  TableReader(const reflection::Schema& schema, ContractStorage& storage, std::vector<std::string>& mistakes)
      : schema_(schema), storage_(storage), mistakes_(mistakes) {}

  // Fills the table of `object`, whose name is not yet set.
  void read(const reflection::Object& object, std::string_view file, Table& table);

 private:
  Field read_field(const reflection::Field& declared, std::string place);
  void read_type(const reflection::Field& declared, const Attributes& attributes, Field& field);
  const Table* table_at(std::int32_t index, const Attributes& attributes);
  std::span<const EnumValue> values_of(std::int32_t index);
  void compile_pattern(const Attributes& attributes, Field& field);

  const reflection::Schema& schema_;
  ContractStorage& storage_;
  std::vector<std::string>& mistakes_;
};

}  // namespace flowstone::schemas
