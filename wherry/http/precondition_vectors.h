// SPDX-License-Identifier: MIT
// Conditions of requests and what they decide (RFC 9110 §13). Plain data without a test framework,
// so that a board can run through it too.
#pragma once

#include <string_view>

#include "wherry/http/precondition.h"

namespace wherry::http {

/// Each row is judged against a file with the tag "c", written Sun, 06 Nov 1994 08:49:37 GMT.
inline constexpr Validators kStandingFile{true, "\"c\"", 784'111'777};
inline constexpr Validators kBareFile{true, {}, std::nullopt};  // neither tag nor date
inline constexpr Validators kNoFile{false, {}, std::nullopt};

struct PreconditionVector {
  std::string_view fields;  // header lines, each with its CRLF
  Precondition read;        // GET and HEAD of what stands there
  Precondition write;       // PUT, DELETE and POST to it
  WriteGuard guard;         // of a write that proceeds
};

inline constexpr auto kProceed = Precondition::proceed;
inline constexpr auto kNotModified = Precondition::not_modified;
inline constexpr auto kFailed = Precondition::failed;

// Undefined below: a literal is the only text that the compiler joins to another.
#define WHERRY_BEFORE "Sun, 06 Nov 1994 08:49:36 GMT\r\n"
#define WHERRY_THEN "Sun, 06 Nov 1994 08:49:37 GMT\r\n"
#define WHERRY_AFTER "Sun, 06 Nov 1994 08:49:38 GMT\r\n"

inline constexpr PreconditionVector kPreconditionVectors[] = {
    {"", kProceed, kProceed, WriteGuard::none},
    // If-Match
    {"If-Match: *\r\n", kProceed, kProceed, WriteGuard::present},
    {"If-Match: \"c\"\r\n", kProceed, kProceed, WriteGuard::same},
    {"If-Match: \"a\", \"c\"\r\n", kProceed, kProceed, WriteGuard::same},
    {"If-Match: \"a\"\r\nIf-Match: \"c\"\r\n", kProceed, kProceed, WriteGuard::same},
    {"If-Match: \"a\"\r\n", kFailed, kFailed, WriteGuard::none},
    {"If-Match: W/\"c\"\r\n", kFailed, kFailed, WriteGuard::none},
    {"If-Match:\r\n", kFailed, kFailed, WriteGuard::none},
    {"If-Match: c\r\n", kFailed, kFailed, WriteGuard::none},
    {"If-Match: \"c\", c\r\n", kFailed, kFailed, WriteGuard::none},
    {"If-Match: *, \"c\"\r\n", kFailed, kFailed, WriteGuard::none},
    // If-Unmodified-Since, ignored where there is an If-Match
    {"If-Unmodified-Since: " WHERRY_BEFORE, kFailed, kFailed, WriteGuard::none},
    {"If-Unmodified-Since: " WHERRY_THEN, kProceed, kProceed, WriteGuard::same},
    {"If-Unmodified-Since: " WHERRY_AFTER, kProceed, kProceed, WriteGuard::same},
    {"If-Unmodified-Since: Sunday, 06-Nov-94 08:49:36 GMT\r\n", kFailed, kFailed, WriteGuard::none},
    {"If-Unmodified-Since: yesterday\r\n", kProceed, kProceed, WriteGuard::same},
    {"If-Unmodified-Since: " WHERRY_BEFORE "If-Unmodified-Since: " WHERRY_BEFORE, kProceed,
     kProceed, WriteGuard::same},
    {"If-Unmodified-Since: " WHERRY_BEFORE "If-Match: \"c\"\r\n", kProceed, kProceed,
     WriteGuard::same},
    {"If-Unmodified-Since: " WHERRY_AFTER "If-Match: \"a\"\r\n", kFailed, kFailed,
     WriteGuard::none},
    // If-None-Match
    {"If-None-Match: *\r\n", kNotModified, kFailed, WriteGuard::none},
    {"If-None-Match: \"c\"\r\n", kNotModified, kFailed, WriteGuard::none},
    {"If-None-Match: W/\"c\"\r\n", kNotModified, kFailed, WriteGuard::none},
    {"If-None-Match: \"a\", W/\"b\", \"c\"\r\n", kNotModified, kFailed, WriteGuard::none},
    {"If-None-Match: \"a\"\r\n", kProceed, kProceed, WriteGuard::same},
    {"If-None-Match: \"a\", W/\"b\"\r\n", kProceed, kProceed, WriteGuard::same},
    {"If-None-Match:\r\n", kProceed, kProceed, WriteGuard::same},
    {"If-None-Match: c\r\n", kProceed, kFailed, WriteGuard::none},
    {"If-None-Match: \"a\", c\r\n", kProceed, kFailed, WriteGuard::none},
    {"If-None-Match: *, \"a\"\r\n", kProceed, kFailed, WriteGuard::none},
    // If-Modified-Since, for reads, and ignored where there is an If-None-Match
    {"If-Modified-Since: " WHERRY_BEFORE, kProceed, kProceed, WriteGuard::none},
    {"If-Modified-Since: " WHERRY_THEN, kNotModified, kProceed, WriteGuard::none},
    {"If-Modified-Since: " WHERRY_AFTER, kNotModified, kProceed, WriteGuard::none},
    {"If-Modified-Since: Sun Nov  6 08:49:37 1994\r\n", kNotModified, kProceed, WriteGuard::none},
    {"If-Modified-Since: yesterday\r\n", kProceed, kProceed, WriteGuard::none},
    {"If-Modified-Since: " WHERRY_THEN "If-Modified-Since: " WHERRY_THEN, kProceed, kProceed,
     WriteGuard::none},
    {"If-Modified-Since: " WHERRY_AFTER "If-None-Match: \"a\"\r\n", kProceed, kProceed,
     WriteGuard::same},
    {"If-Modified-Since: " WHERRY_AFTER "If-None-Match: c\r\n", kProceed, kFailed,
     WriteGuard::none},
    {"If-Modified-Since: " WHERRY_BEFORE "If-None-Match: \"c\"\r\n", kNotModified, kFailed,
     WriteGuard::none},
    // the order: what fails comes before what is not modified
    {"If-None-Match: \"c\"\r\nIf-Match: \"a\"\r\n", kFailed, kFailed, WriteGuard::none},
    {"If-None-Match: \"c\"\r\nIf-Match: \"c\"\r\n", kNotModified, kFailed, WriteGuard::none},
    {"If-None-Match: \"a\"\r\nIf-Match: *\r\n", kProceed, kProceed, WriteGuard::same},
    {"If-None-Match: \"c\"\r\nIf-Unmodified-Since: " WHERRY_BEFORE, kFailed, kFailed,
     WriteGuard::none},
    {"If-Modified-Since: " WHERRY_AFTER "If-Unmodified-Since: " WHERRY_BEFORE, kFailed, kFailed,
     WriteGuard::none},
    {"If-Modified-Since: " WHERRY_AFTER "If-Unmodified-Since: " WHERRY_AFTER, kNotModified,
     kProceed, WriteGuard::same},
    {"If-Modified-Since: " WHERRY_AFTER "If-Match: \"c\"\r\n", kNotModified, kProceed,
     WriteGuard::same},
};

/// A write where something stands that has neither tag nor date, and where nothing does.
struct BarePreconditionVector {
  std::string_view fields;
  Precondition bare;
  WriteGuard bare_guard;
  Precondition nothing;
  WriteGuard nothing_guard;
};

inline constexpr BarePreconditionVector kBarePreconditionVectors[] = {
    {"", kProceed, WriteGuard::none, kProceed, WriteGuard::none},
    {"If-Match: *\r\n", kProceed, WriteGuard::present, kFailed, WriteGuard::none},
    {"If-Match: \"c\"\r\n", kFailed, WriteGuard::none, kFailed, WriteGuard::none},
    {"If-Match: \"\"\r\n", kFailed, WriteGuard::none, kFailed, WriteGuard::none},
    {"If-None-Match: *\r\n", kFailed, WriteGuard::none, kProceed, WriteGuard::absent},
    {"If-None-Match: \"c\"\r\n", kProceed, WriteGuard::same, kProceed, WriteGuard::absent},
    {"If-None-Match: \"\"\r\n", kProceed, WriteGuard::same, kProceed, WriteGuard::absent},
    {"If-None-Match: c\r\n", kFailed, WriteGuard::none, kFailed, WriteGuard::none},
    {"If-Unmodified-Since: " WHERRY_BEFORE, kProceed, WriteGuard::same, kProceed,
     WriteGuard::absent},
    {"If-Modified-Since: " WHERRY_AFTER, kProceed, WriteGuard::none, kProceed, WriteGuard::none},
    {"If-Match: *\r\nIf-None-Match: *\r\n", kFailed, WriteGuard::none, kFailed, WriteGuard::none},
};

struct IfRangeVector {
  std::string_view fields;
  bool applies;          // an hour later
  bool applies_at_once;  // at the end of the second in which the file was written
  bool applies_without_clock;
};

inline constexpr IfRangeVector kIfRangeVectors[] = {
    {"", true, true, true},
    {"If-Range: \"c\"\r\n", true, true, true},
    {"If-Range: W/\"c\"\r\n", false, false, false},
    {"If-Range: \"a\"\r\n", false, false, false},
    {"If-Range: \"a\", \"c\"\r\n", false, false, false},
    {"If-Range: *\r\n", false, false, false},
    {"If-Range: c\r\n", false, false, false},
    {"If-Range:\r\n", false, false, false},
    {"If-Range: \"c\"\r\nIf-Range: \"c\"\r\n", false, false, false},
    {"If-Range: " WHERRY_THEN, true, false, false},
    {"If-Range: Sunday, 06-Nov-94 08:49:37 GMT\r\n", true, false, false},
    {"If-Range: " WHERRY_BEFORE, false, false, false},
    {"If-Range: " WHERRY_AFTER, false, false, false},
};

#undef WHERRY_BEFORE
#undef WHERRY_THEN
#undef WHERRY_AFTER

}  // namespace wherry::http
