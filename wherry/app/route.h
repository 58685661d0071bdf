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
//
// Tables are put together with join(), and under a prefix with mount<> (app/mount.h). A segment of
// one's own type:
//
//     struct Hex {
//       static constexpr std::string_view kName = "hex";
//       static Result<std::uint64_t> parse(std::string_view text) noexcept { … }
//     };
//     get<"/sensor/<hex:id>", sensor, Hex>      // Task<Response> sensor(Request&, std::uint64_t)
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
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
  /// Whether `text` can be the parameter of that index, which has a type of the program's own.
  using Takes = bool (*)(std::size_t index, std::string_view text) noexcept;

  http::Method method;
  std::string_view pattern;
  Call call;
  Takes takes = nullptr;  // none: its parameters have known types
};

/// A type of a program's own for one segment of a path. `kName` is what it is called in patterns;
/// `parse` makes the handler's value of the segment, as it was sent: one with an escape in it is
/// not decoded. What it fails for is another path: the next routes are asked, in the end it is 404.
/// It is asked twice, and must say the same.
template <class T>
concept PathType = requires(std::string_view text) {
  { T::kName } -> std::convertible_to<std::string_view>;
  {
    T::parse(text)
  } noexcept -> std::same_as<Result<typename decltype(T::parse(text))::value_type>>;
};

/// What to answer instead of the default JSON when a request ends with an error of that status.
struct ErrorHandler {
  using Call = coro::Task<Response> (*)(Request&, Error);

  std::uint16_t status;
  Call call;
};

struct App;

/// Looks at a request before its handler does, or in the place of one.
/// Returns: nothing: go on; a response: that is the answer, and the handler is not asked.
using BeforeHook = coro::Task<std::optional<Response>> (*)(Request&);

/// Sees each response before it is sent, and may change it: add fields, set another status.
using AfterHook = coro::Task<> (*)(Request&, Response&);

/// Answers a request by its route, with the application's hooks around that. `error`: what the
/// response stands for, when it is the reply to an error.
coro::Task<Response> respond_with_hooks(const App& app, Request& request, Error& error);

/// Hooks in the order in which they run. (It names what runs them: a program without hooks has
/// nothing of that in it.)
template <class Hook>
struct HookTable {
  constexpr HookTable() noexcept = default;
  template <std::size_t kCount>
  constexpr HookTable(const Hook (&table)[kCount]) noexcept  // NOLINT: a table is what it is
      : hooks(table), respond(&respond_with_hooks) {}

  std::span<const Hook> hooks;
  coro::Task<Response> (*respond)(const App&, Request&, Error&) = nullptr;
};

/// An application: its routes, what it says when things go wrong, and its hooks. Read-only data.
///
/// A request goes through: the hooks of `before`, in order, up to the first that answers or fails;
/// the route's handler, 404, 405 or 413; the error handler of the status, if that ended with an
/// error; the hooks of `after`, in order. These see every reply: of a handler, of a hook, of an
/// error. A hook that fails ends in that error's reply: of one of `after`, the reply that was there
/// before is dropped, whatever the handler has done by then, and the hooks behind it see the new
/// one. No hook runs twice.
/// Outside of them: a request that could not be read, and one for whose answer there was no memory.
struct App {
  std::span<const Route> routes;
  std::span<const ErrorHandler> error_handlers = {};
  HookTable<BeforeHook> before = {};
  HookTable<AfterHook> after = {};
};

enum class ParameterKind : std::uint8_t { text, integer, path, own };

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
  if (inside.find(':') != std::string_view::npos) spec.kind = ParameterKind::own;
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

/// Whether each parameter is a whole segment with a name, and of a known type, and a path is the
/// last thing. `own_types`: names.
consteval bool is_well_formed(std::string_view pattern,
                              std::span<const std::string_view> own_types = {}) {
  if (!pattern.starts_with('/') || count_parameters(pattern) > kMaxPathParameters) return false;
  std::string_view rest = pattern;
  while (rest.find('<') != std::string_view::npos) {
    if (rest.find('>') == std::string_view::npos) return false;
    const ParameterSpec spec = first_parameter(rest);
    std::string_view name = rest.substr(spec.begin + 1, spec.end - spec.begin - 2);
    const std::size_t colon = name.find(':');
    if (colon != std::string_view::npos) {
      const std::string_view type = name.substr(0, colon);
      bool is_known = type == "int" || type == "path";
      for (const std::string_view own : own_types) is_known = is_known || type == own;
      if (!is_known || type.empty()) return false;
      name = name.substr(colon + 1);
    }
    if (name.empty() || name.find_first_of("<:/") != std::string_view::npos) return false;
    if (spec.begin == 0 || rest[spec.begin - 1] != '/') return false;
    rest = rest.substr(spec.end);
    if (!rest.empty() && (spec.kind == ParameterKind::path || rest[0] != '/')) return false;
  }
  return rest.find('>') == std::string_view::npos;
}

