// SPDX-License-Identifier: MIT
// Which answer a request gets: its route's, or that of an error. Not how the answer is sent, nor
// what becomes of the connection.
#pragma once

#include "wherry/app/route.h"

namespace wherry::app {

/// Returns: what answers `request`, about to run: the application's hooks and the handler.
/// `error`: none; what the response stands for, when hooks have seen the reply to an error.
/// Lifetime: all outlive the task.  Errors: those of the hooks and the handler.
coro::Task<Response> respond(const App& app, Request& request, Error& error) noexcept;

/// Returns: the handler that the request is for, about to run.
/// Errors: content_too_large, not_found, method_not_allowed, those of decode_parameters.
coro::Task<Response> respond_by_route(const App& app, Request& request) noexcept;

/// The reply to OPTIONS that tells the methods of the request's path: for a handler of OPTIONS that
/// has more to tell.  Source: RFC 9110 §9.3.7.
Response options_reply(Request& request) noexcept;

/// The reply to a request that ended with `error`, by the application's own handler if it has one.
/// Errors: no_memory.
coro::Task<Response> respond_to_error(const App& app, Request& request, Error error);

}  // namespace wherry::app
