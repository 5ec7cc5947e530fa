// The program of benches that only have a `run`.
#include "bench/main.hpp"

int main(int count, char** arguments) {
  const auto options = flowstone::bench::options_of(count, arguments);
  flowstone::bench::run(options);
  flowstone::bench::remove_directory(options);
}
