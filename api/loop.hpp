// One network thread with its event loop. A connection lives on one loop from its first byte to its last, so that
// nothing it owns needs a lock or a strand; other threads reach it by mail.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

#include "api/blocking_pool.hpp"
#include "api/net.hpp"

namespace flowstone::api {

using SteadyTime = std::chrono::steady_clock::time_point;

// Something that is delivered on the loop's thread.
class Mail {
 public:
  virtual ~Mail() = default;

 protected:
  Mail() = default;
  virtual void deliver() = 0;

 private:
  friend class Loop;
  Mail* next_ = nullptr;
};

// Someone who lives on the loop. Instead of one timer an operation, the loop sweeps over all residents now and then.
class Resident : public boost::intrusive::list_base_hook<> {
 public:
  virtual ~Resident() = default;
  virtual void sweep(SteadyTime now) = 0;
  // `at_once`: what is under way is cut off.
  virtual void ask_to_stop(bool at_once) = 0;
};

// Threads: `send`, `post` and `is_here` from any thread, the rest on the loop's own.
// Cost: many mails sent before the loop looks are one wake-up.
class Loop {
 public:
  explicit Loop(std::chrono::milliseconds sweep_interval);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void start();
  // Lets `run` return once nothing is under way any more.
  void finish();
  void join();

  [[nodiscard]] LoopExecutor executor() { return context_.get_executor(); }
  [[nodiscard]] bool is_here() const {
    return std::this_thread::get_id() == thread_id_.load(std::memory_order_relaxed);
  }

  // `mail` must live until it is delivered.
  void send(Mail& mail);
  void post(std::move_only_function<void()> work);

  void enlist(Resident& resident) { residents_.push_back(resident); }
  void strike(Resident& resident);
  void ask_all_to_stop(bool at_once);
  // The value of the `Date` header, not older than a sweep.
  [[nodiscard]] const std::string& date() const { return date_; }

 private:
  void run();
  void drain();
  void sweep();
  void arm();

  const std::chrono::milliseconds sweep_interval_;
  net::io_context context_{1};
  std::optional<net::executor_work_guard<LoopExecutor>> guard_;
  net::basic_waitable_timer<std::chrono::steady_clock, net::wait_traits<std::chrono::steady_clock>, LoopExecutor>
      timer_;
  std::atomic<Mail*> letters_{nullptr};
  boost::intrusive::list<Resident> residents_;
  boost::intrusive::list<Resident>::iterator next_swept_;
  std::string date_;
  std::atomic<std::thread::id> thread_id_;
  std::thread thread_;
};

// A value that another thread brings to a coroutine that waits for it on its loop.
template <class T>
class Arrival final : private Mail {
 public:
  explicit Arrival(Loop& loop) : loop_(loop) {}

  // On any thread, exactly once.
  void bring(T value) {
    value_.emplace(std::move(value));
    if (loop_.is_here()) {
      deliver();
    } else {
      loop_.send(*this);
    }
  }

  // On the loop's thread, once.
  Task<T> wait() {
    if (!arrived_) {
      auto suspend = [this](auto handler) { waiter_ = std::move(handler); };
      co_await net::async_initiate<const net::use_awaitable_t<LoopExecutor>, void()>(
          suspend, net::use_awaitable_t<LoopExecutor>());
    }
    co_return std::move(*value_);
  }

 private:
  void deliver() override {
    arrived_ = true;
    if (waiter_) std::exchange(waiter_, nullptr)();
  }

  Loop& loop_;
  std::optional<T> value_;
  bool arrived_ = false;
  std::move_only_function<void()> waiter_;
};

// Runs `work` where it may block, and comes back with its result.
template <class Work>
Task<std::invoke_result_t<Work>> blocking(Loop* loop, BlockingPool* pool, Work work) {
  Arrival<std::invoke_result_t<Work>> arrival(*loop);
  pool->run([&arrival, &work] { arrival.bring(work()); });
  co_return co_await arrival.wait();
}

// A flag that a coroutine of the loop waits for. Set and awaited on the loop's thread.
class Signal {
 public:
  void set() {
    is_set_ = true;
    if (waiter_) std::exchange(waiter_, nullptr)();
  }
  // Returns at once if it was set since the last wait.
  Task<void> wait() {
    if (!is_set_) {
      auto suspend = [this](auto handler) { waiter_ = std::move(handler); };
      co_await net::async_initiate<const net::use_awaitable_t<LoopExecutor>, void()>(
          suspend, net::use_awaitable_t<LoopExecutor>());
    }
    is_set_ = false;
  }

 private:
  bool is_set_ = false;
  std::move_only_function<void()> waiter_;
};

}  // namespace flowstone::api
