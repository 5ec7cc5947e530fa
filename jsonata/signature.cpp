#include "jsonata/signature.hpp"

#include <algorithm>

#include "jsonata/failure.hpp"

namespace flowstone::jsonata {
namespace {

constexpr std::size_t kMaxParameters = 64;

char type_of(const Value& value) {
  switch (value.kind()) {
    case Kind::undefined:
      return 'm';
    case Kind::null:
      return 'l';
    case Kind::boolean:
      return 'b';
    case Kind::number:
      return 'n';
    case Kind::string:
      return 's';
    case Kind::array:
      return 'a';
    case Kind::object:
      return 'o';
    case Kind::function:
      return 'f';
  }
  return 'm';
}

std::size_t closing(std::string_view text, std::size_t open, char opens, char closes) {
  int depth = 0;
  for (std::size_t at = open; at < text.size(); ++at) {
    if (text[at] == opens) ++depth;
    if (text[at] == closes && --depth == 0) return at;
  }
  return std::string_view::npos;
}

// The types that fit a letter; a value may be missing except where a function is wanted.
std::string accepted_by(char letter) {
  if (letter == 'f') return "f";
  if (letter == 'j') return "asnblom";
  return letter == 'a' || letter == 'x' ? "asnblfom" : std::string{letter, 'm'};
}

bool accepts(std::string_view accepted, char type) { return accepted.find(type) != std::string_view::npos; }

}  // namespace

std::shared_ptr<const Signature> Signature::parse(std::string_view text, std::uint32_t position) {
  auto signature = std::make_shared<Signature>();
  auto& parameters = signature->parameters_;
  for (std::size_t at = 1; at < text.size() && text[at] != ':' && text[at] != '>'; ++at) {
    const char c = text[at];
    Parameter parameter;
    switch (c) {
      case 's':
      case 'n':
      case 'b':
      case 'l':
      case 'o':
      case 'a':
      case 'f':
      case 'j':
      case 'x':
        parameter.accepted = accepted_by(c);
        parameter.is_array = c == 'a';
        break;
      case '(': {
        const auto end = closing(text, at, '(', ')');
        if (end == std::string_view::npos) fail("S0402", {.position = position, .token = std::string(text)});
        const auto choice = text.substr(at + 1, end - at - 1);
        if (choice.find('<') != std::string_view::npos)
          fail("S0402", {.position = position, .token = std::string(choice)});
        parameter.accepted = std::string(choice) + "m";
        at = end;
        break;
      }
      case '-':
      case '?':
      case '+':
        if (parameters.empty()) continue;
        (c == '-'   ? parameters.back().from_context
         : c == '?' ? parameters.back().optional
                    : parameters.back().repeated) = true;
        continue;
      case '<': {
        const auto end = closing(text, at, '<', '>');
        const bool takes = !parameters.empty() && (parameters.back().is_array || parameters.back().accepted == "f");
        if (!takes || end == std::string_view::npos) fail("S0401", {.position = position, .token = std::string(text)});
        if (parameters.back().is_array) parameters.back().items = text.substr(at + 1, end - at - 1);
        at = end;
        continue;
      }
      default:
        continue;
    }
    if (parameters.size() == kMaxParameters) fail("S0402", {.position = position, .token = std::string(text)});
    parameters.push_back(std::move(parameter));
  }
  return signature;
}

bool Signature::distribute(std::string_view types, std::size_t parameter, std::size_t at,
                           std::vector<std::size_t>& taken, std::vector<bool>& refuted) const {
  if (parameter == parameters_.size()) return at == types.size();
  const std::size_t state = parameter * (types.size() + 1) + at;
  if (refuted[state]) return false;
  const Parameter& wanted = parameters_[parameter];
  std::size_t most = 0;
  while (at + most < types.size() && accepts(wanted.accepted, types[at + most]) && (wanted.repeated || most == 0))
    ++most;
  const std::size_t least = wanted.optional || wanted.from_context ? 0 : 1;
  for (std::size_t take = most + 1; take-- > least;) {
    taken[parameter] = take;
    if (distribute(types, parameter + 1, at + take, taken, refuted)) return true;
  }
  refuted[state] = true;
  return false;
}

void Signature::refuse(const std::vector<Value>& arguments, std::string_view types) const {
  // The first argument that no beginning of the parameters can take.
  std::size_t good = 0;
  for (const auto& wanted : parameters_) {
    std::size_t take = 0;
    while (good + take < types.size() && accepts(wanted.accepted, types[good + take]) && (wanted.repeated || take == 0))
      ++take;
    if (take == 0 && !wanted.optional && !wanted.from_context) break;
    good += take;
  }
  fail("T0410",
       {.value = good < arguments.size() ? arguments[good] : Value(), .index = static_cast<std::uint32_t>(good + 1)});
}

Value Signature::as_array(const Parameter& parameter, const Value& argument, char type, std::size_t index) {
  if (type == 'm') return {};
  const auto refuse = [&]() -> void {
    fail("T0412", {.token = {}, .value = argument, .index = static_cast<std::uint32_t>(index + 1)});
  };
  if (!parameter.items.empty()) {
    const char wanted = parameter.items.front();
    if (type != 'a' && type != wanted) refuse();
    if (type == 'a' &&
        !std::ranges::all_of(argument.items(), [&](const Value& item) { return type_of(item) == wanted; }))
      refuse();
  }
  return type == 'a' ? argument : Value::array({argument});
}

std::vector<Value> Signature::checked(const std::vector<Value>& arguments, const Value& context) const {
  std::string types;
  for (const auto& argument : arguments) types.push_back(type_of(argument));
  std::vector<std::size_t> taken(parameters_.size(), 0);
  std::vector<bool> refuted((parameters_.size() + 1) * (types.size() + 1), false);
  if (!distribute(types, 0, 0, taken, refuted)) refuse(arguments, types);
  std::vector<Value> result;
  std::size_t next = 0;
  for (std::size_t at = 0; at < parameters_.size(); ++at) {
    const Parameter& parameter = parameters_[at];
    if (taken[at] == 0) {
      if (parameter.from_context) {
        if (!accepts(parameter.accepted, type_of(context)))
          fail("T0411", {.value = context, .index = static_cast<std::uint32_t>(next + 1)});
        result.push_back(parameter.is_array && !context.is_array() && !context.is_undefined() ? Value::array({context})
                                                                                              : context);
      } else {
        result.emplace_back();
      }
      continue;
    }
    for (std::size_t count = 0; count < taken[at]; ++count, ++next) {
      result.push_back(parameter.is_array ? as_array(parameter, arguments[next], types[next], next) : arguments[next]);
    }
  }
  return result;
}

}  // namespace flowstone::jsonata
