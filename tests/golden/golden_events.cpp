// golden_events --write-missing FOLDER: writes <type>.v<version>.json and .bin for every event that has none. What is
// there is never overwritten.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string_view>

#include <fmt/format.h>

#include "base/check.hpp"
#include "schemas/contract.hpp"
#include "schemas/json.hpp"
#include "schemas/json_writer.hpp"

namespace flowstone::schemas {
namespace {

std::string sample_table(const Table& table);

std::string sample_text(const Field& field, int item) {
  if (!field.allowed.empty()) return std::string(field.allowed.back());
  if (field.format == "stream") return fmt::format("task-01920000-0000-7000-8000-00000000000{}", item);
  if (field.format == "uuid" || field.name.ends_with("_id"))
    return fmt::format("01920000-0000-7000-8000-00000000000{}", item);
  if (field.format == "digest") return std::string(64, 'a');
  if (field.format == "base64") return "/wD+";
  return fmt::format("{} {} – ü", field.name, item);
}

// Never the default: it would not be in the bytes.
void write_sample(JsonWriter& out, const Field& field, int item) {
  switch (field.kind) {
    case Kind::boolean:
      return out.boolean(field.default_integer == 0);
    case Kind::integer:
    case Kind::unsigned_integer:
      if (field.is_time()) return out.text("2030-01-02T03:04:05.678901Z");
      return out.number(field.default_integer + 40 + item);
    case Kind::floating:
      return out.number(field.default_real + 1.25);
    case Kind::text:
      return field.format == "json" ? out.raw(R"({"a":[1,null]})") : out.text(sample_text(field, item));
    case Kind::enumeration:
      return out.text(field.values.back().name);
    case Kind::table:
      return out.raw(sample_table(*field.table));
  }
}

std::string sample_table(const Table& table) {
  JsonWriter out;
  out.object([&] {
    for (const Field& field : table.fields) {
      out.key(field.name);
      if (!field.is_list) {
        write_sample(out, field, 1);
        continue;
      }
      out.list([&] {
        write_sample(out, field, 1);
        write_sample(out, field, 2);
      });
    }
  });
  return out.take();
}

void write_if_missing(const std::filesystem::path& path, std::string_view content) {
  if (std::filesystem::exists(path)) return;
  std::ofstream(path, std::ios::binary) << content;
  fmt::print("wrote {}\n", path.string());
}

void write_missing(const std::filesystem::path& folder) {
  for (const Member& event : contracts().events()) {
    const std::string name = fmt::format("{}.v{}", event.name, event.table->version);
    if (std::filesystem::exists(folder / (name + ".bin"))) continue;
    const auto bytes = decode_json(*event.table, sample_table(*event.table), {.target = {}, .accept_hidden = true});
    check(bytes.has_value(), "a sample follows its contract");
    std::string json;
    encode_json(*event.table, *bytes, json, {.hidden = true, .nulls = false});
    write_if_missing(folder / (name + ".json"), json + "\n");
    write_if_missing(folder / (name + ".bin"), *bytes);
  }
}

}  // namespace
}  // namespace flowstone::schemas

int main(int count, char** arguments) {
  if (count != 3 || std::string_view(arguments[1]) != "--write-missing") {
    std::fprintf(stderr, "usage: golden_events --write-missing FOLDER\n");
    return 2;
  }
  flowstone::schemas::write_missing(arguments[2]);
}
