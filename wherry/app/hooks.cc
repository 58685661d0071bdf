// SPDX-License-Identifier: MIT
// Hooks around a handler: a file of its own, so that a program whose applications have none is
// linked without it.
#include "wherry/app/mount.h"
#include "wherry/app/respond.h"

namespace wherry::app {
namespace {

// What a hook does is to be seen by what comes after it.
coro::Task<Response> respond_after_hooks(const App& app, Request& request) {
  if (!app.before.hooks.empty()) request.set_freshness(storage::Freshness::now);
  for (const BeforeHook hook : app.before.hooks) {
    std::optional<Response> answer = co_await hook(request);
    if (answer) co_return std::move(*answer);
  }
  co_return co_await respond_by_route(app, request);
}

}  // namespace

// What is still an error in the end is made a reply by whoever asked.
coro::Task<Response> respond_with_hooks(const App& app, Request& request, Error& error) {
  auto response = co_await coro::as_result(respond_after_hooks(app, request));
  for (const AfterHook hook : app.after.hooks) {
    if (!response) {
      error = response.error();
      if (error == Error::closed) break;
      response = co_await coro::as_result(respond_to_error(app, request, error));
    }
    if (!response || response->failure() != Error::none) break;
    const auto done = co_await coro::as_result(hook(request, *response));
    if (!done) response = done.error();
  }
  co_return std::move(response);
}

namespace internal {

coro::Task<Response> respond_in_mount(Request& request, PathParameters parameters, Route::Call call,
                                      const MountHooks& hooks) {
  std::optional<Response> response;
  if (!hooks.before.empty()) request.set_freshness(storage::Freshness::now);
  for (const BeforeHook hook : hooks.before) {
    response = co_await hook(request);
    if (response) break;
  }
  if (!response) response = co_await call(request, parameters);
  for (const AfterHook hook : hooks.after) {
    if (response->failure() == Error::none) co_await hook(request, *response);
  }
  co_return std::move(*response);
}

}  // namespace internal
}  // namespace wherry::app
