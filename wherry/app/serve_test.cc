// SPDX-License-Identifier: MIT
// What a client sees of a connection: which requests are answered, how, and what becomes of the
// connection then.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "wherry/app/test_app.h"
#include "wherry/app/test_client.h"
#include "wherry/http/response_head.h"

namespace wherry::app {
namespace {

/// The target that the test application answers with `error`.
std::string failing(Error error) { return "/fail/" + std::to_string(static_cast<int>(error)); }

using net::sim::Pieces;
using net::sim::SimPeer;

/// What a connection to `app` answers to `input`: statuses and, per reply, body and whether it says
/// that the connection ends.
std::string story(const std::vector<Reply>& replies) {
  std::string text;
  for (const Reply& reply : replies) {
    text += std::to_string(reply.status) + (reply.closes() ? "! " : " ") + reply.body;
    text += reply.is_whole ? "\n" : " (cut)\n";
  }
  return text;
}

std::string answers(std::string_view input, const App& app = kTestApp) {
  TestServer server(app);
  const std::string told = story(server.exchange(input));
  EXPECT_EQ(server.world.leftovers(), "");
  return told;
}

TEST(Serve, AnswersARequest) {
  TestServer server(kTestApp);
  const Reply reply = server.ask(request_text("GET", "/hello"));
  EXPECT_EQ(reply.head,
            "HTTP/1.1 200 OK\r\n"
            "Date: Fri, 15 Jan 2027 08:00:00 GMT\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Length: 5");
  EXPECT_EQ(reply.body, "hello");
}

TEST(Serve, WithoutAClockThereIsNoDate) {
  TestServer server(kTestApp);
  server.world.network.loop().set_unix_time_s(std::nullopt);
  EXPECT_EQ(server.ask(request_text("GET", "/hello")).find("Date"), std::nullopt);
  EXPECT_EQ(server.ask("nonsense\r\n\r\n").find("Date"), std::nullopt);
}

TEST(Serve, OwnFieldsFollowInOrder) {
  TestServer server(kTestApp);
  const Reply reply = server.ask(request_text("GET", "/headers"));
  EXPECT_TRUE(reply.head.ends_with("\r\nX-One: 1\r\nX-Two: ")) << reply.head;
}

TEST(Serve, KeepsTheConnectionUntilItIsToldNotTo) {
  const std::string hello = request_text("GET", "/hello");
  EXPECT_EQ(answers(hello + hello), "200 hello\n200 hello\n");
  EXPECT_EQ(answers(request_text("GET", "/hello", "Connection: close\r\n") + hello),
            "200! hello\n");
  EXPECT_EQ(answers(request_text("GET", "/hello", "Connection: x, CLOSE\r\n") + hello),
            "200! hello\n");
  EXPECT_EQ(answers("\r\n" + hello + "\r\n\r\n" + hello), "200 hello\n200 hello\n");
}

TEST(Serve, OldClientsGetTheConnectionTheyAskFor) {
  TestServer server(kTestApp);
  const Reply closed = server.ask("GET /hello HTTP/1.0\r\n\r\nGET /hello HTTP/1.0\r\n\r\n");
  EXPECT_EQ(closed.header("Connection"), "close");
  const auto kept = server.exchange(
      "GET /hello HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"
      "GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_EQ(statuses(kept), "200 200");
  EXPECT_EQ(kept.at(0).header("Connection"), "keep-alive");
  EXPECT_TRUE(kept.at(1).closes());
}

// Every place at which TCP may cut what a client sends, and any number of requests at once.
TEST(Serve, PipelinedRequestsAreAnsweredInOrderHoweverTheyAreCut) {
  const std::string input =
      request_text("GET", "/hello") + request_text("POST", "/echo", "", "first body") +
      request_text("POST", "/echo", "Transfer-Encoding: chunked\r\n") + chunked("in chunks", 4) +
      "\r\n" + request_text("PUT", "/early", "", "unread body") + request_text("HEAD", "/hello") +
      request_text("GET", "/nowhere") +
      request_text("PUT", "/sink", "Transfer-Encoding: chunked\r\n") + chunked("0123456789", 10) +
      request_text("PUT", "/in-place", "", "where it came") +
      request_text("PUT", "/in-place", "Transfer-Encoding: chunked\r\n") +
      "3;a=\"b\"\r\n123\r\n6\r\n456789\r\n0\r\nTrailer: x\r\n\r\n" +
      request_text("PUT", "/first", "", "a body of which some is read") +
      request_text("GET", "/sync/150") + request_text("OPTIONS", "/echo") +
      request_text("GET", "/chunks/async") + request_text("GET", "/hello", "Connection: close\r\n");
  const std::string whole = answers(input);
  EXPECT_TRUE(
      whole.starts_with("200 hello\n200 first body\n200 in chunks\n200 early\n200 \n"
                        "404 {\"error\": \"Not found\"}\n200 {\"size\": 10}\n"
                        "200 {\"size\": 13, \"crc32\": \"0x1841ffe8\"}\n"
                        "200 {\"size\": 9, \"crc32\": \"0xcbf43926\"}\n200 first\n200 0123"))
      << whole;
  EXPECT_TRUE(whole.ends_with("\n204 \n200 onetwothree\n200! hello\n")) << whole;
  for (std::size_t cut = 1; cut < input.size(); ++cut) {
    TestServer server(kTestApp);
    EXPECT_EQ(story(server.exchange({input.substr(0, cut), input.substr(cut)})), whole) << cut;
  }
  for (const Pieces pieces : {Pieces::random, Pieces::single_bytes}) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      TestServer server(kTestApp, small_limits(), seed);
      EXPECT_EQ(story(server.exchange({input}, {.reads = pieces,
                                                .writes = pieces,
                                                .max_delay_ms = 5,
                                                .window_size = 1 + seed * 10})),
                whole);
    }
  }
}

TEST(Serve, ErrorsAreJsonAndSayWhatBecomesOfTheConnection) {
  const std::string hello = request_text("GET", "/hello");
  struct Row {
    std::string input;
    std::string answer;
  };
  const std::string long_line(300, 'a');
  const std::string long_field = "X: " + std::string(1000, 'a') + "\r\n";
  const Row rows[] = {
      // those after which the connection goes on
      {request_text("GET", "/nowhere"), "404 {\"error\": \"Not found\"}\n"},
      {request_text("PUT", "/nowhere", "", "small body"), "404 {\"error\": \"Not found\"}\n"},
      {request_text("PUT", "/hello", "", "small body"),
       "405 {\"error\": \"The method is not allowed here\"}\n"},
      {request_text("POST", "/json", "", "{"), "400 {\"error\": \"The body is not valid JSON\"}\n"},
      {request_text("POST", "/json", "", "{\"n\": true}"),
       "400 {\"error\": \"The request makes no sense here\"}\n"},
      {request_text("POST", "/form", "", "name=x"),
       "415 {\"error\": \"The Content-Type is not accepted here\"}\n"},
      {request_text("GET", failing(Error::busy)),
       "503 {\"error\": \"The file is in use; try again\"}\n"},
      // those that end it
      {"nonsense\r\n\r\n", "400! {\"error\": \"The request is not valid HTTP/1.1\"}\n"},
      {"GET /hello HTTP/1.1\r\n\r\n", "400! {\"error\": \"The request is not valid HTTP/1.1\"}\n"},
      {"GET /hello HTTP/1.1\nHost: a\n\n",
       "400! {\"error\": \"The request is not valid HTTP/1.1\"}\n"},
      {request_text("GET", "/%zz"), "400! {\"error\": \"The request is not valid HTTP/1.1\"}\n"},
      {request_text("GET", "/hello", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"),
       "400! {\"error\": \"The request is not valid HTTP/1.1\"}\n"},
      {request_text("PUT", "/sink", "Content-Length: 200001\r\n"),
       "413! {\"error\": \"The body is larger than this server accepts\"}\n"},
      {request_text("PUT", "/sink", "Content-Length: 18446744073709551615\r\n"),
       "413! {\"error\": \"The body is larger than this server accepts\"}\n"},
      {request_text("POST", "/echo", "", std::string(129, 'x')),
       "413! {\"error\": \"The body is larger than this server accepts\"}\n"},
      {request_text("POST", "/echo", "Transfer-Encoding: chunked\r\n") +
           chunked(std::string(129, 'x'), 50),
       "413! {\"error\": \"The body is larger than this server accepts\"}\n"},
      {request_text("GET", "/" + long_line),
       "414! {\"error\": \"The request line is longer than this server accepts\"}\n"},
      {request_text("GET", "/hello", "Expect: 200-ok\r\n"),
       "417! {\"error\": \"The only expectation known is 100-continue\"}\n"},
      {request_text("GET", "/hello", long_field),
       "431! {\"error\": \"The header is larger than this server accepts\"}\n"},
      {request_text("PUT", "/sink", "Transfer-Encoding: gzip, chunked\r\n"),
       "501! {\"error\": \"The transfer coding is not known here\"}\n"},
      {"GET /hello HTTP/2.0\r\n\r\n",
       "505! {\"error\": \"Only HTTP/1.0 and HTTP/1.1 are spoken here\"}\n"},
      {request_text("PUT", "/sink", "Transfer-Encoding: chunked\r\n") + "x\r\n",
       "400! {\"error\": \"The request is not valid HTTP/1.1\"}\n"},
      {request_text("GET", failing(Error::internal)), "500! {\"error\": \"The server failed\"}\n"},
      {request_text("GET", failing(Error::no_space)),
       "507! {\"error\": \"The storage is full\"}\n"},
      {request_text("GET", "/hungry"),
       "503! {\"error\": \"The memory for this request is used up; try again\"}\n"},
      {request_text("GET", "/huge-json"),
       "503! {\"error\": \"The memory for this request is used up; try again\"}\n"},
      {request_text("GET", "/bad-json"), "500! {\"error\": \"The server failed\"}\n"},
      {request_text("GET", "/bad-header"), "500! {\"error\": \"The server failed\"}\n"},
      {request_text("GET", "/nothing"), "500! {\"error\": \"The server failed\"}\n"},
  };
  for (const Row& row : rows) {
    const bool ends = row.answer[3] == '!';
    EXPECT_EQ(answers(row.input + hello), row.answer + (ends ? "" : "200 hello\n")) << row.input;
    TestServer server(kTestApp);
    const std::vector<Reply> replies = server.exchange(row.input);
    ASSERT_EQ(replies.size(), 1u);
    EXPECT_EQ(replies[0].header("Content-Type"), "application/json");
    EXPECT_NE(replies[0].find("Date"), std::nullopt);
  }
}

TEST(Serve, HeadNeverHasABody) {
  TestServer server(kTestApp);
  for (const std::string& target : std::vector<std::string>{
           "/hello", "/nowhere", "/echo", "/chunks/sync", "/sync/10", "/async/10", "/nothing",
           failing(Error::internal), "/hungry", "/empty/204", "/bad-header"}) {
    const Reply head = server.ask(request_text("HEAD", target));
    const Reply get = server.exchange(request_text("GET", target)).at(0);
    EXPECT_EQ(head.body, "") << target;
    // What fails only while the body is made is not met by HEAD.
    if (target != "/nothing") {
      EXPECT_EQ(head.head, get.head) << target;
    }
  }
  EXPECT_EQ(server.ask(request_text("HEAD", "/hello", "Expect: x\r\n")).body, "");
  EXPECT_EQ(server.ask("HEAD /hello HTTP/1.1\r\n\r\n").status, 400);
}

TEST(Serve, GeneratorsOfBothKindsMakeBodies) {
  TestServer server(kTestApp);
  for (const std::string_view kind : {"sync", "async"}) {
    for (const std::size_t size : {0u, 1u, 100u, 101u, 1234u}) {
      const std::string target = "/" + std::string(kind) + "/" + std::to_string(size);
      const Reply reply = server.ask(request_text("GET", target));
      EXPECT_EQ(reply.header("Content-Length"), std::to_string(size));
      EXPECT_EQ(reply.body.size(), size);
      for (std::size_t i = 0; i < size; ++i) {
        ASSERT_EQ(reply.body[i], static_cast<char>('0' + i % 100 % 10));
      }
    }
    const std::string target = "/chunks/" + std::string(kind);
    const Reply in_chunks = server.ask(request_text("GET", target));
    EXPECT_EQ(in_chunks.header("Transfer-Encoding"), "chunked");
    EXPECT_EQ(in_chunks.body, "onetwothree");
    const Reply up_to_the_end = server.ask(
        "GET " + target + " HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /hello HTTP/1.0\r\n\r\n");
    EXPECT_EQ(up_to_the_end.find("Transfer-Encoding"), std::nullopt);
    EXPECT_EQ(up_to_the_end.find("Content-Length"), std::nullopt);
    EXPECT_TRUE(up_to_the_end.closes());
    EXPECT_EQ(up_to_the_end.body, "onetwothree");
  }
}

TEST(Serve, GeneratorOutlivesItsHandler) {
  EXPECT_EQ(answers(request_text("GET", "/outlived")), "200 gone\n");
}

TEST(Serve, BodyNeverHasAnotherSizeThanWasPromised) {
  EXPECT_EQ(answers(request_text("GET", "/long") + request_text("GET", "/hello")),
            "200 0123456789\n200 hello\n");
  // Cut short is all that can be said when the head has gone out.
  for (const std::string_view target : {"/short", "/late-error"}) {
    TestServer server(kTestApp);
    EXPECT_EQ(story(server.exchange(request_text("GET", target) + request_text("GET", "/hello"))),
              "200 0123456789 (cut)\n");
    ASSERT_EQ(server.world.log.records.size(), 1u);
    EXPECT_NE(server.world.log.records[0].outcome, Error::none);
  }
}

TEST(Serve, StatusesWithoutContentHaveNeitherBodyNorLength) {
  TestServer server(kTestApp);
  EXPECT_EQ(server.ask(request_text("GET", "/empty/204")).find("Content-Length"), std::nullopt);
  EXPECT_EQ(server.ask(request_text("GET", "/empty/304")).find("Content-Length"), std::nullopt);
  EXPECT_EQ(server.ask(request_text("GET", "/empty/200")).header("Content-Length"), "0");
  EXPECT_EQ(server.ask(request_text("GET", "/empty/404")).header("Content-Length"), "0");
}

TEST(Serve, RequestTellsWhatWasSent) {
  EXPECT_EQ(answers(request_text("GET", "/query?a=1&q=x%20y+z")), "200 x y z\n");
  EXPECT_EQ(answers(request_text("GET", "/query?a=1")), "200 none\n");
  EXPECT_EQ(answers(request_text("GET", "/query")), "200 none\n");
  EXPECT_EQ(answers(request_text("GET", "/cookie", "Cookie: a=b; c=d\r\n")), "200 d\n");
  EXPECT_EQ(answers(request_text("POST", "/json", "", "{\"n\": 12}")), "200 {\"n\": 12}\n");
  EXPECT_EQ(
      answers(request_text("POST", "/form", "Content-Type: application/x-www-form-urlencoded\r\n",
                           "a=b&name=c%2Bd+e")),
      "200 c+d e\n");
  EXPECT_EQ(answers(request_text("POST", "/form",
                                 "Content-Type: application/x-www-form-urlencoded\r\n", "")),
            "200 none\n");
}

TEST(Serve, BodyTakenWholeMayBeAsLongAsItsLimit) {
  const std::string longest(128, 'x');
  EXPECT_EQ(answers(request_text("POST", "/echo", "", longest)), "200 " + longest + "\n");
  EXPECT_EQ(answers(request_text("POST", "/echo", "Transfer-Encoding: chunked\r\n") +
                    chunked(longest, 128)),
            "200 " + longest + "\n");
  EXPECT_EQ(answers(request_text("POST", "/echo", "", "")), "200 \n");
  EXPECT_EQ(answers(request_text("POST", "/echo")), "200 \n");
}

TEST(Serve, WaitingClientIsToldToGoOnWhenTheHandlerReads) {
  TestServer server(kTestApp);
  SimPeer& peer = server.connect();
  peer.send(request_text("PUT", "/sink", "Expect: 100-continue\r\nContent-Length: 3\r\n"));
  server.run();
  EXPECT_EQ(peer.received(), http::kContinue);
  peer.send("abc" + request_text("GET", "/hello"));
  server.run();
  EXPECT_EQ(story(server.replies_to(peer)), "100 \n200 {\"size\": 3}\n200 hello\n");
}

TEST(Serve, WaitingClientIsToldToGoOnWhenTheHandlerReadsInPlace) {
  TestServer server(kTestApp);
  SimPeer& peer = server.connect();
  peer.send(request_text("PUT", "/in-place", "Expect: 100-continue\r\nContent-Length: 9\r\n"));
  server.run();
  EXPECT_EQ(peer.received(), http::kContinue);
  peer.send("123456789" + request_text("GET", "/hello"));
  server.run();
  EXPECT_EQ(story(server.replies_to(peer)),
            "100 \n200 {\"size\": 9, \"crc32\": \"0xcbf43926\"}\n200 hello\n");
}

TEST(Serve, WaitingClientWhoseBodyNobodyReadsIsToldTheResultAndNoMore) {
  for (const std::string_view target : {"/early", "/nowhere", "/hello"}) {
    TestServer server(kTestApp);
    const Reply reply =
        server.ask(request_text("PUT", target, "Expect: 100-continue\r\nContent-Length: 3\r\n"));
    EXPECT_TRUE(reply.closes()) << target;
  }
}

TEST(Serve, SmallBodyThatNobodyReadIsDroppedBeforeTheNextRequest) {
  const std::string hello = request_text("GET", "/hello");
  EXPECT_EQ(answers(request_text("PUT", "/early", "", std::string(64 * 1024, 'x')) + hello),
            "200 early\n200 hello\n");
  EXPECT_EQ(answers(request_text("PUT", "/early", "", std::string(64 * 1024 + 1025, 'x')) + hello),
            "200! early\n");
  // Where it ends is not known before it has ended.
  EXPECT_EQ(answers(request_text("PUT", "/early", "Transfer-Encoding: chunked\r\n") +
                    chunked("x", 1) + hello),
            "200! early\n");
}

// What is left of it lies in the buffer, before the next request, or is still to come.
TEST(Serve, RestOfABodyThatWasReadInPlaceIsDroppedBeforeTheNextRequest) {
  const std::string hello = request_text("GET", "/hello");
  for (const std::size_t size : {1u, 400u, 512u, 1500u, 2000u, 60'000u}) {
    EXPECT_EQ(answers(request_text("PUT", "/first", "", std::string(size, 'x')) + hello),
              "200 first\n200 hello\n")
        << size;
  }
  EXPECT_EQ(answers(request_text("PUT", "/first", "", std::string(100'000, 'x')) + hello),
            "200! first\n");
  EXPECT_EQ(answers(request_text("PUT", "/first", "Transfer-Encoding: chunked\r\n") +
                    chunked("0123456789", 5) + hello),
            "200! first\n");
  EXPECT_EQ(answers(request_text("PUT", "/first", "Transfer-Encoding: chunked\r\n") +
                    chunked("", 5) + hello),
            "200 first\n200 hello\n");
}

TEST(Serve, BodyInPlaceMayBeLargerThanTheBuffer) {
  const std::string text(190'000, 'x');
  const std::string whole = answers(request_text("PUT", "/in-place", "", text));
  EXPECT_TRUE(whole.starts_with("200 {\"size\": 190000, ")) << whole;
  for (const std::size_t size : {1000u, 70'000u, 190'000u}) {
    EXPECT_EQ(answers(request_text("PUT", "/in-place", "Transfer-Encoding: chunked\r\n") +
                      chunked(text, size) + request_text("GET", "/hello")),
              whole + "200 hello\n");
  }
  const std::string refused =
      answers(request_text("PUT", "/in-place", "Transfer-Encoding: chunked\r\n") +
              chunked(text + std::string(10'001, 'x'), 1000));
  EXPECT_TRUE(refused.starts_with("413! ")) << refused;
}

// RFC 9112 §9.6: closing with input unread would destroy the reply on its way.
TEST(Serve, EarlyReplyReachesAClientThatIsStillSending) {
  for (const std::string_view target : {"/early", "/nowhere", "/hello"}) {
    TestServer server(kTestApp);
    SimPeer& peer = server.connect({.min_delay_ms = 20, .max_delay_ms = 20});
    peer.send(request_text("PUT", target, "Content-Length: 190000\r\n"));
    for (int i = 0; i < 19; ++i) {
      server.world.network.loop().after(static_cast<std::uint64_t>(i) * 5,
                                        [&peer] { peer.send(std::string(10'000, 'x')); });
    }
    server.world.network.loop().run_to_end();
    EXPECT_FALSE(peer.was_reset());
    EXPECT_TRUE(peer.has_seen_end());
    ASSERT_EQ(server.replies_to(peer).size(), 1u);
    EXPECT_TRUE(server.replies_to(peer)[0].closes());
    EXPECT_EQ(server.world.leftovers(), "");
  }
}

// The same when all is answered: old clients send one line end too many, others pipeline on.
TEST(Serve, BytesBehindTheLastRequestDoNotDestroyItsReply) {
  for (const std::size_t size : {2u, 1500u, 100'000u}) {
    TestServer server(kTestApp);
    SimPeer& peer = server.connect({.min_delay_ms = 5, .max_delay_ms = 5});
    peer.send(request_text("PUT", "/sink", "Connection: close\r\n", "body"));
    server.world.network.loop().advance(5);
    peer.send(std::string(size, '\n'));
    server.world.network.loop().advance(100);
    EXPECT_FALSE(peer.was_reset());
    EXPECT_TRUE(peer.has_seen_end());
    EXPECT_EQ(story(server.replies_to(peer)), "200! {\"size\": 4}\n");
  }
  EXPECT_EQ(
      answers(request_text("GET", "/hello", "Connection: close\r\n") + std::string(100'000, 'x')),
      "200! hello\n");
}

TEST(Serve, LingeringIsBoundedInTimeAndBytes) {
  Limits limits = small_limits();
  limits.linger_ms = 2000;
  limits.linger_idle_ms = 500;
  limits.linger_bytes = 5000;
  TestServer server(kTestApp, limits);
  SimPeer& silent = server.connect();
  silent.send("nonsense\r\n\r\n");
  server.world.network.loop().advance(499);
  EXPECT_FALSE(silent.is_closed());
  server.world.network.loop().advance(1);
  EXPECT_TRUE(silent.is_closed());

  SimPeer& dripping = server.connect();
  dripping.send("nonsense\r\n\r\n");
  for (int i = 0; i < 30; ++i) {
    EXPECT_EQ(dripping.is_closed(), i >= 20) << i;
    server.world.network.loop().advance(100);
    dripping.send("x");
  }

  SimPeer& flooding = server.connect();
  flooding.send("nonsense\r\n\r\n");
  for (int i = 0; i < 8; ++i) {
    server.run();
    EXPECT_EQ(flooding.is_closed(), i >= 5) << i;
    flooding.send(std::string(1000, 'x'));
  }
}

TEST(Serve, SilenceBetweenRequestsEndsTheConnectionWithoutAWord) {
  Limits limits = small_limits();
  limits.keep_alive_idle_ms = 5000;
  TestServer server(kTestApp, limits);
  SimPeer& fresh = server.connect();
  server.world.network.loop().advance(4999);
  EXPECT_FALSE(fresh.is_closed());
  server.world.network.loop().advance(1);
  EXPECT_TRUE(fresh.is_closed());
  EXPECT_EQ(fresh.received(), "");

  SimPeer& kept = server.connect();
  kept.send(request_text("GET", "/hello"));
  server.world.network.loop().advance(4999);
  kept.send(request_text("GET", "/hello"));
  server.world.network.loop().advance(4999);
  EXPECT_FALSE(kept.is_closed());
  server.world.network.loop().advance(1);
  EXPECT_TRUE(kept.is_closed());
  EXPECT_EQ(story(server.replies_to(kept)), "200 hello\n200 hello\n");
}

// A head that drips in: the whole of it has a time, not each byte.
TEST(Serve, HeadThatDoesNotComeInTimeIsTimedOut) {
  Limits limits = small_limits();
  limits.header_ms = 5000;
  for (const bool is_first : {true, false}) {
    TestServer server(kTestApp, limits);
    SimPeer& peer = server.connect();
    if (!is_first) peer.send(request_text("GET", "/hello"));
    server.world.network.loop().advance(3000);
    for (int i = 0; i < 5; ++i) {
      EXPECT_FALSE(peer.has_seen_end());
      peer.send("G");
      server.world.network.loop().advance(1000);
    }
    EXPECT_EQ(story(server.replies_to(peer)),
              std::string(is_first ? "" : "200 hello\n") +
                  "408! {\"error\": \"No data arrived in time\"}\n");
    EXPECT_TRUE(peer.has_seen_end());
    EXPECT_EQ(server.world.log.records.back().outcome, Error::timed_out);
  }
}

TEST(Serve, BodyThatStopsComingIsTimedOut) {
  Limits limits = small_limits();
  limits.body_idle_ms = 5000;
  for (const std::string_view begun : {"", "abc"}) {
    TestServer server(kTestApp, limits);
    SimPeer& peer = server.connect();
    peer.send(request_text("PUT", "/sink", "Content-Length: 10\r\n") + std::string(begun));
    server.world.network.loop().advance(4999);
    EXPECT_EQ(peer.received(), "");
    server.world.network.loop().advance(1);
    EXPECT_EQ(story(server.replies_to(peer)), "408! {\"error\": \"No data arrived in time\"}\n");
    EXPECT_TRUE(peer.has_seen_end());
  }
}

TEST(Serve, ClientThatTakesNothingIsLeftAfterTheIdleTime) {
  Limits limits = small_limits();
  limits.write_idle_ms = 5000;
  TestServer server(kTestApp, limits);
  SimPeer& peer = server.connect({.window_size = 100});
  peer.stop_reading();
  peer.send(request_text("GET", "/sync/5000"));
  server.world.network.loop().advance(4999);
  EXPECT_FALSE(peer.is_closed());
  server.world.network.loop().advance(1);
  EXPECT_TRUE(peer.is_closed());
  ASSERT_EQ(server.world.log.records.size(), 1u);
  EXPECT_EQ(server.world.log.records[0].outcome, Error::timed_out);
}

TEST(Serve, ConnectionThatEndsWithinAHeadIsNoRequest) {
  const std::string request = request_text("GET", "/hello");
  for (std::size_t size = 0; size < request.size(); ++size) {
    TestServer server(kTestApp);
    EXPECT_EQ(story(server.exchange(request.substr(0, size))), "") << size;
    EXPECT_TRUE(server.world.log.records.empty());
    EXPECT_EQ(server.world.leftovers(), "");
  }
}

TEST(Serve, ErrorHandlersAnswerByStatus) {
  TestServer server(kTestAppWithErrors);
  EXPECT_EQ(server.ask(request_text("GET", "/nowhere")).body, "lost");
  const Reply not_allowed = server.ask(request_text("DELETE", "/hello"));
  EXPECT_EQ(not_allowed.body, "no");
  EXPECT_EQ(not_allowed.header("Allow"), "GET, HEAD, OPTIONS");
  const Reply busy = server.ask(request_text("GET", failing(Error::busy)));
  EXPECT_EQ(busy.body, "busy");
  EXPECT_EQ(busy.header("Retry-After"), "7");
  EXPECT_EQ(server.ask(request_text("GET", failing(Error::no_memory))).body, "memory");
  // One that fails itself, and errors without one, get the usual text.
  EXPECT_EQ(server.ask(request_text("GET", failing(Error::internal))).body,
            "{\"error\": \"The server failed\"}");
  EXPECT_EQ(server.ask(request_text("POST", "/json", "", "{")).body,
            "{\"error\": \"The body is not valid JSON\"}");
}

TEST(Serve, ResponseThatWasMovedAwayIsNone) {
  EXPECT_EQ(answers(request_text("GET", "/moved")),
            "503! {\"error\": \"The memory for this request is used up; try again\"}\n");
  EXPECT_EQ(answers(request_text("GET", "/looked-at")), "200 text/plain; charset=utf-8\n");
}

struct Scarcity {
  std::string told;
  std::uint32_t failure_count;
};

/// What `app` answers when no allocation succeeds from the `index`-th on.
Scarcity answers_with_little(const App& app, const std::string& input, std::uint32_t index) {
  TestWorld world;
  world.store("stored", std::string(6000, 'x'));
  LoneSession session(app, small_limits(), world);
  session.arena().fail_from(index);
  SimPeer& peer = world.network.connect(session);
  peer.send(input);
  peer.finish_sending();
  world.network.loop().run_to_end();
  EXPECT_TRUE(session.is_over()) << input << index;
  EXPECT_EQ(session.arena().live_count(), 0u) << input << index;
  EXPECT_EQ(world.leftovers(), "") << input << index;
  const std::string method = input.substr(0, input.find(' '));
  return {story(read_replies(peer.received(), {method}, peer.has_seen_end())),
          session.arena().failure_count()};
}

// The handler's own reply, 503, or the end.
TEST(Serve, AnyAllocationOfAnyHandlerMayFail) {
  const std::string form = "Content-Type: application/x-www-form-urlencoded\r\n";
  const std::string inputs[] = {
      request_text("GET", "/hello"),
      request_text("POST", "/echo", "", "text"),
      request_text("POST", "/json", "", "{\"n\": 1}"),
      request_text("POST", "/form", form, "name=x"),
      request_text("PUT", "/sink", "", "abc"),
      request_text("PUT", "/in-place", "Transfer-Encoding: chunked\r\n") + chunked("abcdef", 2),
      request_text("PUT", "/first", "", std::string(900, 'x')),
      request_text("GET", "/query?q=1"),
      request_text("GET", "/file/stored"),
      request_text("GET", "/sync/300"),
      request_text("HEAD", "/sync/300"),
      request_text("GET", "/async/300"),
      request_text("GET", "/chunks/sync"),
      "GET /chunks/async HTTP/1.0\r\n\r\n",
      request_text("GET", "/late-error"),
      request_text("GET", "/headers"),
      request_text("GET", "/looked-at"),
      request_text("GET", "/moved"),
      request_text("GET", "/nowhere"),
      request_text("GET", failing(Error::internal)),
      request_text("GET", failing(Error::busy)),
      request_text("DELETE", "/hello"),
      request_text("OPTIONS", "/hello"),
      request_text("OPTIONS", "*"),
  };
  for (const App* app : {&kTestApp, &kTestAppWithErrors}) {
    for (const std::string& input : inputs) {
      const std::string expected = answers_with_little(*app, input, UINT32_MAX).told;
      for (std::uint32_t index = 0;; ++index) {
        ASSERT_LT(index, 50u);
        const Scarcity scarcity = answers_with_little(*app, input, index);
        if (scarcity.failure_count == 0) break;
        EXPECT_TRUE(scarcity.told == expected || scarcity.told.empty() ||
                    scarcity.told.starts_with("503"))
            << input << index << ' ' << scarcity.told;
      }
    }
  }
}

TEST(Serve, ErrorHandlerDoesNotSaveAConnectionThatCannotGoOn) {
  EXPECT_EQ(answers(request_text("GET", failing(Error::no_memory)) + request_text("GET", "/hello"),
                    kTestAppWithErrors),
            "503! memory\n");
}

// The error texts of every Error that a handler can end with.
TEST(Serve, EveryErrorOfAHandlerHasItsReply) {
  for (int i = 2; i < static_cast<int>(Error::count_); ++i) {
    const auto error = static_cast<Error>(i);
    TestServer server(kTestApp);
    const Reply reply = server.ask(request_text("GET", "/fail/" + std::to_string(i)));
    EXPECT_EQ(reply.status, describe(error).status);
    EXPECT_EQ(reply.closes(), describe(error).closes);
    EXPECT_EQ(reply.body, "{\"error\": \"" + std::string(describe(error).text) + "\"}");
    ASSERT_EQ(server.world.log.records.size(), 1u);
    EXPECT_EQ(server.world.log.records[0].outcome, error);
  }
  TestServer server(kTestApp);
  EXPECT_EQ(story(server.exchange(request_text("GET", "/fail/1"))), "");
  ASSERT_EQ(server.world.log.records.size(), 1u);
  EXPECT_EQ(server.world.log.records[0].status, 0);
}

TEST(Serve, LogTellsOfEachRequest) {
  TestServer server(kTestApp);
  server.exchange(request_text("GET", "/sync/150?x=y") + request_text("PUT", "/sink", "", "abc") +
                  request_text("HEAD", "/hello") + request_text("GET", "/%zz"));
  const auto& records = server.world.log.records;
  ASSERT_EQ(records.size(), 4u);
  EXPECT_EQ(records[0].client, "192.0.2.7:51234");
  EXPECT_EQ(records[0].method, "GET");
  EXPECT_EQ(records[0].path, "/sync/150?x=y");
  EXPECT_EQ(records[0].status, 200);
  EXPECT_EQ(records[0].size, 150u);
  EXPECT_EQ(records[0].outcome, Error::none);
  EXPECT_EQ(records[1].size, 11u);  // of {"size": 3}: the handler did not say that it is an upload
  EXPECT_EQ(records[2].method, "HEAD");
  EXPECT_EQ(records[2].size, 0u);
  EXPECT_EQ(records[3].path, "/%zz");
  EXPECT_EQ(records[3].status, 400);
  EXPECT_EQ(records[3].outcome, Error::malformed);
}

TEST(Serve, LogTellsHowMuchWentOverBeforeThePeerWasGone) {
  TestServer server(kTestApp);
  SimPeer& peer = server.connect({.window_size = 1000});
  peer.stop_reading();
  peer.send(request_text("GET", "/sync/5000"));
  server.run();
  peer.reset();
  server.run();
  ASSERT_EQ(server.world.log.records.size(), 1u);
  EXPECT_EQ(server.world.log.records[0].status, 200);
  EXPECT_EQ(server.world.log.records[0].size, 1000u);
  EXPECT_EQ(server.world.log.records[0].outcome, Error::closed);
  EXPECT_EQ(server.world.leftovers(), "");
}

}  // namespace
}  // namespace wherry::app
