// What a function takes, as "<s-nn?:s>": types are checked, single values become arrays, the context stands in.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "jsonata/value.hpp"

namespace flowstone::jsonata {

// Threads: immutable.
class Signature {
 public:
  // Fails with S0401 or S0402.
  static std::shared_ptr<const Signature> parse(std::string_view text, std::uint32_t position);

  // The arguments as the function gets them; fails with T0410, T0411 or T0412.
  [[nodiscard]] std::vector<Value> checked(const std::vector<Value>& arguments, const Value& context) const;
  [[nodiscard]] std::size_t size() const { return parameters_.size(); }

 private:
  struct Parameter {
    std::string accepted;   // letters of types; m is a missing value
    bool is_array = false;  // a single value will be put into an array
    bool from_context = false;
    bool optional = false;
    bool repeated = false;
    std::string items;  // of an array: the type of its items
  };
  // How many arguments each parameter takes; nothing where they do not fit.
  [[nodiscard]] bool distribute(std::string_view types, std::size_t parameter, std::size_t at,
                                std::vector<std::size_t>& taken, std::vector<bool>& refuted) const;
  [[noreturn]] void refuse(const std::vector<Value>& arguments, std::string_view types) const;
  [[nodiscard]] static Value as_array(const Parameter& parameter, const Value& argument, char type, std::size_t index);

  std::vector<Parameter> parameters_;
};

}  // namespace flowstone::jsonata
