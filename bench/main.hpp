// For programs that are one function: bench/main.cpp reads the options, runs it and takes the directory away.
#pragma once

#include "bench/report.hpp"

namespace flowstone::bench {

// The program's own.
void run(const Options& options);

}  // namespace flowstone::bench
