// Makes the contracts out of binary schemas.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "schemas/binary_schemas.hpp"
#include "schemas/contract.hpp"

namespace reflection {
struct Enum;
struct Object;
struct RPCCall;
}  // namespace reflection

namespace flowstone::schemas {

struct ContractStorage;

class ContractLoader {
 public:
  // The contracts of all files together, or every mistake in them as a sentence: "task: CreateTask.title: ...".
  // Lifetime: the result refers to the schemas' bytes, which must be aligned to 8.
  static Result<Contracts, std::vector<std::string>> load(std::span<const BinarySchema> schemas);

 private:
  explicit ContractLoader(std::span<const BinarySchema> schemas);

  void read_tables();
  void read_aggregates();
  void read_unions();
  void read_union(const BinarySchema& binary, const reflection::Enum& declared);
  void add_command(Aggregate* aggregate, const Member& member);
  void add_event(Aggregate* aggregate, std::string_view prefix, Member member);
  void read_services();
  Call read_call(std::string_view file, std::string_view service, const reflection::RPCCall& declared);
  void connect(Call& call);
  [[nodiscard]] const Field* owner_of(const Call& call) const;
  void mark_clearable_fields();
  void mark_referring_tables();
  const Table* table_of(const reflection::Object& object);

  std::span<const BinarySchema> schemas_;
  std::shared_ptr<ContractStorage> storage_;
  Contracts contracts_;
  std::vector<std::string> mistakes_;
};

}  // namespace flowstone::schemas
