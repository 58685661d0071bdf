// SPDX-License-Identifier: MIT
#include "wherry/app/cors.h"

#include <algorithm>

#include "wherry/app/respond.h"
#include "wherry/app/router.h"
#include "wherry/base/text_writer.h"

namespace wherry::app {
namespace {

// All names and separators of write_fields.
constexpr std::size_t kNamesBytes = sizeof(
    "Access-Control-Allow-Origin: \r\n"
    "Access-Control-Expose-Headers: \r\n"
    "Vary: Origin\r\n");
constexpr std::size_t kMaxAgeDigits = 10;

coro::Task<Response> reply(Request&, Response response) { co_return response; }

}  // namespace

Cors::Cors(const CorsOptions& options) noexcept
    : options_(options),
      field_bytes_(kNamesBytes + options.expose_headers.size()),
      preflight_(&answer_preflight),
      add_fields_(&write_fields) {
  std::size_t longest = 1;
  for (const std::string_view origin : options_.allow_origins) {
    longest = std::max(longest, origin.size());
  }
  field_bytes_ += longest;
}

bool Cors::allows_all() const noexcept {
  return std::ranges::find(options_.allow_origins, "*") != options_.allow_origins.end();
}

/// Returns: what is to be said of the request's origin; empty: it is not allowed, or there is none.
std::string_view Cors::allowed(const Request& request) const noexcept {
  const auto origin = request.header("Origin");
  if (!origin) return {};
  if (allows_all()) return "*";
  const auto found = std::ranges::find(options_.allow_origins, *origin);
  return found != options_.allow_origins.end() ? *found : std::string_view();
}

// Where the reply depends on the origin, it says so also to who has none: caches must know.
void Cors::write_fields(const Cors& cors, const Request& request,
                        http::ResponseHead& head) noexcept {
  if (!cors.allows_all()) head.field("Vary", "Origin");
  const std::string_view origin = cors.allowed(request);
  if (origin.empty()) return;
  head.field("Access-Control-Allow-Origin", origin);
  if (!cors.options_.expose_headers.empty()) {
    head.field("Access-Control-Expose-Headers", cors.options_.expose_headers);
  }
}

std::optional<coro::Task<Response>> Cors::answer_preflight(const Cors& cors, const App& app,
                                                           Request& request) noexcept {
  if (request.method() != http::Method::options ||
      !request.header("Access-Control-Request-Method") || cors.allowed(request).empty()) {
    return std::nullopt;
  }
  const MethodSet methods =
      request.path() == "*" ? all_methods(app.routes)
                            : find_route(app.routes, http::Method::options, request.path()).allowed;
  if (methods == 0) return std::nullopt;  // 404, as to anybody
  Response response(request, 204);
  const auto allow = allow_value(methods);
  const auto memory = request.scratch().text(allow.size() + kMaxAgeDigits);
  if (memory) {
    TextWriter text(*memory);
    text.append(allow.view()).append_decimal(cors.options_.max_age_s);
    const std::string_view written = text.view();
    response.header("Access-Control-Allow-Methods", written.substr(0, allow.size()));
    if (!cors.options_.allow_headers.empty()) {
      response.header("Access-Control-Allow-Headers", cors.options_.allow_headers);
    }
    response.header("Access-Control-Max-Age", written.substr(allow.size()));
    if (cors.options_.allow_private_network &&
        request.header("Access-Control-Request-Private-Network") == "true") {
      response.header("Access-Control-Allow-Private-Network", "true");
    }
  } else {
    response.lacks_memory();
  }
  return reply(request, std::move(response));
}

}  // namespace wherry::app
