// From method and path to the call that answers it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/net.hpp"
#include "api/request.hpp"
#include "schemas/contract.hpp"

namespace flowstone::api {

class Exchange;
using Handler = Task<void> (*)(Exchange*);

struct Route {
  Method method = Method::get;
  std::string pattern;                  // "/v1/tasks/{id}/complete"
  const schemas::Call* call = nullptr;  // nullptr: one of the server's own pages, which no contract describes
  Handler handler = nullptr;
  std::size_t number = 0;  // dense from 0, for metrics
};

struct PathParameter {
  std::string_view name;
  std::string value;  // decoded
};

struct Match {
  const Route* route = nullptr;  // nullptr: none
  std::vector<PathParameter> parameters;
  std::string allow;  // where the path exists, but not with this method; also for OPTIONS
};

// Threads: immutable once filled.
class Router {
 public:
  void add(Method method, std::string pattern, Handler handler, const schemas::Call* call = nullptr);
  // HEAD finds GET's route. `path` is still percent-encoded.
  [[nodiscard]] Match find(Method method, std::string_view path) const;
  [[nodiscard]] const std::vector<std::unique_ptr<Route>>& routes() const { return routes_; }

 private:
  struct Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> children;
    std::unique_ptr<Node> parameter;
    std::string parameter_name;
    std::vector<const Route*> routes;  // one a method
  };
  static const Node* walk(const Node& node, std::string_view path, std::vector<PathParameter>& parameters);

  Node root_;
  std::vector<std::unique_ptr<Route>> routes_;
};

}  // namespace flowstone::api
