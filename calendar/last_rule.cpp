#include "calendar/last_rule.hpp"

#include <date/ptz.h>
#include <exception>
#include <fstream>
#include <utility>

namespace flowstone::calendar {
namespace {

class PosixRule final : public LastRule {
 public:
  explicit PosixRule(const std::string& text) : zone_(text) {}

  [[nodiscard]] Span at(std::int64_t seconds) const override {
    const date::sys_info info = zone_.get_info(date::sys_seconds(std::chrono::seconds(seconds)));
    return {info.begin.time_since_epoch().count(), info.end.time_since_epoch().count(), info.offset.count()};
  }

 private:
  Posix::time_zone zone_;
};

}  // namespace

std::unique_ptr<const LastRule> LastRule::read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string line;
  for (std::string next; std::getline(file, next);) line = std::move(next);
  if (line.find(',') == std::string::npos) return nullptr;
  try {
    return std::make_unique<PosixRule>(line);
  } catch (const std::exception&) {
    return nullptr;
  }
}

}  // namespace flowstone::calendar
