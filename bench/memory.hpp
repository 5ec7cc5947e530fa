// What this process takes of the machine.
#pragma once

namespace flowstone::bench {

// Memory that is resident now, in bytes.
double resident_bytes();

}  // namespace flowstone::bench
