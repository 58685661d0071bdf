// SPDX-License-Identifier: MIT
#include "wherry/app/router.h"

#include <algorithm>
#include <optional>

#include "wherry/base/ascii.h"
#include "wherry/base/number.h"
#include "wherry/base/percent.h"

namespace wherry::app {
namespace {

constexpr MethodSet bit(http::Method method) noexcept {
  return static_cast<MethodSet>(1u << static_cast<unsigned>(method));
}

MethodSet bits_of(const Route& route) noexcept {
  const MethodSet own = bit(route.method);
  return route.method == http::Method::get ? own | bit(http::Method::head) : own;
}

/// Takes `literal` off the front of `path`, decoding what is escaped of it. An escaped slash is
/// text, not a slash.
bool take_literal(std::string_view literal, std::string_view& path) noexcept {
  for (const char expected : literal) {
    if (path.empty()) return false;
    char found = path[0];
    std::size_t size = 1;
    if (found == '%' && path.size() >= 3) {
      const int high = hex_digit_value(path[1]);
      const int low = hex_digit_value(path[2]);
      if (high < 0 || low < 0) return false;
      found = static_cast<char>(high * 16 + low);
      if (found == '/') return false;
      size = 3;
    }
    if (found != expected) return false;
    path.remove_prefix(size);
  }
  return true;
}

/// Whether there is any use in trying. Most routes differ in their first letters, which costs less
/// to see than to look for their parameters.
bool may_match(std::string_view pattern, std::string_view path) noexcept {
  const std::size_t size = std::min(pattern.size(), path.size());
  for (std::size_t i = 0; i < size; ++i) {
    if (pattern[i] == '<' || path[i] == '%') return true;
    if (pattern[i] != path[i]) return false;
  }
  return pattern.size() == path.size();
}

bool matches(const Route& route, std::string_view path, PathParameters& parameters) noexcept {
  std::string_view pattern = route.pattern;
  for (std::size_t index = 0;; ++index) {
    const ParameterSpec spec = first_parameter(pattern);
    if (!take_literal(pattern.substr(0, spec.begin), path)) return false;
    if (spec.begin == pattern.size()) return path.empty();
    const std::size_t size =
        spec.kind == ParameterKind::path ? path.size() : std::min(path.find('/'), path.size());
    const std::string_view value = path.substr(0, size);
    if (value.empty()) return false;
    if (spec.kind == ParameterKind::integer && !std::ranges::all_of(value, is_digit)) return false;
    if (spec.kind == ParameterKind::own && !route.takes(index, value)) return false;
    parameters.texts[index] = value;
    path.remove_prefix(size);
    pattern.remove_prefix(spec.end);
  }
}

}  // namespace

RouteMatch find_route(std::span<const Route> routes, http::Method method,
                      std::string_view path) noexcept {
  RouteMatch found;
  for (const Route& route : routes) {
    if (!may_match(route.pattern, path)) continue;
    PathParameters parameters;
    if (!matches(route, path, parameters)) continue;
    found.allowed |= bits_of(route);
    if (found.route == nullptr && (bits_of(route) & bit(method)) != 0) {
      found.route = &route;
      found.parameters = parameters;
    }
  }
  return found;
}

Result<> decode_parameters(Request& request, RouteMatch& match) noexcept {
  std::string_view pattern = match.route->pattern;
  for (std::size_t index = 0;; ++index) {
    const ParameterSpec spec = first_parameter(pattern);
    if (spec.begin == pattern.size()) return {};
    pattern.remove_prefix(spec.end);
    std::string_view& text = match.parameters.texts[index];
    if (spec.kind == ParameterKind::integer) {
      const auto number = parse_decimal(text);
      if (!number) return Error::bad_request;
      match.parameters.numbers[index] = *number;
    } else if (spec.kind != ParameterKind::own && text.find('%') != std::string_view::npos) {
      const auto memory = request.scratch().text(text.size());
      if (!memory) return memory.error();
      const auto size = percent_decode(text, *memory);
      if (!size) return size.error();
      text = {memory->data(), *size};
    }
  }
}

FixedString<64> allow_value(MethodSet methods) noexcept {
  FixedString<64> value;
  const MethodSet shown = methods | bit(http::Method::options);
  for (unsigned i = 0; i < static_cast<unsigned>(http::Method::other); ++i) {
    const auto method = static_cast<http::Method>(i);
    if ((shown & bit(method)) == 0) continue;
    const bool fits = (value.empty() || value.append(", ")) && value.append(method_text(method));
    WHERRY_ASSERT(fits);
  }
  return value;
}

MethodSet all_methods(std::span<const Route> routes) noexcept {
  MethodSet methods = 0;
  for (const Route& route : routes) methods |= bits_of(route);
  return methods;
}

}  // namespace wherry::app
