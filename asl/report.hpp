// Where the reader puts what it finds wrong.
#pragma once

#include <string>
#include <string_view>

#include "asl/problem.hpp"

namespace flowstone::asl {

class Report {
 public:
  void error(std::string_view code, const std::string& path, std::string sentence) {
    add(Severity::error, code, path, std::move(sentence));
  }
  void warning(std::string_view code, const std::string& path, std::string sentence) {
    add(Severity::warning, code, path, std::move(sentence));
  }
  // In the order of the document's lines, with them.
  Problems finish(std::string_view json) &&;

 private:
  void add(Severity severity, std::string_view code, const std::string& path, std::string sentence);
  Problems problems_;
};

}  // namespace flowstone::asl
