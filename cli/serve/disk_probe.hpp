// What the disk says about itself when asked to make bytes durable.
#pragma once

#include <filesystem>
#include <string>

namespace flowstone::cli {

struct DiskProbe {
  double syncs_per_second = 0;  // of 4 KiB written and synced; 0 if it could not be measured
  std::string warning;          // a sentence, if an acknowledged write may not survive a power cut
};

// Writes and syncs a small file in the directory for about a twentieth of a second.
DiskProbe probe_disk(const std::filesystem::path& directory);

}  // namespace flowstone::cli
