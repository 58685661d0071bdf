// SPDX-License-Identifier: MIT
// Runs the table of requests.h through the transfer service, each row however it is cut.
#include "tests/conformance/requests.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "wherry/app/test_client.h"
#include "wherry/transfer/service.h"

namespace wherry::conformance {

void PrintTo(const Row& row, std::ostream* out) { *out << row.source; }

namespace {

using app::Reply;
using net::sim::Pieces;

constexpr std::int64_t kModified = 1'700'000'000;

std::vector<Reply> replies_to(const std::vector<std::string>& pieces,
                              const net::sim::SimOptions& options, std::uint64_t seed) {
  app::TestServer server(transfer::kService, app::small_limits(), seed);
  server.world.storage.set_clock(kModified);
  server.world.store("old.txt", "0123456789");
  std::vector<Reply> replies = server.exchange(pieces, options);
  EXPECT_EQ(server.world.leftovers(), "");
  return replies;
}

std::string outcome(const std::vector<Reply>& replies) {
  std::string text;
  for (const Reply& reply : replies) {
    if (!text.empty()) text += ' ';
    text += std::to_string(reply.status) + (reply.closes() ? "!" : "");
  }
  return text;
}

bool has_line(const Reply& reply, std::string_view begin) {
  return reply.head.find("\r\n" + std::string(begin)) != std::string::npos;
}

class Conformance : public testing::TestWithParam<Row> {};

TEST_P(Conformance, IsAnsweredAsItsSourceDemands) {
  const Row& row = GetParam();
  const std::vector<Reply> replies = replies_to({std::string(row.input)}, {}, 1);
  EXPECT_EQ(outcome(replies), row.replies) << row.source;
  if (replies.empty()) return;
  EXPECT_TRUE(row.has.empty() || has_line(replies.back(), row.has)) << replies.back().head;
  EXPECT_FALSE(!row.has_not.empty() && has_line(replies.back(), row.has_not));
  for (const Reply& reply : replies) {
    EXPECT_TRUE(reply.is_whole);
    EXPECT_TRUE(has_line(reply, "Date: "));
    if (reply.status >= 400 && !reply.body.empty()) {
      EXPECT_EQ(reply.header("Content-Type"), "application/json");
      EXPECT_TRUE(reply.body.starts_with("{\"error\": \"")) << reply.body;
    }
  }
}

TEST_P(Conformance, IsAnsweredTheSameHoweverItIsCut) {
  const Row& row = GetParam();
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    for (const Pieces pieces : {Pieces::random, Pieces::single_bytes}) {
      EXPECT_EQ(outcome(replies_to({std::string(row.input)},
                                   {.reads = pieces, .writes = pieces, .max_delay_ms = 3}, seed)),
                row.replies)
          << row.source;
    }
  }
  for (std::size_t cut = 1; cut < row.input.size(); ++cut) {
    EXPECT_EQ(
        outcome(replies_to(
            {std::string(row.input.substr(0, cut)), std::string(row.input.substr(cut))}, {}, 1)),
        row.replies)
        << row.source << ": " << cut;
  }
}

INSTANTIATE_TEST_SUITE_P(Table, Conformance, testing::ValuesIn(kRows));

}  // namespace
}  // namespace wherry::conformance
