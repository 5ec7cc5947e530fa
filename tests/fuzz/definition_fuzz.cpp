// Any bytes as a definition of a workflow: they are refused with a problem, or what comes out is whole.
#include <cstdlib>

#include "asl/definition.hpp"

namespace {

void check_machine(const flowstone::asl::Machine& machine) {
  if (machine.find(machine.start_at) == nullptr) std::abort();
  for (const auto& state : machine.states) {
    if (!state.next.empty() && machine.find(state.next) == nullptr) std::abort();
    for (const auto& rule : state.choices)
      if (machine.find(rule.next) == nullptr) std::abort();
    for (const auto& branch : state.branches) check_machine(branch);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // The bytes of a buffer are characters.
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = flowstone::asl::read_definition(text);
  if (read)
    check_machine(read->machine);
  else if (!flowstone::asl::has_errors(read.error()))
    std::abort();
  (void)flowstone::asl::check_links(text);
  return 0;
}
