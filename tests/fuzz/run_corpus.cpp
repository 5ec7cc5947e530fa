// Runs a fuzz target once over each file of the directories named, where libFuzzer is not linked in.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void run(const std::string& bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());  // NOLINT: chars as bytes
}

int run_directory(const std::filesystem::path& directory) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    std::printf("%s\n", entry.path().c_str());
    std::ifstream file(entry.path(), std::ios::binary);
    run(std::string(std::istreambuf_iterator<char>(file), {}));
    ++count;
  }
  return count;
}

}  // namespace

int main(int count, char** arguments) {
  run("");
  int inputs = 0;
  for (int at = 1; at < count; ++at) inputs += run_directory(arguments[at]);
  std::printf("%d inputs\n", inputs);
  return inputs > 0 ? 0 : 1;
}
