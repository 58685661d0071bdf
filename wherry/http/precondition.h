// SPDX-License-Identifier: MIT
// Preconditions: whether a request is to be done, given what stands under its name now.
// Knows the fields and their order of precedence; not files, nor what a method does.
// Keeps: a guard on a write that cannot be read fails the request; it is never ignored.
//
// To be asked where the answer would be a success without them (RFC 9110 §13.2.1): a GET of what is
// not there is 404, whatever it asks.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "wherry/http/request_head.h"

namespace wherry::http {

/// What stands under the name that a request is about.
struct Validators {
  bool exists = true;
  std::string_view etag = {};  // strong, in its quotes; empty: it has none
  std::optional<std::int64_t> modified_s = std::nullopt;  // Unix seconds; none: not known
};

enum class Precondition : std::uint8_t {
  proceed,
  not_modified,  // 304: the client has what it asks for (GET and HEAD alone)
  failed,        // 412
};

/// Evaluates If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since, in this order: the
/// last two as GET and HEAD have it when that is the method of `head`, else as all others do.
/// A malformed If-Match fails; a malformed If-None-Match fails too, but with GET and HEAD, where it
/// asks for nothing that could be lost, is as if no tag in it were the current one. Dates that are
/// malformed, given twice, or about what has none, are ignored.
/// `now`: Unix seconds, for old dates (parse_http_date); none on a machine without a clock.
/// Source: RFC 9110 §13.1, §13.2.2.
Precondition evaluate_preconditions(const RequestHead& head, const Validators& current,
                                    std::optional<std::int64_t> now) noexcept;

/// What must still be so at the moment in which a write takes effect, for a request whose
/// preconditions hold: others may write meanwhile.
enum class WriteGuard : std::uint8_t {
  none,     // the request has no precondition
  absent,   // nothing stands there
  present,  // anything does
  same,     // what was judged still does
};

/// Returns: the strictest that the request asks for.  `current`: what was judged.
/// Source: RFC 9110 §13.1.1 (the lost update problem).
WriteGuard write_guard(const RequestHead& head, const Validators& current) noexcept;

/// Whether If-Range, where there is one, lets a Range be answered: by the strong tag, or by the
/// very date, when that is over for two seconds: within its second a file may be written twice.
/// Returns: true without an If-Range.
/// Source: RFC 9110 §13.1.5, §8.8.2.2.
bool range_applies(const RequestHead& head, const Validators& current,
                   std::optional<std::int64_t> now) noexcept;

}  // namespace wherry::http
