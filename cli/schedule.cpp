// `flowstone schedule next`: when a schedule is due, to try one before something depends on it.
#include "calendar/schedule.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/core.h>

#include "cli/program.hpp"

namespace flowstone::cli {
namespace {

struct NextOptions {
  std::string expression;
  std::string zone = "UTC";
  std::string after;
  std::uint32_t count = 5;
  bool json = false;
};

int run_next(const NextOptions& options) {
  const auto zone = calendar::Zone::find(options.zone);
  if (!zone) return fail("--zone: " + zone.error());
  const auto after = options.after.empty() ? SystemClock().now() : from_rfc3339(options.after);
  if (!after) return fail("--after must be a time as in 2026-03-29T00:00:00Z");
  const auto schedule = calendar::Schedule::parse(options.expression, *zone, *after);
  if (!schedule) return fail(schedule.error());

  boost::json::array times;
  auto due = schedule->next(*after);
  for (std::uint32_t i = 0; i < options.count && due; ++i, due = schedule->next(*due)) {
    const calendar::UtcSeconds at{std::chrono::seconds(due->millis() / 1000)};
    if (options.json)
      times.push_back({{"at", to_rfc3339(*due)}, {"local", zone->show(at)}});
    else
      fmt::print("{}  {}\n", to_rfc3339(*due), zone->show(at));
  }
  if (options.json) print_json({{"zone", zone->name()}, {"times", std::move(times)}});
  return kDone;
}

}  // namespace

void add_schedule(CLI::App& app, Choice& choice) {
  auto* command = app.add_subcommand("schedule", "Try a schedule: when it is due.");
  command->require_subcommand(1);
  auto options = std::make_shared<NextOptions>();
  auto* next = command->add_subcommand(
      "next", "Print the next times at which a schedule is due, in UTC and as the zone's clocks show them.");
  next->add_option("EXPR", options->expression, "A cron expression of five or six fields, or `every 1h30m`")
      ->required();
  next->add_option("--zone", options->zone, "The time zone whose clocks count, as IANA names it")
      ->capture_default_str();
  next->add_option("--after", options->after, "Times after this one (RFC 3339); without it: after now");
  next->add_option("-n,--count", options->count, "How many")->check(CLI::Range(1U, 1000U))->capture_default_str();
  next->add_flag("--json", options->json, "One JSON document");
  next->footer(
      "Where a clock is put forward, what it skips is due right after; where it is put back, the first of two equal\n"
      "times counts. An expression with `*` for the hour follows the time that passes. docs/schedules.md has the "
      "language.\n\n"
      "  flowstone schedule next '30 9 * * MON-FRI' --zone Europe/Berlin");
  next->callback([options, &choice] { choice.run = [options] { return run_next(*options); }; });
}

}  // namespace flowstone::cli
