#include "workflows/input_template.hpp"

#include <fmt/core.h>

#include "asl/places.hpp"
#include "asl/template.hpp"
#include "workflows/condition.hpp"

namespace flowstone::workflows {

InputTemplate InputTemplate::compile_text(const Value& value, const std::string& path, std::vector<Misfit>& misfits) {
  InputTemplate made;
  const std::string_view text = value.text();
  if (!text.starts_with("{%")) {
    made.content_ = value;
  } else if (!asl::is_expression(text)) {
    misfits.push_back({"not_an_expression", path, "an expression that begins with `{%` must end with `%}`"});
  } else if (auto compiled = jsonata::compile(text.substr(2, text.size() - 4))) {
    made.content_ = *std::move(compiled);
  } else {
    misfits.push_back({"expression_does_not_compile", path, jsonata::sentence_of(compiled.error())});
  }
  return made;
}

InputTemplate InputTemplate::compile_at(const Value& value, const std::string& path, std::vector<Misfit>& misfits) {
  if (value.is_string()) return compile_text(value, path, misfits);
  InputTemplate made;
  if (value.is_object()) {
    Object object;
    for (const auto& [key, member] : value.members()) {
      object.keys.push_back(key);
      object.values.push_back(compile_at(member, path + "/" + asl::pointer_token(key), misfits));
    }
    made.content_ = std::move(object);
  } else if (value.is_array()) {
    List list;
    for (std::size_t at = 0; at < value.items().size(); ++at)
      list.items.push_back(compile_at(value.items()[at], fmt::format("{}/{}", path, at), misfits));
    made.content_ = std::move(list);
  } else {
    made.content_ = value;
  }
  return made;
}

Result<InputTemplate, std::vector<Misfit>> InputTemplate::compile(const Value& value) {
  std::vector<Misfit> misfits;
  auto made = compile_at(value, "", misfits);
  if (!misfits.empty()) return failure(std::move(misfits));
  return made;
}

Result<Value, std::string> InputTemplate::fill_part(const Value& from, const jsonata::Context& context) const {
  if (const auto* value = std::get_if<Value>(&content_)) return *value;
  if (const auto* expression = std::get_if<jsonata::Expression>(&content_)) {
    auto found = expression->evaluate(from, {}, context, condition_limits());
    if (!found) return failure(jsonata::sentence_of(found.error()));
    return *std::move(found);
  }
  if (const auto* object = std::get_if<Object>(&content_)) {
    std::vector<jsonata::Member> members;
    for (std::size_t at = 0; at < object->keys.size(); ++at) {
      FLOWSTONE_TRY(auto value, object->values[at].fill_part(from, context));
      if (!value.is_undefined()) members.push_back({object->keys[at], std::move(value)});
    }
    return Value::object(std::move(members));
  }
  std::vector<Value> items;
  for (const auto& item : std::get<List>(content_).items) {
    FLOWSTONE_TRY(auto value, item.fill_part(from, context));
    if (!value.is_undefined()) items.push_back(std::move(value));
  }
  return Value::array(std::move(items));
}

Result<Value, std::string> InputTemplate::fill(const Value& from, const jsonata::Context& context) const {
  FLOWSTONE_TRY(auto value, fill_part(from, context));
  return value.is_undefined() ? Value::null() : value;
}

}  // namespace flowstone::workflows
