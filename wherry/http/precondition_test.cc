// SPDX-License-Identifier: MIT
#include "wherry/http/precondition.h"

#include <gtest/gtest.h>

#include <string>

#include "wherry/http/precondition_vectors.h"

namespace wherry::http {
namespace {

constexpr std::int64_t kThen = 784'111'777;  // when kStandingFile was written
constexpr std::int64_t kNow = kThen + 3600;

// The text of a request, and its head, which shows it.
class Parsed {
 public:
  Parsed(std::string_view method, std::string_view fields)
      : text_(std::string(method) + " / HTTP/1.1\r\n" + std::string(fields) + "\r\n"),
        head_(RequestHead::parse(text_)) {}
  const RequestHead& operator*() const { return head_.value(); }

 private:
  std::string text_;
  Result<RequestHead> head_;
};

TEST(Precondition, DecidesAboutReads) {
  for (const PreconditionVector& row : kPreconditionVectors) {
    for (const std::string_view method : {"GET", "HEAD"}) {
      const Parsed head(method, row.fields);
      EXPECT_EQ(evaluate_preconditions(*head, kStandingFile, kNow), row.read)
          << method << ' ' << row.fields;
    }
  }
}

TEST(Precondition, DecidesAboutWrites) {
  for (const PreconditionVector& row : kPreconditionVectors) {
    for (const std::string_view method : {"PUT", "DELETE", "POST", "PATCH", "MOVE"}) {
      const Parsed head(method, row.fields);
      EXPECT_EQ(evaluate_preconditions(*head, kStandingFile, kNow), row.write)
          << method << ' ' << row.fields;
      if (row.write == kProceed) {
        EXPECT_EQ(write_guard(*head, kStandingFile), row.guard) << row.fields;
      }
    }
  }
}

TEST(Precondition, DecidesWithoutValidatorsAndWithoutAFile) {
  for (const BarePreconditionVector& row : kBarePreconditionVectors) {
    const Parsed head("PUT", row.fields);
    EXPECT_EQ(evaluate_preconditions(*head, kBareFile, kNow), row.bare) << row.fields;
    EXPECT_EQ(evaluate_preconditions(*head, kNoFile, kNow), row.nothing) << row.fields;
    if (row.bare == kProceed) {
      EXPECT_EQ(write_guard(*head, kBareFile), row.bare_guard) << row.fields;
    }
    if (row.nothing == kProceed) {
      EXPECT_EQ(write_guard(*head, kNoFile), row.nothing_guard) << row.fields;
    }
  }
}

TEST(Precondition, NeedsNoClock) {
  const Parsed head("GET", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
  EXPECT_EQ(evaluate_preconditions(*head, kStandingFile, std::nullopt), kNotModified);
}

TEST(IfRange, AppliesToTheVeryVersionAlone) {
  for (const IfRangeVector& row : kIfRangeVectors) {
    const Parsed head("GET", row.fields);
    EXPECT_EQ(range_applies(*head, kStandingFile, kNow), row.applies) << row.fields;
    EXPECT_EQ(range_applies(*head, kStandingFile, kThen + 1), row.applies_at_once) << row.fields;
    EXPECT_EQ(range_applies(*head, kStandingFile, std::nullopt), row.applies_without_clock)
        << row.fields;
    EXPECT_EQ(range_applies(*head, kBareFile, kNow), row.fields.empty()) << row.fields;
  }
}

}  // namespace
}  // namespace wherry::http
