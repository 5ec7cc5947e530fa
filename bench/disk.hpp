// The physical limit that stands beside every durable figure.
#pragma once

#include <chrono>
#include <filesystem>

namespace flowstone::bench {

// F: how many times a second the disk of `directory` makes 4 KiB, appended to a file, durable (write and fdatasync).
// Measured for `duration` now: other work on the disk moves it, so it is taken in the run whose figures it explains.
double syncs_per_second(const std::filesystem::path& directory,
                        std::chrono::milliseconds duration = std::chrono::milliseconds(1'000));

}  // namespace flowstone::bench
