// What the commands of `flowstone workflow` share.
#pragma once

#include <string>

#include "asl/problem.hpp"
#include "base/result.hpp"

namespace CLI {
class App;
}

namespace flowstone::cli {

struct Choice;

// A file's content; of "-", what stands in the standard input. The sentence names the file.
Result<std::string, std::string> text_of_file(const std::string& file);

// One line each: FILE:LINE: SEVERITY: SENTENCE at POINTER [CODE]
void print_problems(const std::string& file, const asl::Problems& problems);

void add_workflow_simulate(CLI::App& group, Choice& choice);

}  // namespace flowstone::cli
