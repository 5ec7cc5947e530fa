// Text in YAML 1.2, read event by event: what a text may ask for is counted before it is built.
#include <charconv>
#include <cmath>
#include <map>
#include <sstream>
#include <string>
#include <unordered_set>
#include <utility>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <fmt/core.h>

#include "asl/places.hpp"
#include "workflows/scalar_yaml.hpp"
#include "workflows/source_reader.hpp"

namespace flowstone::workflows {
namespace {

// Inside, what is wrong ends the reading as an exception: the parser knows no other way out.
struct Wrong {
  std::string code;
  std::string path;
  std::size_t offset;
  std::string sentence;
};

// From offsets to places, quickly where they come in order.
class Measure {
 public:
  explicit Measure(std::string_view text) : text_(text) {}

  Place at(std::size_t offset) {
    if (offset < offset_) {
      offset_ = 0;
      place_ = {};
    }
    for (; offset_ < offset && offset_ < text_.size(); ++offset_) {
      const auto byte = static_cast<unsigned char>(text_[offset_]);
      if (byte == '\n') {
        ++place_.line;
        place_.column = 1;
      } else if (offset_ + 1 >= text_.size() || (static_cast<unsigned char>(text_[offset_ + 1]) & 0xC0U) != 0x80) {
        ++place_.column;
      }
    }
    return place_;
  }

 private:
  std::string_view text_;
  std::size_t offset_ = 0;
  Place place_;
};

struct Part {
  Value value;
  Places places;
  std::size_t nodes = 1;  // values in it, those of aliases as often as they stand
};

class Builder final : public YAML::EventHandler {
 public:
  explicit Builder(std::string_view text) : measure_(text) {}

