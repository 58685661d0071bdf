// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "wherry/app/test_client.h"
#include "wherry/transfer/service.h"

namespace wherry::transfer {
namespace {

using app::request_text;
using app::TestServer;
using net::sim::SimPeer;

struct Event {
  std::string id;
  std::string name;
  std::string data;
};

/// Reads a stream as the HTML Standard says; what it has no rule for fails the test.
std::vector<Event> read_events(std::string_view body) {
  std::vector<Event> events;
  Event event;
  while (!body.empty()) {
    const std::size_t end = body.find('\n');
    EXPECT_NE(end, std::string_view::npos) << "a line without an end: " << body;
    if (end == std::string_view::npos) return events;
    const std::string_view line = body.substr(0, end);
    body.remove_prefix(end + 1);
    if (line.starts_with("id: ")) {
      event.id = line.substr(4);
    } else if (line.starts_with("event: ")) {
      event.name = line.substr(7);
    } else if (line.starts_with("data: ")) {
      event.data = line.substr(6);
    } else if (line.empty() && !event.name.empty()) {
      events.push_back(std::exchange(event, {}));
    } else {
      EXPECT_TRUE(line.empty() || line.starts_with(":")) << line;
    }
  }
  return events;
}

app::Limits limits_for_events() {
  app::Limits limits = app::small_limits();
  limits.max_connections = 6;
  limits.kept_events = 8;
  return limits;
}

struct Events : testing::Test {
  SimPeer& subscribe(std::string_view fields = "", net::sim::SimOptions options = {}) {
    SimPeer& peer = test.connect(std::move(options));
    peer.send(request_text("GET", "/events", fields));
    test.run();
    return peer;
  }
  void pass(std::uint64_t duration_ms) { test.world.network.loop().advance(duration_ms); }

  /// What `peer` has been told, up to now.
  static std::vector<Event> told(const SimPeer& peer) {
    const auto replies = app::read_replies(peer.received(), {"GET"}, peer.has_seen_end());
    EXPECT_EQ(replies.size(), 1u);
    return replies.empty() ? std::vector<Event>() : read_events(replies[0].body);
  }
  /// The names of these, in order.
  static std::string names(const std::vector<Event>& events) {
    std::string text;
    for (const Event& event : events) text += event.name + " ";
    return text;
  }

