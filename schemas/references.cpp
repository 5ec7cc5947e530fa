#include "schemas/references.hpp"

#include "schemas/table_view.hpp"

namespace flowstone::schemas {
namespace {

constexpr std::string_view kKey = "key:";

class Search {
 public:
  explicit Search(std::vector<Reference>& found) : found_(found) {}

  void visit(const Table& contract, const flatbuffers::Table& table, const std::string& prefix) {
    if (!contract.refers) return;
    for (const Field& field : contract.fields) {
      if (!has_value(table, field)) continue;
      if (field.kind == Kind::table)
        visit_tables(field, table, prefix);
      else if (!field.reference.empty())
        visit_texts(field, table, prefix);
    }
  }

 private:
  void visit_tables(const Field& field, const flatbuffers::Table& table, const std::string& prefix) {
    const std::string inside = prefix + std::string(field.name) + ".";
    if (!field.is_list) return visit(*field.table, *table.GetPointer<const flatbuffers::Table*>(field.slot), inside);
    for (const flatbuffers::Table* item : *table.GetPointer<const TableList*>(field.slot))
      visit(*field.table, *item, inside);
  }

  void visit_texts(const Field& field, const flatbuffers::Table& table, const std::string& prefix) {
    if (!field.is_list) return add(field, read_text(table, field), prefix);
    const std::uint32_t size = list_size(table, field);
    for (std::uint32_t i = 0; i < size; ++i) add(field, read_text_item(table, field, i), prefix);
  }

  void add(const Field& field, std::string_view text, const std::string& prefix) {
    if (text.empty()) return;
    std::string_view category = field.refers_to_any() ? "" : field.reference;
    if (category == kActorReference) {
      if (!text.starts_with(kKey)) return;
      text.remove_prefix(kKey.size());
      category = "api_key";
    }
    std::string stream(category);
    if (!category.empty()) stream.append("-");
    found_.push_back({&field, prefix + std::string(field.name), stream.append(text)});
  }

  std::vector<Reference>& found_;
};

}  // namespace

std::vector<Reference> references_in(const Table& table, BytesView flatbuffer) {
  std::vector<Reference> found;
  if (table.refers) Search(found).visit(table, root_of(flatbuffer), {});
  return found;
}

}  // namespace flowstone::schemas
