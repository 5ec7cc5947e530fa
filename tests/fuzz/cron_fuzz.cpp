// Cron expressions and schedules from anywhere: refused with a sentence, or due later than now.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "calendar/schedule.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using flowstone::calendar::Schedule;
  using flowstone::calendar::Zone;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const Zone kZone = Zone::find("Europe/Berlin").value();
  const auto schedule = Schedule::parse(text, kZone, {});
  if (!schedule) {
    flowstone::check(!schedule.error().empty(), "a refusal says why");
    return 0;
  }
  flowstone::Timestamp now{1'774'000'000'000'000};
  for (int i = 0; i < 20; ++i) {
    const auto next = schedule->next(now);
    if (!next) break;
    flowstone::check(*next > now, "what is due next is later");
    now = *next;
  }
  return 0;
}
