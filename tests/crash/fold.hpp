// The rows as the events make them, folded a second time from the JSON that readers are shown. Written apart from the
// deciders, so that a mistake in one does not hide in the other.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "tests/crash/history.hpp"

namespace flowstone::crash {

class Fold {
 public:
  // Events of tasks, intents and runs, in order; others are passed over.
  void add(const Event& event);

  // By stream. A row has the fields of the state as JSON.
  [[nodiscard]] const std::map<std::string, boost::json::object>& rows() const { return rows_; }

 private:
  std::map<std::string, boost::json::object> rows_;
};

// What is different, in words; empty if the rows are equal. Absent, null, empty, false and zero count as the same.
std::string difference(const boost::json::object& folded, const boost::json::object& shown);

}  // namespace flowstone::crash
