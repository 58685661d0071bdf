// SPDX-License-Identifier: MIT
#include "wherry/app/respond.h"

#include <algorithm>

#include "wherry/app/cors.h"
#include "wherry/app/router.h"

namespace wherry::app {
namespace {

// RFC 9110 §10.2.1
void add_allow(Request& request, Response& response, MethodSet methods) noexcept {
  const auto allow = allow_value(methods);
  const auto memory = request.scratch().text(allow.size());
  if (!memory) return response.lacks_memory();
  std::ranges::copy(allow.view(), memory->begin());
  response.header("Allow", {memory->data(), memory->size()});
}

}  // namespace

Response options_reply(Request& request) noexcept {
  Response response(request, 204);
  add_allow(request, response, request.allowed_methods());
  return response;
}

coro::Task<Response> respond_by_route(const App& app, Request& request) noexcept {
  const std::optional<std::uint64_t> length = request.content_length();
  if (length && *length > request.limits().max_content_length) {
    return reply(request, Error::content_too_large);
  }
  if (request.path() == "*") {
    request.set_allowed_methods(all_methods(app.routes));
    return reply(request, options_reply(request));
  }
  RouteMatch match = find_route(app.routes, request.method(), request.path());
  request.set_allowed_methods(match.allowed);
  if (match.allowed == 0) return reply(request, Error::not_found);
  if (match.route == nullptr) {
    if (request.method() != http::Method::options) return reply(request, Error::method_not_allowed);
    return reply(request, options_reply(request));
  }
  if (const auto decoded = decode_parameters(request, match); !decoded) {
    return reply(request, decoded.error());
  }
  return match.route->call(request, match.parameters);
}

coro::Task<Response> respond_to_error(const App& app, Request& request, Error error) {
  const ErrorInfo& info = describe(error);
  Result<Response> response = error;
  const auto handler = std::ranges::find(app.error_handlers, info.status, &ErrorHandler::status);
  if (handler != app.error_handlers.end()) {
    response = co_await coro::as_result(handler->call(request, error));
  }
  if (!response) response = error_reply(request, info.status, info.text);
  if (error == Error::method_not_allowed) {
    const RouteMatch match = find_route(app.routes, request.method(), request.path());
    add_allow(request, *response, match.allowed);
  }
  co_return response;
}

coro::Task<Response> respond(const App& app, Request& request, Error& error) noexcept {
  if (const Cors* cors = request.services().cors) {
    if (auto preflight = cors->preflight(app, request)) return std::move(*preflight);
  }
  const auto with_hooks = app.before.respond != nullptr ? app.before.respond : app.after.respond;
  return with_hooks != nullptr ? with_hooks(app, request, error) : respond_by_route(app, request);
}

}  // namespace wherry::app
