// SPDX-License-Identifier: MIT
// Routes: which handler answers which method and path. A table of constants, checked at compile
// time.
//
//     constexpr Route kRoutes[] = {
//         get<"/download/file/<path:filename>", download>,
//         get<"/download/generate/<int:size>", generate>,
//     };
//
// `<name>` is one segment of the path, `<int:name>` one of digits, `<path:name>` all that is left.
// A handler is `Task<Response> handler(Request&, …)`, with a std::string_view (decoded) or
// std::uint64_t for each of them, in order: anything else does not compile.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include "wherry/app/response.h"
#include "wherry/coro/task.h"
#include "wherry/http/method.h"

namespace wherry::app {

inline constexpr std::size_t kMaxPathParameters = 4;

/// The variable parts of a path, in order.
struct PathParameters {
  std::array<std::string_view, kMaxPathParameters> texts{};  // raw until a route is chosen
  std::array<std::uint64_t, kMaxPathParameters> numbers{};
};

struct Route {
  using Call = coro::Task<Response> (*)(Request&, const PathParameters&);

  http::Method method;
  std::string_view pattern;
  Call call;
};

/// What to answer instead of the default JSON when a request ends with an error of that status.
struct ErrorHandler {
  using Call = coro::Task<Response> (*)(Request&, Error);

  std::uint16_t status;
  Call call;
};

/// An application: its routes and what it says when things go wrong. Read-only data.
struct App {
  std::span<const Route> routes;
  std::span<const ErrorHandler> error_handlers = {};
};

enum class ParameterKind : std::uint8_t { text, integer, path };

/// The first `<…>` of a pattern, or of what is left of one.
struct ParameterSpec {
  ParameterKind kind = ParameterKind::text;
  std::size_t begin = 0;  // of '<'
  std::size_t end = 0;    // behind '>'
};

/// Returns: where the first parameter of `pattern` stands. begin == pattern.size(): there is none.
constexpr ParameterSpec first_parameter(std::string_view pattern) noexcept {
  ParameterSpec spec;
  spec.begin = pattern.find('<');
  if (spec.begin == std::string_view::npos) {
    spec.begin = spec.end = pattern.size();
    return spec;
  }
  spec.end = pattern.find('>', spec.begin) + 1;
  const std::string_view inside = pattern.substr(spec.begin + 1, spec.end - spec.begin - 2);
  if (inside.starts_with("int:")) spec.kind = ParameterKind::integer;
  if (inside.starts_with("path:")) spec.kind = ParameterKind::path;
  return spec;
}

namespace internal {

template <std::size_t N>
struct Pattern {
  char characters[N]{};
  consteval Pattern(const char (&literal)[N]) {  // NOLINT: a string literal is what it stands for
    for (std::size_t i = 0; i < N; ++i) characters[i] = literal[i];
  }
  constexpr std::string_view view() const { return {characters, N - 1}; }
};

consteval std::size_t count_parameters(std::string_view pattern) {
  std::size_t count = 0;
  for (const char c : pattern) count += c == '<' ? 1 : 0;
  return count;
}

/// Whether each parameter is a whole segment with a name, and a path is the last thing.
consteval bool is_well_formed(std::string_view pattern) {
  if (!pattern.starts_with('/') || count_parameters(pattern) > kMaxPathParameters) return false;
  std::string_view rest = pattern;
  while (rest.find('<') != std::string_view::npos) {
    if (rest.find('>') == std::string_view::npos) return false;
    const ParameterSpec spec = first_parameter(rest);
    std::string_view name = rest.substr(spec.begin + 1, spec.end - spec.begin - 2);
    const std::size_t colon = name.find(':');
    if (colon != std::string_view::npos) {
      const std::string_view type = name.substr(0, colon);
      if (type != "int" && type != "path") return false;
      name = name.substr(colon + 1);
    }
    if (name.empty() || name.find_first_of("<:/") != std::string_view::npos) return false;
    if (spec.begin == 0 || rest[spec.begin - 1] != '/') return false;
    rest = rest.substr(spec.end);
    if (!rest.empty() && (spec.kind == ParameterKind::path || rest[0] != '/')) return false;
  }
  return rest.find('>') == std::string_view::npos;
}

consteval ParameterKind parameter_kind(std::string_view pattern, std::size_t index) {
  ParameterSpec spec = first_parameter(pattern);
  for (; index > 0; --index) {
    pattern = pattern.substr(spec.end);
    spec = first_parameter(pattern);
  }
  return spec.kind;
}

// g++ 12 compares no text that lies inside a template argument at compile time: hence the copies.
template <Pattern P>
consteval bool is_pattern() {
  const Pattern copy = P;
  return is_well_formed(copy.view());
}

template <Pattern P, std::size_t I>
consteval bool is_integer() {
  const Pattern copy = P;
  return parameter_kind(copy.view(), I) == ParameterKind::integer;
}

template <Pattern P, std::size_t I>
using ParameterType = std::conditional_t<is_integer<P, I>(), std::uint64_t, std::string_view>;

template <Pattern P, std::size_t I>
ParameterType<P, I> parameter(const PathParameters& parameters) noexcept {
  if constexpr (std::is_same_v<ParameterType<P, I>, std::uint64_t>) {
    return parameters.numbers[I];
  } else {
    return parameters.texts[I];
  }
}

template <Pattern P, auto H>
consteval Route make_route(http::Method method) {
  static_assert(is_pattern<P>(),
                "a pattern is /text/<name>/<int:name>/<path:name>: whole segments, a path last");
  return []<std::size_t... I>(http::Method route_method, std::index_sequence<I...>) {
    static_assert(
        std::is_invocable_r_v<coro::Task<Response>, decltype(H), Request&, ParameterType<P, I>...>,
        "the handler's parameters must be Request& and one for each <…> of the pattern");
    return Route{route_method, P.view(),
                 [](Request& request, [[maybe_unused]] const PathParameters& parameters) {
                   return H(request, parameter<P, I>(parameters)...);
                 }};
  }(method, std::make_index_sequence<count_parameters(P.view())>{});
}

}  // namespace internal

template <internal::Pattern P, auto H>
inline constexpr Route get = internal::make_route<P, H>(http::Method::get);  // answers HEAD too
template <internal::Pattern P, auto H>
inline constexpr Route head = internal::make_route<P, H>(http::Method::head);
template <internal::Pattern P, auto H>
inline constexpr Route put = internal::make_route<P, H>(http::Method::put);
template <internal::Pattern P, auto H>
inline constexpr Route post = internal::make_route<P, H>(http::Method::post);
template <internal::Pattern P, auto H>
inline constexpr Route delete_ = internal::make_route<P, H>(http::Method::delete_);
template <internal::Pattern P, auto H>
inline constexpr Route patch = internal::make_route<P, H>(http::Method::patch);
template <internal::Pattern P, auto H>
inline constexpr Route options = internal::make_route<P, H>(http::Method::options);

template <std::uint16_t Status, auto H>
inline constexpr ErrorHandler on_error{Status, H};

}  // namespace wherry::app
