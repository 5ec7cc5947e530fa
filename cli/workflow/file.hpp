// Definitions of workflows in files here.
#pragma once

#include <cstdio>
#include <string>

#include "base/result.hpp"
#include "workflows/definition.hpp"

namespace flowstone::cli {

// A file's content; of "-", what stands in the standard input. The sentence names the file.
Result<std::string, std::string> text_of_file(const std::string& file);

struct DefinitionFile {
  std::string name;  // as it was given
  std::string text;
  workflows::Format format = workflows::Format::json;
};

// `-` is standard input. The language is `format` ("json", "yaml") or, where that is empty, what the name's end says; a
// text without such an end is JSON if it begins with a brace. The error is a sentence.
Result<DefinitionFile, std::string> read_definition_file(const std::string& file, const std::string& format);

// A line a problem: FILE:LINE:COLUMN: SEVERITY: SENTENCE at POINTER [CODE].
void print_problems(const DefinitionFile& file, const workflows::Problems& problems, std::FILE* to);

}  // namespace flowstone::cli
