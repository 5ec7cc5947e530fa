#include "cli/program.hpp"

int main(int count, char** arguments) { return flowstone::cli::run_program(count, arguments); }
