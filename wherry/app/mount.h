// SPDX-License-Identifier: MIT
// Tables of routes made of others, at compile time: what comes out is one table, and the router
// knows nothing of how it was made.
//
//     constexpr Route kApi[] = {get<"/users/<int:id>", user>, …};
//     constexpr auto kRoutes = join(get<"/", home>, mount<"/api/v1", kApi>, transfer::kRoutes);
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

#include "wherry/app/route.h"

namespace wherry::app {

/// Hooks of one mounted table. Those of `before` run for its routes alone, behind the application's
/// own; they are asked when the route has been found, so that no spelling of a path gets around
/// them. Those of `after` see what its routes and its `before` answer, not the replies to errors.
struct MountHooks {
  std::span<const BeforeHook> before = {};
  std::span<const AfterHook> after = {};
};

namespace internal {

/// Answers by `call`, with hooks around it.
coro::Task<Response> respond_in_mount(Request& request, PathParameters parameters, Route::Call call,
                                      const MountHooks& hooks);

/// Whether it is `/text/text`: nothing variable, for the handlers behind it are checked against
/// their own patterns; no slash at the end, for those begin with one.
template <Pattern P>
consteval bool is_prefix() {
  const Pattern copy = P;
  const std::string_view text = copy.view();
  return text.starts_with('/') && !text.ends_with('/') &&
         text.find_first_of("<>") == std::string_view::npos &&
         text.find("//") == std::string_view::npos;
}

template <Pattern P, const auto& kTable, std::size_t I>
inline constexpr auto kMountedText = [] {
  const Pattern copy = P;
  const std::string_view prefix = copy.view();
  std::array<char, sizeof(P.characters) - 1 + kTable[I].pattern.size()> text{};
  for (std::size_t i = 0; i < text.size(); ++i) {
    text[i] = i < prefix.size() ? prefix[i] : kTable[I].pattern[i - prefix.size()];
  }
  return text;
}();

template <Pattern P, const auto& kTable, std::size_t I, const auto&... kHooks>
consteval Route mounted_route() {
  Route route = kTable[I];
  const auto& text = kMountedText<P, kTable, I>;
  route.pattern = {text.data(), text.size()};
  if constexpr (sizeof...(kHooks) == 1) {
    route.call = [](Request& request, const PathParameters& parameters) {
      return respond_in_mount(request, parameters, kTable[I].call, kHooks...);
    };
  }
  return route;
}

template <Pattern P, const auto& kTable, const auto&... kHooks>
consteval auto mounted_routes() {
  static_assert(is_prefix<P>(), "a prefix is /text or /text/text: without a slash at its end");
  static_assert(sizeof...(kHooks) <= 1, "one MountHooks");
  return []<std::size_t... I>(std::index_sequence<I...>) {
    return std::array<Route, sizeof...(I)>{mounted_route<P, kTable, I, kHooks...>()...};
  }(std::make_index_sequence<std::size(kTable)>{});
}

constexpr std::span<const Route> as_table(const Route& route) noexcept { return {&route, 1}; }
constexpr std::span<const Route> as_table(std::span<const Route> table) noexcept { return table; }

template <class T>
inline constexpr std::size_t kRouteCount = sizeof(T) / sizeof(Route);

}  // namespace internal

/// The routes of `kTable` under a prefix: "/api" and "/users" make "/api/users"; "/" makes "/api/".
/// Segments are whole: no path "/apiusers" gets there. Mounted tables may be mounted again.
/// `kHooks`: nothing, or one MountHooks.
template <internal::Pattern P, const auto& kTable, const auto&... kHooks>
inline constexpr auto mount = internal::mounted_routes<P, kTable, kHooks...>();

/// Returns: one table of all parts, each a Route or a table, in order: the first that matches
/// answers.
template <class... Parts>
constexpr auto join(const Parts&... parts) noexcept {
  std::array<Route, (internal::kRouteCount<Parts> + ...)> all{};
  std::size_t count = 0;
  const auto append = [&all, &count](std::span<const Route> table) {
    for (const Route& route : table) all[count++] = route;
  };
  (append(internal::as_table(parts)), ...);
  return all;
}

}  // namespace wherry::app
