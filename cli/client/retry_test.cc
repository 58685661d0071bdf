// SPDX-License-Identifier: MIT
#include "cli/client/retry.h"

#include <gtest/gtest.h>

#include "cli/client/result.h"

namespace wherry::cli {
namespace {

Reply reply_with(int status) {
  Reply reply;
  reply.head.status = status;
  return reply;
}

Reply reply_with(Failure failure) {
  Reply reply;
  reply.failure = failure;
  return reply;
}

TEST(Retry, WaitsDoubleUpToABound) {
  EXPECT_EQ(backoff_ms(1, 0), 250u);
  EXPECT_EQ(backoff_ms(2, 0), 500u);
  EXPECT_EQ(backoff_ms(6, 0), 8000u);
  EXPECT_EQ(backoff_ms(7, 0), 10'000u);
  EXPECT_EQ(backoff_ms(1'000'000, 0), 10'000u);
  EXPECT_EQ(backoff_ms(1, 65535), 188u);  // a quarter earlier at the most
}

TEST(Retry, OnlyWhatMayChangeIsTriedAgain) {
  for (const int status : {408, 425, 429, 500, 502, 503, 504}) {
    EXPECT_TRUE(may_try_again(reply_with(status))) << status;
  }
  for (const int status : {200, 308, 400, 404, 409, 412, 413, 422, 501, 505, 507}) {
    EXPECT_FALSE(may_try_again(reply_with(status))) << status;
  }
  EXPECT_TRUE(may_try_again(reply_with(Failure::network)));
  EXPECT_TRUE(may_try_again(reply_with(Failure::timed_out)));
  for (const Failure failure : {Failure::deadline, Failure::unsupported, Failure::local,
                                Failure::aborted, Failure::cancelled}) {
    EXPECT_FALSE(may_try_again(reply_with(failure)));
  }
}

TEST(Retry, ExitStatusesTellWhoseFaultItIs) {
  EXPECT_EQ(exit_of(reply_with(404)), Exit::refused);
  EXPECT_EQ(exit_of(reply_with(507)), Exit::server);
  EXPECT_EQ(exit_of(reply_with(Failure::network)), Exit::network);
  EXPECT_EQ(exit_of(reply_with(Failure::deadline)), Exit::network);
  EXPECT_EQ(exit_of(reply_with(Failure::local)), Exit::local_file);
  EXPECT_EQ(exit_of(reply_with(Failure::cancelled)), Exit::interrupted);
}

TEST(Retry, ProgressBeginsTheCountAnew) {
  ClientOptions options;
  options.retries = 1;
  Retry retry(options);
  EXPECT_TRUE(retry.wait(reply_with(Failure::network)));
  EXPECT_FALSE(retry.wait(reply_with(Failure::network)));
  retry.progressed();
  EXPECT_TRUE(retry.wait(reply_with(Failure::network)));
  EXPECT_EQ(retry.attempts(), 3u);
}

TEST(Retry, AWaitThatEndsAfterTheDeadlineIsNotBegun) {
  ClientOptions options;
  options.timeout_ms = 1;
  EXPECT_FALSE(Retry(options).wait(reply_with(Failure::network)));
}

TEST(Result, TheFirstThatFailedDecidesTheExitStatus) {
  std::vector<TransferResult> results(3);
  for (TransferResult& result : results) result.exit = Exit::done;
  EXPECT_EQ(worst_of(results), Exit::done);
  results[1].exit = Exit::refused;
  results[2].exit = Exit::network;
  EXPECT_EQ(worst_of(results), Exit::refused);
}

}  // namespace
}  // namespace wherry::cli
