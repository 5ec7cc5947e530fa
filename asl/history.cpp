#include "asl/history.hpp"

#include "asl/teller.hpp"

namespace flowstone::asl {

Value history(const Definition& definition, const Events& events) {
  Teller teller(definition);
  std::uint64_t number = 0;
  for (const auto& event : events) teller.tell(event, ++number);
  return teller.take();
}

}  // namespace flowstone::asl
