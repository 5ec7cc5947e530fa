#include "tests/schemas/compile.hpp"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <flatbuffers/idl.h>
#include <gtest/gtest.h>

namespace flowstone::schemas {

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

void CompiledContracts::compile(const std::string& name, const std::string& source, const std::string& folder) {
  flatbuffers::IDLOptions options;
  options.binary_schema_comments = true;
  options.binary_schema_builtins = true;
  flatbuffers::Parser parser(options);
  const char* includes[] = {folder.c_str(), nullptr};
  const std::string file = folder + "/" + name + ".fbs";
  ASSERT_TRUE(parser.Parse(source.c_str(), includes, file.c_str())) << parser.error_;
  parser.Serialize();
  Compiled& compiled = compiled_.emplace_back(Compiled{name, {}, parser.builder_.GetSize()});
  compiled.aligned.resize(compiled.size / sizeof(std::uint64_t) + 1);
  std::memcpy(compiled.aligned.data(), parser.builder_.GetBufferPointer(), compiled.size);
}

CompiledContracts& CompiledContracts::add(const std::string& name, const std::string& source) {
  compile(name, "include \"attributes.fbs\";\nnamespace test;\n" + source, FLOWSTONE_SOURCE_DIR "/schemas");
  return *this;
}

CompiledContracts& CompiledContracts::add_file(const std::string& path) {
  const std::filesystem::path file(path);
  compile(file.stem().string(), read_file(path), file.parent_path().string());
  return *this;
}

std::vector<BinarySchema> CompiledContracts::schemas() const {
  std::vector<BinarySchema> schemas;
  for (const Compiled& compiled : compiled_) {
    schemas.push_back({compiled.name, {reinterpret_cast<const char*>(compiled.aligned.data()), compiled.size}});
  }
  return schemas;
}

}  // namespace flowstone::schemas
