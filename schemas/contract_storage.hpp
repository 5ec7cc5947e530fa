// What the contracts are made of and what keeps it alive.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <flatbuffers/reflection.h>

#include "schemas/contract.hpp"
#include "schemas/pattern.hpp"

namespace flowstone::schemas {

struct ContractStorage {
  std::deque<std::string> texts;
  std::deque<Pattern> patterns;
  std::map<std::string_view, std::vector<EnumValue>> enumerations;  // by full name
  std::map<std::string_view, Table> tables;                         // by full name

  std::string_view keep(std::string text) { return texts.emplace_back(std::move(text)); }

  // The lines of a doc comment as one text.
  std::string_view join(const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* lines);
};

// The name of the contract file that declares something: "//task.fbs" -> "task".
std::string_view file_of(const flatbuffers::String* declaration, std::string_view otherwise);

}  // namespace flowstone::schemas
