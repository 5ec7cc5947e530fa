#include "documents/limits.hpp"

namespace flowstone::documents {

const char* name_of(ParseErrorCode code) {
  switch (code) {
    case ParseErrorCode::unsupported:
      return "unsupported";
    case ParseErrorCode::encrypted:
      return "encrypted";
    case ParseErrorCode::broken:
      return "broken";
    case ParseErrorCode::too_large:
      return "too_large";
    case ParseErrorCode::too_deep:
      return "too_deep";
    case ParseErrorCode::timed_out:
      return "timed_out";
    case ParseErrorCode::missing_program:
      return "missing_program";
  }
  return "broken";
}

}  // namespace flowstone::documents
