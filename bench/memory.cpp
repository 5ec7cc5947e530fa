#include "bench/memory.hpp"

#include <fstream>
#include <unistd.h>

namespace flowstone::bench {

double resident_bytes() {
  std::ifstream status("/proc/self/statm");
  double pages = 0;
  double resident = 0;
  status >> pages >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

}  // namespace flowstone::bench
