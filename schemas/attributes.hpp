// The attributes that a contract gives a table, a field or a call.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <flatbuffers/reflection.h>

namespace flowstone::schemas {

// "a, b" -> {"a", "b"}; views into `text`.
std::vector<std::string_view> split_by_comma(std::string_view text);

class Attributes {
 public:
  using List = flatbuffers::Vector<flatbuffers::Offset<reflection::KeyValue>>;

  // Mistakes are added to `mistakes`, each led by `place`.
  Attributes(const List* list, std::string place, std::vector<std::string>& mistakes)
      : list_(list), place_(std::move(place)), mistakes_(mistakes) {}

  // Adds a mistake for each attribute that is not among `known`.
  void only(std::span<const std::string_view> known) const;
  [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }
  // Empty if the attribute is not there.
  [[nodiscard]] std::string_view text(std::string_view name) const;
  [[nodiscard]] std::vector<std::string_view> texts(std::string_view name) const { return split_by_comma(text(name)); }
  // Nothing if it is not there, or no number: then with a mistake.
  [[nodiscard]] std::optional<std::uint32_t> count(std::string_view name) const;
  [[nodiscard]] std::optional<double> number(std::string_view name) const;
  void mistake(std::string_view sentence) const;

 private:
  [[nodiscard]] const reflection::KeyValue* find(std::string_view name) const;

  const List* list_;
  std::string place_;
  std::vector<std::string>& mistakes_;
};

}  // namespace flowstone::schemas
