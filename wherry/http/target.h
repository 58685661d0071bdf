// SPDX-License-Identifier: MIT
// The request target: which part of it is the path and which the query, and the values in a query.
// It must not decode a path (what a name may be is for the storage to say) nor know any route.
// Invariant: every `%` in a Target is followed by two hexadecimal digits.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "wherry/base/result.h"
#include "wherry/http/method.h"

namespace wherry::http {

/// Lifetime: that of the target that it was parsed from.
struct Target {
  std::string_view path;   // as sent, not decoded; begins with '/', or is "*"
  std::string_view query;  // as sent, without the '?'; empty = none, or an empty one
  bool asterisk = false;   // `OPTIONS *`: the server itself is meant
};

/// Parses origin-form, absolute-form (http and https: scheme and authority are checked and dropped)
/// and, for OPTIONS, asterisk-form. Bytes over 0x7F are let through.
/// Errors: malformed ('#': a fragment never goes on the wire), bad_request (any other form, an
/// authority that is not host:port, '%' without two hexadecimal digits).
/// Source: RFC 9112 §3.2; RFC 3986 §2.1.
Result<Target> parse_target(std::string_view target, Method method) noexcept;

/// A pair of a query, as sent.
struct QueryPair {
  std::string_view name;
  std::string_view value;  // empty also when there is no '='
};

/// Reads the pairs `name=value` between the '&' of a query; empty ones are skipped.
class QueryReader {
 public:
  explicit QueryReader(std::string_view query) noexcept : rest_(query) {}

  /// Returns: the next pair, nullopt behind the last.  Lifetime: that of the query.
  std::optional<QueryPair> next() noexcept;

 private:
  std::string_view rest_;
};

/// Finds the next pair whose decoded name is `name`, and decodes its value, as query_value() does.
/// `query` goes on behind it.
Result<std::optional<std::string_view>> next_value(QueryReader& query, std::string_view name,
                                                   std::span<char> into) noexcept;

/// Finds the first pair whose decoded name is `name` and decodes its value: '+' is a space.
/// Returns: nullopt when there is none; else the value, a prefix of `into`, or a part of `query`
/// when there was nothing to decode.
/// Errors: bad_request ('%' without two hexadecimal digits, `into` is too small).
/// Source: WHATWG URL §5.1 (application/x-www-form-urlencoded).
Result<std::optional<std::string_view>> query_value(std::string_view query, std::string_view name,
                                                    std::span<char> into) noexcept;

}  // namespace wherry::http
