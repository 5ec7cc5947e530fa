// A server whose workflows start by themselves, and what tests of that look at.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "tests/integration/documents_fixture.hpp"

namespace flowstone::tests {

class Triggered : public Documents {
 protected:
  void SetUp() override { client = server.client(); }

  // Until the worker has seen what is in the log, and what it appended.
  void settle() {
    for (int round = 0; round < 3; ++round)
      EXPECT_TRUE(server.triggers().wait_for(server.store().state().durable, std::chrono::seconds(30)));
  }
  std::size_t count_of(std::string_view type) {
    eventstore::Filter filter;
    filter.types = {std::string(type)};
    auto reader = server.store().read(filter, {});
    std::size_t count = 0;
    while ((*reader)->next().value() != nullptr) ++count;
    return count;
  }
};

}  // namespace flowstone::tests
