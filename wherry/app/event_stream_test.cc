// SPDX-License-Identifier: MIT
#include "wherry/app/event_stream.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

#include "wherry/app/route.h"
#include "wherry/app/test_client.h"

namespace wherry::app {
namespace {

using coro::AsyncGenerator;
using coro::Task;

struct Events : testing::Test {
  std::array<char, 64> memory{};
  EventWriter event{memory};
};

TEST_F(Events, HaveANameAnIdAndData) {
  EXPECT_EQ(as_text(event.name("tick").id(7).data("one").finish()),
            "event: tick\nid: 7\ndata: one\n\n");
  EXPECT_EQ(as_text(event.data("two").finish()), "data: two\n\n");  // the next one is new
  EXPECT_EQ(as_text(event.retry_ms(2000).finish()), "retry: 2000\n\n");
  EXPECT_EQ(as_text(event.comment("").finish()), ": \n\n");
  EXPECT_EQ(as_text(event.json({{"a", 1}, {"b", "x\ny"}}).finish()),
            "data: {\"a\": 1, \"b\": \"x\\ny\"}\n\n");
}

TEST_F(Events, EachLineOfTheirDataIsAField) {
  EXPECT_EQ(as_text(event.data("a\nb\r\nc\rd").finish()), "data: a\ndata: b\ndata: c\ndata: d\n\n");
  EXPECT_EQ(as_text(event.data("a\n").finish()), "data: a\ndata: \n\n");
  EXPECT_EQ(as_text(event.data("").finish()), "data: \n\n");
}

TEST_F(Events, NoTextMakesAnEventOfItsOwn) {
  EXPECT_TRUE(event.name("a\ndata: b").data("x").finish().empty());
  EXPECT_TRUE(event.id("a\r").finish().empty());
  EXPECT_TRUE(event.id(std::string_view("\0", 1)).finish().empty());
  EXPECT_TRUE(event.comment("a\n\ndata: b").finish().empty());
  EXPECT_EQ(as_text(event.data("good").finish()), "data: good\n\n");  // the next one is
}

TEST_F(Events, AreWrittenWholeOrNotAtAll) {
  EXPECT_EQ(event.data(std::string(56, 'x')).finish().size(), 64u);
  EXPECT_TRUE(event.data(std::string(57, 'x')).finish().empty());
  const std::string long_text(60, 'x');
  EXPECT_TRUE(event.json({{"name", std::string_view(long_text)}}).finish().empty());
  EXPECT_TRUE(event.json({{"name", "\xFF"}}).finish().empty());
  EXPECT_FALSE(event.data("good").finish().empty());
}

// How many events have been made: no more than the reader has taken, and what lies in between.
int made_count = 0;

AsyncGenerator<Bytes> make_ticks(Request& request) {
  std::array<char, 256> memory;
  EventWriter event(memory);
  for (std::uint64_t n = 1; n <= 1000; ++n) {
    ++made_count;
    co_yield event.name("tick").id(n).data(std::string(200, 'x')).finish();
    co_await request.loop().sleep(10);
  }
}
AsyncGenerator<Bytes> make_two(Request&) {
  std::array<char, 64> memory;
  EventWriter event(memory);
  co_yield event.data("one").finish();
  co_yield event.id("bad\n").finish();
  co_yield event.data("two").finish();
}

Task<Response> ticks(Request& request) { co_return event_stream(request, make_ticks(request)); }
Task<Response> two(Request& request) { co_return event_stream(request, make_two(request)); }

constexpr Route kRoutes[] = {get<"/ticks", ticks>, get<"/two", two>};
constexpr App kApp{kRoutes};

TEST(EventStream, IsAStreamThatNobodyKeeps) {
  TestServer server(kApp);
  const Reply reply = server.ask(request_text("GET", "/two"));
  EXPECT_EQ(reply.header("Content-Type"), "text/event-stream");
  EXPECT_EQ(reply.header("Cache-Control"), "no-store");
  EXPECT_EQ(reply.header("Transfer-Encoding"), "chunked");
  EXPECT_EQ(reply.body, "data: one\n\ndata: two\n\n");
}

TEST(EventStream, OldClientReadsItUpToTheEndOfTheConnection) {
  TestServer server(kApp);
  const Reply reply = server.ask("GET /two HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(reply.closes());
  EXPECT_EQ(reply.body, "data: one\n\ndata: two\n\n");
}

TEST(EventStream, SlowReaderIsWaitedForAndOneThatHasGoneEndsIt) {
  TestServer server(kApp);
  net::sim::SimOptions options;
  options.window_size = 1000;
  net::sim::SimPeer& peer = server.connect(options);
  peer.stop_reading();
  made_count = 0;
  peer.send(request_text("GET", "/ticks"));
  server.run();
  server.world.network.loop().advance(5'000);
  EXPECT_LT(made_count, 10);
  peer.reset();
  server.run();
  EXPECT_EQ(server.world.leftovers(), "");
}

}  // namespace
}  // namespace wherry::app
