#include "jsonata/frame.hpp"

#include "jsonata/meter.hpp"

namespace flowstone::jsonata {
namespace {

constexpr std::size_t kBindingBytes = sizeof(std::pair<std::string, Value>);

}  // namespace

Frame::Frame(Frames& frames, FrameRef outer)
    : Node(sizeof(Frame) + 2 * kBindingBytes), frames_(&frames), next_(frames.first_), outer_(std::move(outer)) {
  if (next_ != nullptr) next_->previous_ = this;
  frames.first_ = this;
}

Frame::~Frame() {
  if (frames_ == nullptr) return;
  (previous_ != nullptr ? previous_->next_ : frames_->first_) = next_;
  if (next_ != nullptr) next_->previous_ = previous_;
}

void Frame::bind(std::string_view name, Value value) {
  for (auto& [bound, current] : bindings_) {
    if (bound == name) {
      current = std::move(value);
      return;
    }
  }
  bindings_.emplace_back(std::string(name), std::move(value));
}

const Value* Frame::find(std::string_view name) const {
  for (const Frame* frame = this; frame != nullptr; frame = frame->outer_.get()) {
    for (const auto& [bound, value] : frame->bindings_) {
      if (bound == name) return &value;
    }
  }
  return nullptr;
}

void Frames::close() {
  while (first_ != nullptr) {
    const auto frame = FrameRef::share(first_);
    first_ = frame->next_;
    if (first_ != nullptr) first_->previous_ = nullptr;
    frame->frames_ = nullptr;
    frame->next_ = frame->previous_ = nullptr;
    // What hangs on it is freed when `bindings` and `outer` go; more frames may go with them.
    const auto bindings = std::move(frame->bindings_);
    const auto outer = std::move(frame->outer_);
  }
}

}  // namespace flowstone::jsonata
