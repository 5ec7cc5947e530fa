#include "cli/workflow/file.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include <fmt/core.h>

#include "cli/terminal.hpp"

namespace flowstone::cli {
namespace {

workflows::Format format_of(const DefinitionFile& file, const std::string& given) {
  using workflows::Format;
  if (!given.empty()) return given == "yaml" ? Format::yaml : Format::json;
  if (file.name.ends_with(".yaml") || file.name.ends_with(".yml")) return Format::yaml;
  if (file.name.ends_with(".json")) return Format::json;
  const auto first = file.text.find_first_not_of(" \t\r\n");
  return first == std::string::npos || file.text[first] == '{' ? Format::json : Format::yaml;
}

}  // namespace

Result<std::string, std::string> text_of_file(const std::string& file) {
  std::ostringstream content;
  if (file == "-") {
    content << std::cin.rdbuf();
    return std::move(content).str();
  }
  std::error_code failed;
  if (std::filesystem::is_directory(file, failed)) return failure(fmt::format("{}: is a directory", file));
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return failure(fmt::format("{}: cannot be read", file));
  content << stream.rdbuf();
  return std::move(content).str();
}

Result<DefinitionFile, std::string> read_definition_file(const std::string& file, const std::string& format) {
  DefinitionFile read{.name = file, .text = {}};
  FLOWSTONE_TRY(read.text, text_of_file(file));
  read.format = format_of(read, format);
  return read;
}

void print_problems(const DefinitionFile& file, const workflows::Problems& problems, std::FILE* to) {
  for (const auto& problem : problems)
    fmt::print(to, "{}:{}:{}: {}: {} at {} [{}]\n", harmless(file.name), problem.place.line, problem.place.column,
               asl::name_of(problem.severity), harmless(problem.sentence),
               problem.path.empty() ? "/" : harmless(problem.path), problem.code);
}

}  // namespace flowstone::cli