/// Returns: the parameter of that index, without its brackets.
consteval std::string_view parameter_text(std::string_view pattern, std::size_t index) {
  ParameterSpec spec = first_parameter(pattern);
  for (; index > 0; --index) {
    pattern = pattern.substr(spec.end);
    spec = first_parameter(pattern);
  }
  return pattern.substr(spec.begin + 1, spec.end - spec.begin - 2);
}

// g++ 12 compares no text that lies inside a template argument at compile time: hence the copies.
template <Pattern P, PathType... Types>
consteval bool is_pattern() {
  const Pattern copy = P;
  const std::array<std::string_view, sizeof...(Types) + 1> names{Types::kName..., ""};
  return is_well_formed(copy.view(), names);
}

template <Pattern P, std::size_t I>
consteval bool is_integer() {
  const Pattern copy = P;
  return parameter_text(copy.view(), I).starts_with("int:");
}

/// Returns: the index of the parameter's type in `Types`; sizeof...(Types): it is none of them.
template <Pattern P, std::size_t I, PathType... Types>
consteval std::size_t own_type() {
  const Pattern copy = P;
  const std::string_view text = parameter_text(copy.view(), I);
  const std::array<std::string_view, sizeof...(Types) + 1> names{Types::kName..., ""};
  const std::size_t colon = text.find(':');
  std::size_t index = 0;
  while (index < sizeof...(Types) &&
         (colon == std::string_view::npos || text.substr(0, colon) != names[index])) {
    ++index;
  }
  return index;
}

/// What a parameter becomes for the handler, and how.
template <bool kIsOwnType, Pattern P, std::size_t I, PathType... Types>
struct ParameterOf {
  using Value = std::conditional_t<is_integer<P, I>(), std::uint64_t, std::string_view>;

  static constexpr bool kIsOwn = false;
  static Value value(const PathParameters& parameters) noexcept {
    if constexpr (std::is_same_v<Value, std::uint64_t>) {
      return parameters.numbers[I];
    } else {
      return parameters.texts[I];
    }
  }
  static bool takes(std::string_view) noexcept { return true; }
};

template <Pattern P, std::size_t I, PathType... Types>
struct ParameterOf<true, P, I, Types...> {
  using Type = std::tuple_element_t<own_type<P, I, Types...>(), std::tuple<Types...>>;
  using Value = typename decltype(Type::parse(std::string_view()))::value_type;

  static constexpr bool kIsOwn = true;
  static Value value(const PathParameters& parameters) noexcept {
    return *Type::parse(parameters.texts[I]);  // it has taken this text
  }
  static bool takes(std::string_view text) noexcept { return Type::parse(text).has_value(); }
};

template <Pattern P, std::size_t I, PathType... Types>
using Parameter = ParameterOf<(own_type<P, I, Types...>() < sizeof...(Types)), P, I, Types...>;

template <Pattern P, auto H, PathType... Types>
consteval Route make_route(http::Method method) {
  static_assert(is_pattern<P, Types...>(),
                "a pattern is /text/<name>/<int:name>/<path:name>, or with types that are given to "
                "the route: whole segments, a path last");
  return []<std::size_t... I>(http::Method route_method, std::index_sequence<I...>) {
    static_assert(std::is_invocable_r_v<coro::Task<Response>, decltype(H), Request&,
                                        typename Parameter<P, I, Types...>::Value...>,
                  "the handler's parameters must be Request& and one for each <…> of the pattern");
    Route route{route_method, P.view(),
                [](Request& request, [[maybe_unused]] const PathParameters& parameters) {
                  return H(request, Parameter<P, I, Types...>::value(parameters)...);
                }};
    if constexpr ((Parameter<P, I, Types...>::kIsOwn || ...)) {
      route.takes = [](std::size_t index, std::string_view text) noexcept {
        return ((index != I || Parameter<P, I, Types...>::takes(text)) && ...);
      };
    }
    return route;
  }(method, std::make_index_sequence<count_parameters(P.view())>{});
}

}  // namespace internal

template <internal::Pattern P, auto H, PathType... Types>
inline constexpr Route get =
    internal::make_route<P, H, Types...>(http::Method::get);  // answers HEAD too
template <internal::Pattern P, auto H, PathType... Types>
inline constexpr Route head = internal::make_route<P, H, Types...>(http::Method::head);
template <internal::Pattern P, auto H, PathType... Types>
inline constexpr Route put = internal::make_route<P, H, Types...>(http::Method::put);
template <internal::Pattern P, auto H, PathType... Types>
inline constexpr Route post = internal::make_route<P, H, Types...>(http::Method::post);
template <internal::Pattern P, auto H, PathType... Types>
inline constexpr Route delete_ = internal::make_route<P, H, Types...>(http::Method::delete_);
template <internal::Pattern P, auto H, PathType... Types>
inline constexpr Route patch = internal::make_route<P, H, Types...>(http::Method::patch);
template <internal::Pattern P, auto H, PathType... Types>
inline constexpr Route options = internal::make_route<P, H, Types...>(http::Method::options);

template <std::uint16_t Status, auto H>
inline constexpr ErrorHandler on_error{Status, H};

}  // namespace wherry::app
