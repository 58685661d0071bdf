// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "wherry/app/test_client.h"
#include "wherry/transfer/service.h"

namespace wherry::transfer {
namespace {

using app::Reply;
using app::request_text;
using app::TestServer;

struct Status : testing::Test {
  Reply get(std::string_view method = "GET") { return test.ask(request_text(method, "/status")); }

  /// The JSON of `section`, from its name to its end.
  std::string section(std::string_view name) {
    const std::string body = get().body;
    const std::size_t begin = body.find("\"" + std::string(name) + "\": {");
    if (begin == std::string::npos) return "none in " + body;
    int depth = 0;
    std::size_t end = begin;
    do {
      end = body.find_first_of("{}", end + 1);
      depth += body.at(end) == '{' ? 1 : -1;
    } while (depth > 0);
    return body.substr(begin, end + 1 - begin);
  }

  TestServer test{kService};
};

TEST_F(Status, IsJsonThatNobodyKeeps) {
  const Reply reply = get();
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(reply.is_whole);
  EXPECT_EQ(reply.header("Content-Type"), "application/json");
  EXPECT_EQ(reply.header("Cache-Control"), "no-store");
  EXPECT_TRUE(reply.body.starts_with(R"({"version": ")")) << reply.body;
  EXPECT_TRUE(reply.body.ends_with(R"("running": []})")) << reply.body;
  EXPECT_NE(reply.body.find(R"("uptime_ms": )"), std::string::npos);
  EXPECT_EQ(get("HEAD").body, "");
}

TEST_F(Status, TellsOfConnections) {
  EXPECT_EQ(section("connections"),
            R"("connections": {"used": 1, "peak": 1, "limit": 2, "busy": 1, "accepted": 1, )"
            R"("refused": 0, "evicted": 0})");
  net::sim::SimPeer& other = test.connect();
  other.send(request_text("PUT", "/discard/x", "Content-Length: 2\r\n") + "a");
  test.run();
  EXPECT_EQ(section("connections"),
            R"("connections": {"used": 2, "peak": 2, "limit": 2, "busy": 2, "accepted": 3, )"
            R"("refused": 0, "evicted": 0})");
  other.reset();
  test.run();
  EXPECT_NE(section("connections").find(R"("used": 1, "peak": 2)"), std::string::npos);
}

TEST_F(Status, CountsRefusedConnections) {
  std::string begun = request_text("PUT", "/discard/x", "Content-Length: 2\r\n") + "a";
  for (int i = 0; i < 3; ++i) test.connect().send(begun);
  test.run();
  EXPECT_EQ(test.server->refused_count(), 1u);
  test.world.network.loop().advance(3'600'000);  // all have been given up
  EXPECT_NE(section("connections").find(R"("refused": 1)"), std::string::npos);
  EXPECT_NE(section("transfers").find(R"("failed": 3)"), std::string::npos) << section("transfers");
}

TEST_F(Status, CountsTransfersAndTheirBytes) {
  EXPECT_EQ(section("transfers"),
            R"("transfers": {"complete": 0, "failed": 0, "received_bytes": 0, "sent_bytes": 0})");
  const std::uint64_t page_bytes = test.world.log.records.at(0).size;
  EXPECT_EQ(test.ask(request_text("PUT", "/upload/a", "", std::string(3000, 'a'))).status, 201);
  EXPECT_EQ(test.ask(request_text("GET", "/download/file/a")).body.size(), 3000u);
  EXPECT_EQ(test.ask(request_text("GET", "/download/file/none")).status, 404);
  const std::string told = section("transfers");
  EXPECT_TRUE(told.starts_with(
      R"("transfers": {"complete": 3, "failed": 1, "received_bytes": 3000, "sent_bytes": )"))
      << told;
  const std::uint64_t sent = std::stoull(told.substr(told.rfind(' ')));
  EXPECT_GT(sent, page_bytes + 3000);
  EXPECT_LT(sent, page_bytes + 3000 + 2000);  // heads, chunk sizes, short replies
}

TEST_F(Status, TellsHowFullTheStorageIs) {
  const auto& storage = test.world.storage;
  const std::uint64_t total = std::uint64_t{storage.block_count()} * storage.block_bytes();
  const std::string begin = R"("storage": {"total_bytes": )" + std::to_string(total);
  EXPECT_TRUE(section("storage").starts_with(begin + R"(, "free_bytes": )" + std::to_string(total)))
      << section("storage");
  test.world.store("a", std::string(storage.block_bytes() + 1, 'a'));
  EXPECT_TRUE(section("storage").starts_with(begin + R"(, "free_bytes": )" +
                                             std::to_string(total - 2 * storage.block_bytes())))
      << section("storage");
  EXPECT_NE(section("storage").find(R"("slots": {"used": 0, "peak": )"), std::string::npos);
}

TEST_F(Status, ComesAlsoWhenTheStorageDoesNotAnswer) {
  test.world.storage.fail_operation(0, Error::storage_unavailable);
  const Reply reply = get();
  EXPECT_EQ(reply.status, 200);
  EXPECT_NE(reply.body.find(R"("storage": {"slots": )"), std::string::npos) << reply.body;
}

TEST_F(Status, TellsOfArenasAndLimits) {
  const std::string arena = section("arena");
  EXPECT_NE(arena.find(R"("limit_bytes": )" + std::to_string(test.limits.arena_bytes)),
            std::string::npos);
  EXPECT_NE(arena.find(R"("peak_bytes": )" + std::to_string(test.server->peak_arena_bytes())),
            std::string::npos)
      << arena;
  EXPECT_NE(section("limits").find(R"("header_ms": )" + std::to_string(test.limits.header_ms)),
            std::string::npos);
}

TEST_F(Status, TellsOfTheMachineLast) {
  class Machine final : public StatusSource {
    void report(StatusSink& sink) const noexcept override {
      sink.section("stack");
      sink.gauge("peak_bytes", 700);
    }
  };
  const Machine machine;
  test.server->tell_also(machine);
  EXPECT_TRUE(get().body.ends_with(R"("stack": {"peak_bytes": 700}, "running": []})"));
}

TEST_F(Status, ListsWhatRuns) {
  net::sim::SimPeer& sender = test.connect();
  sender.send(request_text("PUT", "/discard/a\"b", "Content-Length: 2000\r\n") +
              std::string(1000, 'a'));
  test.run();
  test.world.network.loop().advance(500);
  const std::string body = get().body;
  EXPECT_TRUE(body.ends_with(
      R"("running": [{"id": 1, "method": "PUT", "path": "/discard/a\\x22b", "bytes": 1000, )"
      R"("rate": 2000, "duration_ms": 500}]})"))
      << body;
}

TEST_F(Status, OldClientGetsItUpToTheEndOfTheConnection) {
  const Reply reply = test.ask("GET /status HTTP/1.0\r\n\r\n");
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(reply.closes());
  EXPECT_TRUE(reply.body.ends_with("]}"));
}

}  // namespace
}  // namespace wherry::transfer
