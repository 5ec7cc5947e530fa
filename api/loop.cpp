#include "api/loop.hpp"

#include <ctime>
#include <sys/prctl.h>

#include <boost/asio/post.hpp>

namespace flowstone::api {
namespace {

// IMF-fixdate of RFC 9110, independent of the locale.
std::string http_date(std::time_t at) {
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm parts{};
  gmtime_r(&at, &parts);
  char text[64];
  const int size =
      std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT", kDays[parts.tm_wday], parts.tm_mday,
                    kMonths[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace

Loop::Loop(std::chrono::milliseconds sweep_interval)
    : sweep_interval_(sweep_interval),
      timer_(context_.get_executor()),
      next_swept_(residents_.end()),
      date_(http_date(std::time(nullptr))) {
  guard_.emplace(context_.get_executor());
}

Loop::~Loop() {
  finish();
  join();
}

void Loop::start() {
  thread_ = std::thread([this] { run(); });
}

void Loop::run() {
  prctl(PR_SET_NAME, "http");
  thread_id_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  arm();
  context_.run();
}

void Loop::finish() {
  net::post(context_, [this] {
    guard_.reset();
    timer_.cancel();
  });
}

void Loop::join() {
  if (thread_.joinable()) thread_.join();
}

void Loop::send(Mail& mail) {
  Mail* head = letters_.load(std::memory_order_relaxed);
  do {
    mail.next_ = head;
  } while (!letters_.compare_exchange_weak(head, &mail, std::memory_order_release, std::memory_order_relaxed));
  if (head == nullptr) net::post(context_, [this] { drain(); });
}

void Loop::post(std::move_only_function<void()> work) {
  net::post(context_, [work = std::move(work)]() mutable { work(); });
}

void Loop::drain() {
  Mail* newest = letters_.exchange(nullptr, std::memory_order_acquire);
  Mail* oldest = nullptr;
  while (newest != nullptr) {
    Mail* const next = newest->next_;
    newest->next_ = oldest;
    oldest = newest;
    newest = next;
  }
  while (oldest != nullptr) {
    Mail* const mail = oldest;
    oldest = mail->next_;  // read first: delivering may end the mail's life
    mail->deliver();
  }
}

void Loop::strike(Resident& resident) {
  const auto place = residents_.iterator_to(resident);
  if (place == next_swept_) ++next_swept_;
  residents_.erase(place);
}

void Loop::arm() {
  timer_.expires_after(sweep_interval_);
  timer_.async_wait([this](error_code error) {
    if (error || !guard_) return;
    sweep();
    arm();
  });
}

void Loop::ask_all_to_stop(bool at_once) {
  next_swept_ = residents_.begin();
  while (next_swept_ != residents_.end()) {
    Resident& resident = *next_swept_;
    ++next_swept_;
    resident.ask_to_stop(at_once);
  }
}

void Loop::sweep() {
  date_ = http_date(std::time(nullptr));
  const auto now = std::chrono::steady_clock::now();
  next_swept_ = residents_.begin();
  while (next_swept_ != residents_.end()) {
    Resident& resident = *next_swept_;
    ++next_swept_;
    resident.sweep(now);
  }
}

}  // namespace flowstone::api
