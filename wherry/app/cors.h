// SPDX-License-Identifier: MIT
// CORS: which pages of other origins may use a server from a browser. Off unless a server is given
// a Cors; what it does is in a file of its own, so that a program without one is linked without it.
//
//     const Cors cors({.allow_origins = kOrigins});
//     server.allow_origins(cors);
//
// A preflight (OPTIONS with Access-Control-Request-Method) of an allowed origin is answered 204
// with the methods of the route, before any hook, for it never has credentials. All other replies,
// also those to errors, get the fields that let the page read them; not so a refusal of what could
// not be read. Nothing is kept from anybody here: an origin that is not allowed gets its reply
// without the fields, and the browser keeps it from the page. Source: Fetch Standard §3.2 (CORS
// protocol); Private Network Access §3.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "wherry/app/route.h"
#include "wherry/http/response_head.h"

namespace wherry::app {

struct CorsOptions {
  /// "https://app.example.org", as a browser sends it; one "*" allows all.
  std::span<const std::string_view> allow_origins;
  std::string_view allow_headers = "*, Authorization";
  /// What a page may read of a reply, beyond what it always may.
  std::string_view expose_headers = "*";
  /// Seconds for which a browser need not ask again.
  std::uint32_t max_age_s = 600;
  /// Whether pages of public sites may reach a server in a private network.
  bool allow_private_network = false;
};

class Cors {
 public:
  /// Lifetime: the texts outlive it.
  explicit Cors(const CorsOptions& options) noexcept;

  /// Returns: the reply to a preflight, about to run; none: the request is not one.
  std::optional<coro::Task<Response>> preflight(const App& app, Request& request) const noexcept {
    return preflight_(*this, app, request);
  }

  /// Adds the fields of a reply to `request`: at most field_bytes().
  void add_fields(const Request& request, http::ResponseHead& head) const noexcept {
    add_fields_(*this, request, head);
  }
  std::size_t field_bytes() const noexcept { return field_bytes_; }

 private:
  static std::optional<coro::Task<Response>> answer_preflight(const Cors& cors, const App& app,
                                                              Request& request) noexcept;
  static void write_fields(const Cors& cors, const Request& request,
                           http::ResponseHead& head) noexcept;
  std::string_view allowed(const Request& request) const noexcept;
  bool allows_all() const noexcept;

  CorsOptions options_;
  std::size_t field_bytes_;
  // By pointer: only who makes a Cors has the code of it.
  std::optional<coro::Task<Response>> (*preflight_)(const Cors&, const App&, Request&) noexcept;
  void (*add_fields_)(const Cors&, const Request&, http::ResponseHead&) noexcept;
};

}  // namespace wherry::app