  TestServer test{kService, limits_for_events()};
};

TEST_F(Events, TellWhenATransferStartsHowFarItIsAndThatItIsDone) {
  SimPeer& watcher = subscribe();
  SimPeer& sender = test.connect();
  sender.send(request_text("PUT", "/discard/a%20b", "Content-Length: 2000\r\n") +
              std::string(1000, 'a'));
  test.run();
  pass(1000);
  sender.send(std::string(1000, 'a'));
  test.run();
  pass(300);
  const auto events = told(watcher);
  EXPECT_EQ(names(events), "started progress progress progress progress done ");
  EXPECT_EQ(events.at(0).data,
            R"({"id": 1, "method": "PUT", "path": "/discard/a%20b", "size": 2000})");
  EXPECT_TRUE(events.at(2).data.starts_with(R"({"id": 1, "bytes": 1000, "rate": )"))
      << events.at(2).data;
  EXPECT_EQ(events.at(2).id, "");
  EXPECT_EQ(events.at(5).data, R"({"id": 1, "status": 200, "bytes": 2000, "crc32": "0xa8133e39", )"
                               R"("duration_ms": 1000, "outcome": "ok"})");
}

TEST_F(Events, TellTheSizeOfADownloadAndItsContentWithoutTheHead) {
  test.world.store("a", std::string(150'000, 'a'));
  SimPeer& watcher = subscribe();
  net::sim::SimOptions options;
  options.window_size = 50'000;
  SimPeer& reader = test.connect(options);
  reader.stop_reading();
  reader.send(request_text("GET", "/download/file/a"));
  test.run();
  pass(300);
  reader.read_again();
  test.run();
  pass(300);
  const auto events = told(watcher);
  ASSERT_EQ(names(events), "started progress done ");
  EXPECT_NE(events[0].data.find(R"("size": 150000)"), std::string::npos) << events[0].data;
  const std::uint64_t bytes = std::stoull(events[1].data.substr(events[1].data.find("bytes") + 8));
  EXPECT_GT(bytes, 40'000u);
  EXPECT_LE(bytes, 50'000u);
  EXPECT_NE(events[2].data.find(R"("bytes": 150000)"), std::string::npos) << events[2].data;
}

TEST_F(Events, TellOfRequestsThatFailAndOfThoseThatAreBrokenOff) {
  SimPeer& watcher = subscribe();
  test.ask(request_text("GET", "/nothing/here"));
  SimPeer& sender = test.connect();
  sender.send(request_text("PUT", "/upload/x", "Content-Length: 2000\r\n") + "a");
  test.run();
  sender.reset();
  test.run();
  pass(300);
  const auto events = told(watcher);
  ASSERT_EQ(names(events), "started done started done ");
  EXPECT_NE(events[1].data.find(R"("status": 404, )"), std::string::npos) << events[1].data;
  EXPECT_NE(events[1].data.find(R"("outcome": "not_found"})"), std::string::npos);
  EXPECT_NE(events[3].data.find(R"("outcome": "closed"})"), std::string::npos) << events[3].data;
}

TEST_F(Events, DoNotTellOfThoseWhoWatch) {
  SimPeer& watcher = subscribe();
  test.ask(request_text("GET", "/status"));
  test.ask(request_text("GET", "/metrics"));
  subscribe().reset();
  pass(1000);
  EXPECT_EQ(names(told(watcher)), "");
}

TEST_F(Events, HostileNamesStayTexts) {
  SimPeer& watcher = subscribe();
  test.ask(request_text("GET", "/a%22%0Adata:b\"\\\x80"));
  test.ask(request_text("GET", "/" + std::string(200, '"')));
  pass(300);
  const auto events = told(watcher);
  ASSERT_EQ(names(events), "started done started done ");
  EXPECT_EQ(events[0].data.find("/a%22%0Adata:b\\\\x22\\\\x5c\\\\x80\", \"size\""),
            events[0].data.find("/a%22"))
      << events[0].data;
  EXPECT_LT(events[2].data.size(), 180u) << events[2].data;
}

TEST_F(Events, WhoComesBackGetsWhatHeMissedAndIsToldWhatIsLost) {
  test.ask(request_text("GET", "/1"));
  test.ask(request_text("GET", "/2"));
  SimPeer& back = subscribe("Last-Event-ID: 2\r\n");
  EXPECT_EQ(names(told(back)), "started done ");
  EXPECT_EQ(told(back).at(0).id, "3");
  for (int i = 3; i <= 8; ++i) test.ask(request_text("GET", "/" + std::to_string(i)));
  SimPeer& late = subscribe("Last-Event-ID: 2\r\n");
  const auto events = told(late);
  EXPECT_EQ(names(events), "lost started done started done started done started done ");
  EXPECT_EQ(events.at(0).data, R"({"events": 6})");  // 16 in all, 2 seen, 8 kept
  EXPECT_EQ(events.at(1).id, "9");
  SimPeer& stranger = subscribe("Last-Event-ID: 999\r\n");
  EXPECT_EQ(told(stranger).size(), 8u);
}

TEST_F(Events, SlowReaderIsToldHowManyItMissed) {
  net::sim::SimOptions options;
  options.window_size = 300;
  SimPeer& watcher = subscribe("", options);
  watcher.stop_reading();
  for (int i = 0; i < 20; ++i) {
    test.ask(request_text("GET", "/" + std::to_string(i)));
    pass(300);
  }
  watcher.read_again();
  test.run();
  pass(300);
  const auto events = told(watcher);
  const auto lost = std::ranges::find(events, "lost", &Event::name);
  ASSERT_NE(lost, events.end()) << names(events);
  const std::size_t lost_count = std::stoull(lost->data.substr(lost->data.find(": ") + 2));
  EXPECT_EQ(lost_count + events.size() - 1, 40u);
  EXPECT_EQ(events.back().name, "done");
}

TEST_F(Events, GiveASignOfLifeWhereNothingHappens) {
  SimPeer& watcher = subscribe();
  pass(1000);
  const std::size_t size = watcher.received().size();
  pass(16'000);
  EXPECT_GT(watcher.received().size(), size);
  EXPECT_EQ(names(told(watcher)), "");
  watcher.reset();
  test.run();
  pass(16'000);
  EXPECT_EQ(test.server->connection_count(), 0u);
}

TEST_F(Events, HalfOfTheConnectionsRemainForOthers) {
  std::vector<SimPeer*> watchers;
  for (int i = 0; i < 3; ++i) watchers.push_back(&subscribe());
  const app::Reply reply = test.ask(request_text("GET", "/events"));
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.body, "{\"error\": \"As many clients watch as may; try again\"}");
  EXPECT_EQ(test.ask(request_text("HEAD", "/status")).status, 200);
  watchers[1]->reset();
  test.run();
  pass(16'000);  // the next sign of life finds nobody
  SimPeer& next = subscribe();
  EXPECT_TRUE(next.received().starts_with("HTTP/1.1 200 "));
}

TEST_F(Events, EndWhenTheServerDrains) {
  SimPeer& watcher = subscribe();
  test.server->drain();
  pass(300);
  test.run();
  const auto replies = app::read_replies(watcher.received(), {"GET"}, watcher.has_seen_end());
  ASSERT_EQ(replies.size(), 1u);
  EXPECT_TRUE(replies[0].is_whole);
  EXPECT_TRUE(watcher.has_seen_end());
}

TEST_F(Events, HeadOfThemIsAnsweredAndWatchesNothing) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(test.ask(request_text("HEAD", "/events")).header("Content-Type"),
              "text/event-stream");
  }
}

TEST(EventsElsewhere, NobodyCanWatchWhereNoneAreKept) {
  app::Limits limits = limits_for_events();
  limits.kept_events = 0;
  TestServer none(kService, limits);
  EXPECT_EQ(none.ask(request_text("GET", "/events")).status, 503);
  limits.kept_events = 8;
  limits.max_connections = 1;
  TestServer one(kService, limits);
  EXPECT_EQ(one.ask(request_text("GET", "/events")).status, 503);
}

}  // namespace
}  // namespace wherry::transfer
