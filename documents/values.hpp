// Dates, amounts, percentages and e-mail addresses in running text.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "documents/extract.hpp"

namespace flowstone::documents {

struct FoundValue {
  ValueType type = ValueType::text;
  std::size_t begin = 0;  // bytes
  std::size_t end = 0;
  std::string normalised;
};

// In order of their places; of those that overlap, the first and longest.
// "2030-03-31", "31 March 2030", "March 31st, 2030"; "EUR 1,250.00", "$5", "1.2 million USD"; "12 %", "5 per cent".
std::vector<FoundValue> find_values(std::string_view text);

// "1,250.00", "1.250,00", "1 250" or "1'250" as "1250": without separators of thousands and zeros that mean nothing.
std::optional<std::string> plain_number(std::string_view written);

}  // namespace flowstone::documents
