// SPDX-License-Identifier: MIT
#include "wherry/http/target.h"

#include <algorithm>
#include <cstddef>

#include "wherry/base/ascii.h"
#include "wherry/base/percent.h"
#include "wherry/http/host.h"

namespace wherry::http {
namespace {

bool is_escape(std::string_view text) noexcept {
  return text.size() >= 3 && text[0] == '%' && is_hex_digit(text[1]) && is_hex_digit(text[2]);
}

bool has_valid_escapes(std::string_view text) noexcept {
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
    if (!is_escape(text.substr(at))) return false;
  }
  return true;
}

/// Takes scheme and authority off an absolute-form.  Returns: false when it is none.
bool drop_authority(std::string_view& target) noexcept {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!starts_with_ignoring_case(target, scheme)) continue;
    const std::string_view rest = target.substr(scheme.size());
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
    if (authority.empty() || authority.front() == ':' || !is_host_and_port(authority)) return false;
    target = rest.substr(authority.size());
    return true;
  }
  return false;
}

/// Compares without a buffer for the decoded name.
bool decodes_to(std::string_view encoded, std::string_view wanted) noexcept {
  while (!encoded.empty() && !wanted.empty()) {
    char c = encoded.front() == '+' ? ' ' : encoded.front();
    std::size_t size = 1;
    if (c == '%') {
      if (!is_escape(encoded)) return false;
      c = static_cast<char>(hex_digit_value(encoded[1]) << 4 | hex_digit_value(encoded[2]));
      size = 3;
    }
    if (c != wanted.front()) return false;
    encoded.remove_prefix(size);
    wanted.remove_prefix(1);
  }
  return encoded.empty() && wanted.empty();
}

Result<std::optional<std::string_view>> decode_value(std::string_view value,
                                                     std::span<char> into) noexcept {
  if (value.find_first_of("%+") == std::string_view::npos) return std::optional(value);
  // A literal '+' arrives as %2B: hence '+' first, escapes afterwards.
  if (value.size() > into.size()) return Error::bad_request;
  std::ranges::transform(value, into.begin(), [](char c) { return c == '+' ? ' ' : c; });
  const Result<std::size_t> size = percent_decode({into.data(), value.size()}, into);
  if (!size) return size.error();
  return std::optional(std::string_view(into.data(), *size));
}

}  // namespace

Result<Target> parse_target(std::string_view target, Method method) noexcept {
  if (target == "*") {
    if (method != Method::options) return Error::bad_request;
    return Target{target, {}, true};
  }
  if (target.find('#') != std::string_view::npos) return Error::malformed;
  if (!target.starts_with('/') && !drop_authority(target)) return Error::bad_request;
  if (!has_valid_escapes(target)) return Error::bad_request;
  const std::size_t path_size = std::min(target.find('?'), target.size());
  Target result;
  // `http://host` and `http://host?query` name the root (RFC 9110 §4.2.3).
  result.path = path_size == 0 ? std::string_view("/") : target.substr(0, path_size);
  if (path_size < target.size()) result.query = target.substr(path_size + 1);
  return result;
}

std::optional<QueryPair> QueryReader::next() noexcept {
  while (!rest_.empty()) {
    std::string_view value = split_next(rest_, '&');
    if (value.empty()) continue;
    const std::string_view name = split_next(value, '=');
    return QueryPair{name, value};
  }
  return std::nullopt;
}

Result<std::optional<std::string_view>> next_value(QueryReader& query, std::string_view name,
                                                   std::span<char> into) noexcept {
  while (const std::optional<QueryPair> pair = query.next()) {
    if (decodes_to(pair->name, name)) return decode_value(pair->value, into);
  }
  return std::optional<std::string_view>{};
}

Result<std::optional<std::string_view>> query_value(std::string_view query, std::string_view name,
                                                    std::span<char> into) noexcept {
  QueryReader reader(query);
  return next_value(reader, name, into);
}

}  // namespace wherry::http
