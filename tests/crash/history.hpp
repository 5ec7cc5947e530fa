// The judge: holds what the server shows against what the ledger knows. Pure: events, rows and entries in, findings
// out.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "tests/crash/ledger.hpp"

namespace flowstone::crash {

struct Event {
  std::uint64_t position = 0;
  std::uint64_t revision = 0;
  std::string stream;
  std::string type;
  std::string command_id;
  std::string time;
  std::string actor;
  boost::json::object data = {};
  std::string text = {};  // the whole event as it was sent
};

// Of a CloudEvent as the server sends it.
Event event_of(const boost::json::object& cloud_event);

using Findings = std::vector<std::string>;

// Positions follow each other from 1, and revisions from 1 in every stream.
Findings check_order(const std::vector<Event>& events);

// Every acknowledgement is in the log where it says; what was refused left nothing; no command id and no marker is
// there twice; an atomic batch is there whole and in one piece or not at all; every command id is one that a client
// used. Entries without an answer may have happened once or not at all.
Findings check_ledger(const std::vector<Event>& events, const std::deque<Entry>& entries,
                      std::string_view command_id_prefix);

// `seen` were read before, at another time or by another road: they are the first of `events`, unchanged.
Findings check_prefix(const std::vector<Event>& events, const std::vector<Event>& seen);

// The events that recorders sent are in every run's stream once, with sequences dense from 1, as far as they were
// acknowledged.
Findings check_runs(const std::vector<Event>& events, const std::deque<Entry>& entries);

// At no position do two intents hold codes that differ at most in case.
Findings check_codes(const std::vector<Event>& events);

}  // namespace flowstone::crash