  Part whole;
  bool found = false;
  Problems warnings;
  Place place_of(std::size_t offset) { return measure_.at(offset); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto offset = offset_of(mark);
    if (wants_key()) refuse("wrong_type", offset, "the name of a member must be a text");
    deliver(scalar(Value::null(), offset), anchor, offset);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto offset = offset_of(mark);
    const auto known = anchors_.find(anchor);
    if (wants_key()) refuse("wrong_type", offset, "the name of a member must be a text, not an alias");
    if (known == anchors_.end()) refuse("not_yaml", offset, "an alias stands inside of what it is an alias of");
    if (open_.size() + known->second.value.height() > kMaxNesting) refuse_depth(offset);
    if (nodes_ + known->second.nodes > kMaxYamlValues) refuse_count(offset);
    Part part = known->second;
    part.places.place = measure_.at(offset);
    deliver(std::move(part), 0, offset);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const auto offset = offset_of(mark);
    if (wants_key()) {
      take_key(tag, value, offset);
      return;
    }
    auto read = read_yaml_scalar(tag, value);
    if (!read) refuse("not_yaml", offset, read.error());
    auto part = scalar(*std::move(read), offset);
    if (part.value.is_number()) warn_if_inexact(value, pointer(), part.places.place, warnings);
    deliver(std::move(part), anchor, offset);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(false, mark, tag, anchor);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(true, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  struct Level {
    bool map;
    std::size_t offset;
    YAML::anchor_t anchor;
    Places places;
    std::size_t nodes = 1;
    std::vector<jsonata::Member> members;
    std::vector<Value> items;
    std::unordered_set<std::string> names;
    bool has_key = false;
    std::string key;
    Place key_place;
  };

  static std::size_t offset_of(const YAML::Mark& mark) { return mark.pos < 0 ? 0 : static_cast<std::size_t>(mark.pos); }

  // Of the value that is read now.
  [[nodiscard]] std::string pointer() const {
    std::string path;
    for (const auto& level : open_) {
      if (!level.map)
        path += fmt::format("/{}", level.items.size());
      else if (level.has_key)
        path += "/" + asl::pointer_token(level.key);
    }
    return path;
  }

  [[noreturn]] void refuse(std::string_view code, std::size_t offset, std::string sentence) {
    throw Wrong{std::string(code), pointer(), offset, std::move(sentence)};
  }
  [[noreturn]] void refuse_depth(std::size_t offset) {
    refuse("too_deep", offset, fmt::format("values nest at most {} levels", kMaxNesting));
  }
  [[noreturn]] void refuse_count(std::size_t offset) {
    refuse("too_long", offset, fmt::format("with its aliases the text has more than {} values", kMaxYamlValues));
  }

  [[nodiscard]] bool wants_key() const { return !open_.empty() && open_.back().map && !open_.back().has_key; }

  Part scalar(Value value, std::size_t offset) {
    return {.value = std::move(value), .places = {.place = measure_.at(offset), .children = {}}};
  }

  void take_key(const std::string& tag, const std::string& name, std::size_t offset) {
    Level& level = open_.back();
    if (tag == "?" && name == "<<") refuse("not_yaml", offset, "merge keys (<<) are not read; say what you mean");
    level.key = name;
    level.key_place = measure_.at(offset);
    level.has_key = true;
    if (!level.names.insert(name).second)
      refuse("repeated_member", offset, "an object has another member of this name before");
  }

  void open(bool map, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    const auto offset = offset_of(mark);
    if (wants_key()) refuse("wrong_type", offset, "the name of a member must be a text");
    if (open_.size() >= kMaxNesting) refuse_depth(offset);
    const std::string_view own = map ? "tag:yaml.org,2002:map" : "tag:yaml.org,2002:seq";
    if (!tag.empty() && tag != "?" && tag != "!" && tag != own) refuse("not_yaml", offset, "there is no tag " + tag);
    Level& level = open_.emplace_back();
    level.map = map;
    level.offset = offset;
    level.anchor = anchor;
    level.places.place = measure_.at(offset);
  }

  void close() {
    Level level = std::move(open_.back());
    open_.pop_back();
    Part part{.value = level.map ? Value::object(std::move(level.members)) : Value::array(std::move(level.items)),
              .places = std::move(level.places),
              .nodes = level.nodes};
    nodes_ -= level.nodes - 1;  // counted again when it is delivered
    deliver(std::move(part), level.anchor, level.offset);
  }

  void deliver(Part part, YAML::anchor_t anchor, std::size_t offset) {
    nodes_ += part.nodes;
    if (nodes_ > kMaxYamlValues) refuse_count(offset);
    if (anchor != 0) anchors_[anchor] = part;
    if (open_.empty()) {
      whole = std::move(part);
      found = true;
      return;
    }
    Level& level = open_.back();
    level.nodes += part.nodes;
    if (level.map) {
      part.places.place = level.key_place;
      level.members.push_back({std::move(level.key), std::move(part.value)});
      level.has_key = false;
    } else {
      level.items.push_back(std::move(part.value));
    }
    level.places.children.push_back(std::move(part.places));
  }

  Measure measure_;
  std::vector<Level> open_;
  std::map<YAML::anchor_t, Part> anchors_;
  std::size_t nodes_ = 0;
};

Problems one_error(std::string code, std::string path, Place place, std::string sentence) {
  return {{.severity = Severity::error,
           .code = std::move(code),
           .path = std::move(path),
           .place = place,
           .sentence = std::move(sentence)}};
}

Result<Source, Problems> build(std::string_view text) {
  Builder builder(text);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    if (!builder.found) return failure(one_error("not_yaml", "", {}, "not YAML: there is no value"));
    Builder second(text);
    if (parser.HandleNextDocument(second))
      return failure(one_error("not_yaml", "", {}, "a definition is one document; there is another behind it"));
  } catch (const Wrong& wrong) {
    return failure(one_error(wrong.code, wrong.path, builder.place_of(wrong.offset), wrong.sentence));
  } catch (const YAML::Exception& wrong) {
    const auto offset = wrong.mark.pos < 0 ? 0 : static_cast<std::size_t>(wrong.mark.pos);
    return failure(one_error("not_yaml", "", builder.place_of(offset), "not YAML: " + wrong.msg));
  }
  return Source{.value = std::move(builder.whole.value),
                .places = std::move(builder.whole.places),
                .warnings = std::move(builder.warnings)};
}

}  // namespace

Result<Source, Problems> read_yaml_source(std::string_view text) {
  if (const auto bad = first_forbidden_byte(text)) {
    Measure measure(text);
    return failure(one_error("not_yaml", "", measure.at(*bad), "not YAML: a byte that is no printable UTF-8"));
  }
  return build(text);
}

}  // namespace flowstone::workflows
