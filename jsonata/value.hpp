// A JSON value, and what the language has beside JSON: nothing ("undefined") and functions.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flowstone::jsonata {

enum class Kind : std::uint8_t { undefined, null, boolean, number, string, array, object, function };

// Arrays and objects nest at most so deep; building a deeper one fails.
inline constexpr std::uint32_t kMaxNesting = 512;

namespace detail {

// What values share. Its bytes are counted for the evaluation that made it (meter.hpp).
struct Node {
  explicit Node(std::size_t size);
  virtual ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  std::atomic<std::uint32_t> references{1};
  std::uint32_t height = 0;  // of arrays and objects: levels below
  std::uint64_t meter;       // the evaluation that pays for it
  std::size_t charged;       // bytes
  Node* next_dead = nullptr;
};

// Frees without recursion, however long the chain of what hangs on the node.
void dispose(Node* node) noexcept;

inline void retain(Node* node) noexcept { node->references.fetch_add(1, std::memory_order_relaxed); }
inline void release(Node* node) noexcept {
  if (node->references.fetch_sub(1, std::memory_order_acq_rel) == 1) dispose(node);
}

// One share of a node.
template <class T>
class Ref {
 public:
  Ref() = default;
  static Ref adopt(T* node) {
    Ref ref;
    ref.node_ = node;
    return ref;
  }
  static Ref share(T* node) {
    if (node != nullptr) retain(node);
    return adopt(node);
  }
  Ref(const Ref& other) noexcept : node_(other.node_) {
    if (node_ != nullptr) retain(node_);
  }
  Ref(Ref&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(node_, other.node_);
    return *this;
  }
  ~Ref() {
    if (node_ != nullptr) release(node_);
  }
  T* operator->() const { return node_; }
  T& operator*() const { return *node_; }
  [[nodiscard]] T* get() const { return node_; }
  explicit operator bool() const { return node_ != nullptr; }
  T* leak() noexcept { return std::exchange(node_, nullptr); }

 private:
  T* node_ = nullptr;
};

}  // namespace detail

// How the language marks the arrays it made. Marks belong to the handle, not to the items.
enum Mark : std::uint8_t {
  sequence = 1,        // results of a path: one item stands for itself, none for nothing
  keep_singleton = 2,  // but one item stays an array: `[]` was written behind a step
  constructed = 4,     // written as [...] in a path: stays one item of it
  tuples = 8,          // items are bindings of @, # and %
  wrapper = 16,        // holds an input that is itself an array
};

struct Member;

// Immutable and cheap to copy: 16 bytes, items shared.
// Threads: a value may be read and copied from any thread.
// Cost: `find` looks at each key of objects up to 16 members, and halves an index above.
class Value {
 public:
  Value() noexcept = default;  // undefined: nothing, which is neither null nor an empty array
  Value(const Value& other) noexcept : kind_(other.kind_), marks_(other.marks_), as_(other.as_) {
    if (shares()) detail::retain(as_.node);
  }
  Value(Value&& other) noexcept : kind_(other.kind_), marks_(other.marks_), as_(other.as_) {
    other.kind_ = Kind::undefined;
  }
  Value& operator=(const Value& other) noexcept {
    Value copy(other);
    return *this = std::move(copy);
  }
  Value& operator=(Value&& other) noexcept {
    std::swap(kind_, other.kind_);
    std::swap(marks_, other.marks_);
    std::swap(as_, other.as_);
    return *this;
  }
  ~Value() {
    if (shares()) detail::release(as_.node);
  }

  static Value null() { return Value(Kind::null); }
  static Value boolean(bool value) {
    Value made(Kind::boolean);
    made.as_.boolean = value;
    return made;
  }
  static Value number(double value) {
    Value made(Kind::number);
    made.as_.number = value;
    return made;
  }
  static Value string(std::string utf8);
  static Value array(std::vector<Value> items, std::uint8_t marks = 0);
  // Of members with the same key the last one's value stands, at the place of the first.
  static Value object(std::vector<Member> members);

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] bool is_undefined() const { return kind_ == Kind::undefined; }
  [[nodiscard]] bool is_null() const { return kind_ == Kind::null; }
  [[nodiscard]] bool is_boolean() const { return kind_ == Kind::boolean; }
  [[nodiscard]] bool is_number() const { return kind_ == Kind::number; }
  [[nodiscard]] bool is_string() const { return kind_ == Kind::string; }
  [[nodiscard]] bool is_array() const { return kind_ == Kind::array; }
  [[nodiscard]] bool is_object() const { return kind_ == Kind::object; }
  [[nodiscard]] bool is_function() const { return kind_ == Kind::function; }

  // Only of values of that kind.
  [[nodiscard]] bool as_boolean() const { return as_.boolean; }
  [[nodiscard]] double as_number() const { return as_.number; }
  [[nodiscard]] const std::string& text() const;
  [[nodiscard]] const std::vector<Value>& items() const;
  [[nodiscard]] const std::vector<Member>& members() const;
  // The member's value, or null if the object has none.
  [[nodiscard]] const Value* find(std::string_view key) const;
  // Levels of arrays and objects in it.
  [[nodiscard]] std::uint32_t height() const { return is_array() || is_object() ? as_.node->height : 0; }

  [[nodiscard]] bool marked(Mark mark) const { return (marks_ & mark) != 0; }
  [[nodiscard]] std::uint8_t marks() const { return marks_; }
  [[nodiscard]] Value with_marks(unsigned marks) const {
    Value copy(*this);
    copy.marks_ = static_cast<std::uint8_t>(marks);
    return copy;
  }

  // For functions and for comparing by identity.
  static Value of_node(Kind kind, detail::Node* adopted) {
    Value made(kind);
    made.as_.node = adopted;
    return made;
  }
  [[nodiscard]] detail::Node* node() const { return shares() ? as_.node : nullptr; }

 private:
  explicit Value(Kind kind) noexcept : kind_(kind) {}
  [[nodiscard]] bool shares() const { return kind_ >= Kind::string; }

  Kind kind_ = Kind::undefined;
  std::uint8_t marks_ = 0;
  union {
    double number = 0;
    bool boolean;
    detail::Node* node;
  } as_;
};

struct Member {
  std::string key;
  Value value;
};

namespace detail {

struct StringNode final : Node {
  explicit StringNode(std::string utf8);
  std::string text;
};
struct ArrayNode final : Node {
  explicit ArrayNode(std::vector<Value> all);
  std::vector<Value> items;
};
struct ObjectNode final : Node {
  explicit ObjectNode(std::vector<Member> all);
  void remember_keys();
  std::vector<Member> members;
  std::vector<std::uint32_t> by_key;  // of large objects: members in the order of their keys
};

}  // namespace detail

inline const std::string& Value::text() const { return static_cast<const detail::StringNode*>(as_.node)->text; }
inline const std::vector<Value>& Value::items() const { return static_cast<const detail::ArrayNode*>(as_.node)->items; }
inline const std::vector<Member>& Value::members() const {
  return static_cast<const detail::ObjectNode*>(as_.node)->members;
}

}  // namespace flowstone::jsonata
