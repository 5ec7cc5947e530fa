// Variables by name, in frames within frames.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jsonata/value.hpp"

namespace flowstone::jsonata {

class Frame;
using FrameRef = detail::Ref<Frame>;

// The frames of one evaluation. A function that is bound to a name in the frame it remembers holds itself alive;
// `close` at the end of the evaluation lets go of all that is left.
class Frames {
 public:
  Frames() = default;
  ~Frames() { close(); }
  Frames(const Frames&) = delete;
  Frames& operator=(const Frames&) = delete;

  void close();

 private:
  friend class Frame;
  Frame* first_ = nullptr;
};

class Frame final : public detail::Node {
 public:
  static FrameRef inside(const FrameRef& outer) { return FrameRef::adopt(new Frame(*outer->frames_, outer)); }
  static FrameRef outermost(Frames& frames) { return FrameRef::adopt(new Frame(frames, {})); }
  ~Frame() override;

  void bind(std::string_view name, Value value);
  // Null where no frame has the name.
  [[nodiscard]] const Value* find(std::string_view name) const;
  // The evaluation that made it has ended.
  [[nodiscard]] bool closed() const { return frames_ == nullptr; }

 private:
  friend class Frames;
  Frame(Frames& frames, FrameRef outer);

  Frames* frames_;
  Frame* previous_ = nullptr;
  Frame* next_ = nullptr;
  FrameRef outer_;
  std::vector<std::pair<std::string, Value>> bindings_;
};

}  // namespace flowstone::jsonata
