// SPDX-License-Identifier: MIT
// Connections over 127.0.0.1, served by coroutines.
#include <netinet/tcp.h>
#include <sys/sendfile.h>

#include <algorithm>

#include "wherry/net/asio/outbox.h"
#include "wherry/net/asio/server_for_test.h"
#include "wherry/net/input_for_test.h"

namespace wherry::net::asio {
namespace {

using coro::as_result;
using coro::Task;

constexpr std::uint32_t kLongMs = 20'000;

Task<> echo(Session& session) {
  std::array<std::byte, 1024> buffer;
  while (true) {
    const Bytes bytes = co_await session.connection->read(buffer, kLongMs);
    co_await session.connection->write(bytes);
  }
}

TEST(Connection, EchoesWhatItReads) {
  TestServer server(&echo);
  Client client(server.port());
  client.send("hello");
  EXPECT_EQ(client.receive(5), "hello");
  client.send("again");
  EXPECT_EQ(client.receive(5), "again");
  client.finish_sending();
  EXPECT_EQ(client.receive_all(), "");
  EXPECT_EQ(server.errors.next(), Error::closed);
}

TEST(Connection, EchoesMoreThanAnyBufferHolds) {
  TestServer server(&echo);
  Client client(server.port());
  std::string sent;
  for (int i = 0; sent.size() < 8'000'000; ++i) sent += std::to_string(i);
  std::thread sender([&] {
    client.send(sent);
    client.finish_sending();
  });
  const std::string received = client.receive_all();
  sender.join();
  EXPECT_TRUE(received == sent) << received.size();
}

TEST(Connection, ServesTwoHundredAtOnce) {
  TestServer server(&echo, {.host = "127.0.0.1", .connection_count = 200});
  std::vector<Client> clients;
  for (int i = 0; i < 200; ++i) clients.emplace_back(server.port());
  for (int round = 0; round < 5; ++round) {
    for (std::size_t i = 0; i < clients.size(); ++i) clients[i].send(std::to_string(1000 + i));
    for (std::size_t i = 0; i < clients.size(); ++i) {
      EXPECT_EQ(clients[i].receive(4), std::to_string(1000 + i));
    }
  }
  EXPECT_EQ(server.accepted_count, 200);
}

Task<> write_two_pieces(Session& session) {
  co_await session.connection->write({}, {});
  co_await session.connection->write(as_bytes("head "), {});
  co_await session.connection->write({}, as_bytes("alone "));
  co_await session.connection->write(as_bytes("first "), as_bytes("second"));
}

TEST(Connection, SendsBothPiecesInOrder) {
  TestServer server(&write_two_pieces);
  Client client(server.port());
  EXPECT_EQ(client.receive_all(), "head alone first second");
  EXPECT_EQ(server.errors.next(), Error::none);
}

Task<> tell_peer(Session& session) {
  int has_no_delay = 0;
  socklen_t size = sizeof(has_no_delay);
  ::getsockopt(session.connection->descriptor(), IPPROTO_TCP, TCP_NODELAY, &has_no_delay, &size);
  std::array<char, Connection::kPeerBytes> peer;
  session.server.texts.push(std::string(session.connection->peer(peer)));
  session.server.texts.push(has_no_delay != 0 ? "no delay" : "delay");
  co_return;
}

TEST(Connection, KnowsItsPeerAndSendsWithoutDelay) {
  TestServer server(&tell_peer);
  Client client(server.port());
  sockaddr_in own{};
  socklen_t size = sizeof(own);
  ::getsockname(client.descriptor(), reinterpret_cast<sockaddr*>(&own), &size);
  EXPECT_EQ(server.texts.next(), "127.0.0.1:" + std::to_string(ntohs(own.sin_port)));
  EXPECT_EQ(server.texts.next(), "no delay");
}

Task<> read_after_timeout(Session& session) {
  std::array<std::byte, 64> buffer;
  const auto at_once = co_await as_result(session.connection->read(buffer, 0));
  session.server.errors.push(error_of(at_once));
  const std::uint64_t began_ms = session.server.thread.loop.uptime_ms();
  const auto result = co_await as_result(session.connection->read(buffer, 300));
  session.server.texts.push(std::to_string(session.server.thread.loop.uptime_ms() - began_ms));
  session.server.errors.push(error_of(result));
  const Bytes bytes = co_await session.connection->read(buffer, kLongMs);
  co_await session.connection->write(bytes);
}

TEST(Connection, ReadThatTimesOutLeavesItUsable) {
  TestServer server(&read_after_timeout);
  Client client(server.port());
  EXPECT_EQ(server.errors.next(), Error::timed_out);
  EXPECT_EQ(server.errors.next(), Error::timed_out);
  const int duration_ms = std::stoi(server.texts.next());
  EXPECT_GE(duration_ms, 300);
  EXPECT_LT(duration_ms, 2000);
  client.send("late");
  EXPECT_EQ(client.receive_all(), "late");
  EXPECT_EQ(server.errors.next(), Error::none);
}

Task<> wait_then_read(Session& session) {
  std::array<std::byte, 64> buffer;
  const auto silence = co_await as_result(InputCome(*session.connection, 50));
  session.server.errors.push(error_of(silence));
  while (true) {
    const auto come = co_await as_result(InputCome(*session.connection, kLongMs));
    session.server.errors.push(error_of(come));
    const Bytes bytes = co_await session.connection->read(buffer, kLongMs);
    co_await session.connection->write(bytes);
  }
}

TEST(Connection, TellsThatInputHasComeAndTakesNone) {
  TestServer server(&wait_then_read);
  Client client(server.port());
  EXPECT_EQ(server.errors.next(), Error::timed_out);
  for (const std::string text : {"late", "again"}) {
    client.send(text);
    EXPECT_EQ(server.errors.next(), Error::none);
    EXPECT_EQ(client.receive(text.size()), text);
  }
  client.finish_sending();
  EXPECT_EQ(server.errors.next(), Error::none);    // a read has something to tell:
  EXPECT_EQ(server.errors.next(), Error::closed);  // that there is no more
}

Task<> wait_and_echo_by_bytes(Session& session) {
  std::array<std::byte, 1> buffer;
  while (true) {
    co_await InputCome(*session.connection, kLongMs);
    const Bytes bytes = co_await session.connection->read(buffer, kLongMs);
    co_await session.connection->write(bytes);
  }
}

TEST(Connection, TellsOfInputThatIsThereAlready) {
  TestServer server(&wait_and_echo_by_bytes);
  Client client(server.port());
  client.send("all at once");
  EXPECT_EQ(client.receive(11), "all at once");
}

Task<> read_late(Session& session) {
  std::array<std::byte, 64> buffer;
  session.server.texts.push("accepted");
  co_await session.server.thread.loop.sleep(100);  // what comes meanwhile is told once, together
  for (int i = 0; i < 2; ++i) {
    const Bytes bytes = co_await session.connection->read(buffer, kLongMs);
    co_await session.connection->write(bytes);
  }
}

TEST(Connection, EndThatCameWithTheLastBytesIsSeenBehindThem) {
  TestServer server(&read_late);
  Client client(server.port());
  EXPECT_EQ(server.texts.next(), "accepted");
  client.send("last");
  client.finish_sending();
  EXPECT_EQ(client.receive_all(), "last");
  EXPECT_EQ(server.errors.next(), Error::closed);
}

// What comes between a read and the write after it is not lost to the next read.
Task<> answer_late(Session& session) {
  std::array<std::byte, 64> buffer;
  while (true) {
    const Bytes bytes = co_await session.connection->read(buffer, kLongMs);
    session.server.texts.push("read");
    co_await session.server.thread.loop.sleep(100);
    co_await session.connection->write(bytes);
    co_await InputCome(*session.connection, kLongMs);
  }
}

TEST(Connection, InputThatComesBeforeTheAnswerIsReadAfterIt) {
  TestServer server(&answer_late);
  Client client(server.port());
  client.send("one");
  EXPECT_EQ(server.texts.next(), "read");
  client.send("two");
  EXPECT_EQ(client.receive(6), "onetwo");
}

Task<> wait_for_room_twice(Session& session) {
  for (int i = 0; i < 2; ++i) co_await session.connection->writable();
}

TEST(Connection, RoomThatIsThereIsTold) {
  TestServer server(&wait_for_room_twice);
  const Client client(server.port());
  EXPECT_EQ(server.errors.next(), Error::none);
}

Task<> write_much(Session& session) {
  const std::vector<std::byte> much(64 << 20);
  co_await session.connection->write(much);
}

TEST(Connection, WriteTimesOutWhenThePeerTakesNothing) {
  TestServer server(&write_much);
  server.write_idle_ms = 300;
  Client client(server.port(), 4096);
  const auto began_at = std::chrono::steady_clock::now();
  EXPECT_EQ(server.errors.next(), Error::timed_out);
  const auto duration = std::chrono::steady_clock::now() - began_at;
  EXPECT_GE(duration, std::chrono::milliseconds(250));
  EXPECT_LT(duration, std::chrono::seconds(3));
}

// The kernel says that there is room only when much of its buffer is free: here that takes longer
// than the idle time, though the peer takes bytes all along.
TEST(Connection, SlowPeerIsNotIdle) {
  TestServer server(&write_much);
  server.write_idle_ms = 400;
  Client client(server.port(), 2048);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(client.receive(2000).size(), 2000u);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_TRUE(server.errors.is_empty());
  EXPECT_EQ(server.errors.next(), Error::timed_out);  // now it takes nothing
}

// Fills the socket directly, as sendfile does, and waits for room.
Task<> send_directly(Session& session) {
  std::vector<std::byte> block(65536);
  std::size_t remaining = 16 << 20;
  while (remaining > 0) {
    const ssize_t size = ::send(session.connection->descriptor(), block.data(),
                                std::min(block.size(), remaining), MSG_NOSIGNAL);
    if (size < 0) {
      session.server.texts.push("full");
      co_await session.connection->writable();
      continue;
    }
    session.connection->sent_directly(static_cast<std::size_t>(size));
    remaining -= static_cast<std::size_t>(size);
  }
  EXPECT_EQ(session.connection->sent_bytes(), 16u << 20);
}

TEST(Connection, WritableWaitsForRoomInTheSocket) {
  TestServer server(&send_directly);
  Client client(server.port());
  EXPECT_EQ(server.texts.next(), "full");
  EXPECT_EQ(client.receive_all().size(), 16u << 20);
  EXPECT_EQ(server.errors.next(), Error::none);
}

TEST(Connection, WritableTimesOutWhenThePeerTakesNothing) {
  TestServer server(&send_directly);
  server.write_idle_ms = 200;
  Client client(server.port(), 4096);
  EXPECT_EQ(server.errors.next(), Error::timed_out);
}

TEST(Connection, ResetEndsAReadAWriteAndAWaitForRoom) {
  {
    TestServer server(&echo);
    Client client(server.port());
    client.send("x");
    EXPECT_EQ(client.receive(1), "x");
    client.reset();
    EXPECT_EQ(server.errors.next(), Error::closed);
  }
  {
    TestServer server(&write_much);
    Client client(server.port());
    EXPECT_EQ(client.receive(100'000).size(), 100'000u);
    client.reset();
    EXPECT_EQ(server.errors.next(), Error::closed);
  }
  {
    TestServer server(&send_directly);
    Client client(server.port(), 4096);
    EXPECT_EQ(server.texts.next(), "full");
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    client.reset();
    EXPECT_EQ(server.errors.next(), Error::closed);
  }
}

Task<> read_after_reset(Session& session) {
  const std::vector<std::byte> much(64 << 20);
  const auto written = co_await as_result(session.connection->write(much));
  session.server.errors.push(error_of(written));
  std::array<std::byte, 64> buffer;
  const auto read = co_await as_result(session.connection->read(buffer, kLongMs));
  session.server.errors.push(error_of(read));
  const auto again = co_await as_result(session.connection->write(buffer));
  session.server.errors.push(error_of(again));
  const auto room = co_await as_result(session.connection->writable());
  session.server.errors.push(error_of(room));
}

TEST(Connection, StaysBrokenAfterAReset) {
  TestServer server(&read_after_reset);
  Client client(server.port());
  EXPECT_EQ(client.receive(10).size(), 10u);
  client.reset();
  for (int i = 0; i < 4; ++i) EXPECT_EQ(server.errors.next(), Error::closed) << i;
}

Task<> read_to_end_then_answer(Session& session) {
  std::array<std::byte, 64> buffer;
  std::size_t size = 0;
  while (true) {
    const auto bytes = co_await as_result(session.connection->read(buffer, kLongMs));
    if (!bytes) break;
    size += bytes->size();
  }
  const std::string answer = std::to_string(size);
  co_await session.connection->write(as_bytes(answer));
}

TEST(Connection, AnswersAPeerThatHasFinishedSending) {
  TestServer server(&read_to_end_then_answer);
  Client client(server.port());
  client.send(std::string(1000, 'x'));
  client.finish_sending();
  EXPECT_EQ(client.receive_all(), "1000");
}

Task<> finish_then_read(Session& session) {
  co_await session.connection->write(as_bytes("early"));
  session.connection->shut_down_sending();
  std::array<std::byte, 64> buffer;
  const Bytes bytes = co_await session.connection->read(buffer, kLongMs);
  session.server.texts.push(std::string(as_text(bytes)));
}

TEST(Connection, ReadsOnAfterItFinishedSending) {
  TestServer server(&finish_then_read);
  Client client(server.port());
  EXPECT_EQ(client.receive_all(), "early");
  client.send("still here");
  EXPECT_EQ(server.texts.next(), "still here");
}

Task<> abort_it(Session& session) {
  std::array<std::byte, 64> buffer;
  co_await session.connection->read(buffer, kLongMs);
  std::exchange(session.connection, nullptr)->abort();
  session.server.texts.push("aborted");
  co_await session.server.thread.loop.sleep(3'600'000);
}

// ---------------------------------------------------------------- replies of one round

/// Clients whose requests come in one round of the loop: it is kept busy until all have been sent.
struct Crowd {
  explicit Crowd(TestServer& server, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) clients.emplace_back(server.port());
    server.thread.call([] {});
    while (server.accepted_count < static_cast<int>(count)) std::this_thread::yield();
    crowd = this;
    server.thread.call([this] {
      for (Client& client : clients) client.send("x");
    });
  }
  ~Crowd() { crowd = nullptr; }
  std::size_t answered_count() {
    return static_cast<std::size_t>(
        std::ranges::count_if(clients, [](Client& client) { return client.is_readable(0); }));
  }

  static inline std::atomic<Crowd*> crowd = nullptr;
  std::vector<Client> clients;
  std::atomic<int> come_count = 0;
};

/// Replies, and tells how many had been answered when it began to, and how many when it went on.
Task<> reply_and_look(Session& session) {
  std::array<std::byte, 64> buffer;
  co_await session.connection->read(buffer, kLongMs);
  session.server.texts.push("before " + std::to_string(Crowd::crowd.load()->answered_count()));
  co_await session.connection->write(as_bytes("reply"));
  session.server.texts.push("after " + std::to_string(Crowd::crowd.load()->answered_count()));
}

TEST(Connection, RepliesOfARoundAreSentTogether) {
  TestServer server(&reply_and_look);
  Crowd crowd(server, 3);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(server.texts.next(), "before 0");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(server.texts.next(), "after 3");
  for (Client& client : crowd.clients) EXPECT_EQ(client.receive_all(), "reply");
}

TEST(Connection, SoManyRepliesWaitAtTheMost) {
  constexpr std::size_t kMost = Outbox::kMostTogether;
  TestServer server(&reply_and_look, {.host = "127.0.0.1", .connection_count = kMost + 2});
  Crowd crowd(server, kMost + 2);
  for (std::size_t i = 0; i < kMost + 1; ++i) EXPECT_EQ(server.texts.next(), "before 0");
  EXPECT_EQ(server.texts.next(), "before " + std::to_string(kMost));
  for (Client& client : crowd.clients) EXPECT_EQ(client.receive_all(), "reply");
}

/// Says what it has to say in three writes, of which one is not small.
Task<> reply_at_length(Session& session) {
  std::array<std::byte, 64> buffer;
  co_await session.connection->read(buffer, kLongMs);
  const std::string much(20'000, 'm');
  co_await session.connection->write(as_bytes(much));
  session.server.texts.push("much " + std::to_string(Crowd::crowd.load()->answered_count()));
  co_await session.connection->read(buffer, kLongMs);
  co_await session.connection->write(as_bytes("first "), {}, true);
  session.server.texts.push("followed");
  co_await session.connection->write(as_bytes("second "));
  session.server.texts.push("second " + std::to_string(Crowd::crowd.load()->answered_count()));
}

TEST(Connection, OnlyWhatIsSmallAndAReplyWaits) {
  TestServer server(&reply_at_length);
  Crowd crowd(server, 1);
  EXPECT_EQ(server.texts.next(), "much 1");
  EXPECT_EQ(crowd.clients.front().receive(20'000).size(), 20'000u);
  crowd.clients.front().send("x");
  EXPECT_EQ(server.texts.next(), "followed");
  EXPECT_EQ(server.texts.next(), "second 1");
  EXPECT_EQ(crowd.clients.front().receive_all(), "first second ");
}

/// The one who comes second has much to say.
Task<> reply_little_or_much(Session& session) {
  std::array<std::byte, 64> buffer;
  co_await session.connection->read(buffer, kLongMs);
  if (++Crowd::crowd.load()->come_count == 1) {
    co_await session.connection->write(as_bytes("little"));
  } else {
    const std::string much(20'000, 'm');
    co_await session.connection->write(as_bytes(much));
    session.server.texts.push("much " + std::to_string(Crowd::crowd.load()->answered_count()));
  }
}

TEST(Connection, ReplyDoesNotWaitForWhatIsNotSmall) {
  TestServer server(&reply_little_or_much);
  Crowd crowd(server, 2);
  EXPECT_EQ(server.texts.next(), "much 2");
  std::vector<std::size_t> sizes;
  for (Client& client : crowd.clients) sizes.push_back(client.receive_all().size());
  std::ranges::sort(sizes);
  EXPECT_EQ(sizes, (std::vector<std::size_t>{6, 20'000}));
}

/// The one who comes second takes the slot of the one whose reply waits.
Task<> reply_or_take_the_slot(Session& session) {
  static Session* before = nullptr;
  std::array<std::byte, 64> buffer;
  co_await session.connection->read(buffer, kLongMs);
  if (Session* other = std::exchange(before, &session); other != nullptr) {
    before = nullptr;
    session.server.cancel(*other);
  }
  co_await session.connection->write(as_bytes("reply"));
}

TEST(Connection, ReplyThatIsCancelledWhileItWaitsIsNotSent) {
  TestServer server(&reply_or_take_the_slot);
  Crowd crowd(server, 2);
  std::vector<std::string> replies;
  for (Client& client : crowd.clients) replies.push_back(client.receive_all());
  std::ranges::sort(replies);
  EXPECT_EQ(replies, (std::vector<std::string>{"", "reply"}));
  EXPECT_EQ(server.errors.next(), Error::none);
  EXPECT_TRUE(server.errors.is_empty());
}

TEST(Connection, AbortResetsThePeer) {
  TestServer server(&abort_it);
  Client client(server.port());
  client.send("x");
  EXPECT_TRUE(client.is_reset());
  EXPECT_EQ(server.texts.next(), "aborted");
}

TEST(Connection, CancelledWhileReadingWritingOrWaiting) {
  for (const Session::Serve serve : {&echo, &write_much, &send_directly}) {
    TestServer server(serve, {.host = "127.0.0.1", .connection_count = 1});
    for (int i = 0; i < 20; ++i) {
      Client client(server.port(), 4096);
      while (server.accepted_count <= i) std::this_thread::yield();
      server.thread.call([&] { server.cancel_all(); });
    }
    server.thread.call([] {});  // the waits that were given up end in the turn after the close
    server.thread.call([&] { EXPECT_EQ(server.listener().open_count(), 0u); });
    EXPECT_TRUE(server.errors.is_empty());
  }
}

// Slots are taken from some of the connections while all are talking: a new connection must never
// see a wait, or a byte, of the one that had its object before.
TEST(Connection, ReusedUnderLoadAfterCancel) {
  TestServer server(&echo, {.host = "127.0.0.1", .connection_count = 4});
  std::atomic<bool> is_over = false;
  std::thread canceller([&] {
    while (!is_over) {
      server.thread.call([&] { server.cancel_all(); });
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  std::atomic<int> answer_count = 0;
  std::vector<std::thread> talkers;
  for (char name = 'a'; name < 'g'; ++name) {
    talkers.emplace_back([&, name] {
      for (int i = 0; i < 150; ++i) {
        Client client(server.port());
        for (int round = 0; round < 20; ++round) {
          const std::string sent(10, name);
          if (::send(client.descriptor(), sent.data(), sent.size(), MSG_NOSIGNAL) != 10) break;
          std::string received(10, '-');
          const ssize_t size = ::recv(client.descriptor(), received.data(), 10, MSG_WAITALL);
          if (size != 10) break;
          EXPECT_EQ(received, sent);
          ++answer_count;
        }
      }
    });
  }
  for (std::thread& talker : talkers) talker.join();
  is_over = true;
  canceller.join();
  EXPECT_GT(answer_count, 100);
}

}  // namespace
}  // namespace wherry::net::asio
