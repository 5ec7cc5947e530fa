// The budget of the evaluation that runs on this thread: steps, depth, stack, bytes, time. Outside one nothing is
// counted.
#pragma once

#include <cstddef>
#include <cstdint>

#include "jsonata/limits.hpp"

namespace flowstone::jsonata {

// Counts from its construction to its end what this thread does; meters nest, the inner one counts alone.
class Meter {
 public:
  explicit Meter(const Limits& limits);
  ~Meter();
  Meter(const Meter&) = delete;
  Meter& operator=(const Meter&) = delete;

  [[nodiscard]] const Limits& limits() const { return limits_; }

 private:
  friend void spend(std::uint64_t steps);
  friend std::uint64_t charge(std::size_t bytes);
  friend void discharge(std::uint64_t meter, std::size_t bytes) noexcept;
  friend void admit(std::size_t bytes);
  friend class Level;

  void look_around();

  const Limits& limits_;
  Meter* outer_;
  std::uint64_t id_;
  std::uint64_t steps_ = 0, next_look_ = 0;
  std::size_t bytes_ = 0;
  std::uint32_t depth_ = 0;
  const char* stack_;
};

// Each of these fails with U1001 and its sentence when the budget is exceeded.
void spend(std::uint64_t steps);  // work that is about to be done
void admit(std::size_t bytes);    // memory that will be asked for, before it is
std::uint64_t charge(std::size_t bytes);
void discharge(std::uint64_t meter, std::size_t bytes) noexcept;

// One level of nesting, for as long as it lives.
class Level {
 public:
  Level();
  ~Level();
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;

 private:
  Meter* meter_;
};

}  // namespace flowstone::jsonata
