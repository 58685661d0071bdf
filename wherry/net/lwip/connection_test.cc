// SPDX-License-Identifier: MIT
// Connections over a wire that the test holds, served by coroutines.
#include <algorithm>
#include <array>

#include "wherry/net/input_for_test.h"
#include "wherry/net/lwip/wire_for_test.h"

namespace wherry::net::lwip {
namespace {

using coro::as_result;
using coro::Task;
using LwipConnectionTest = LwipTest;

constexpr std::uint32_t kLongMs = 20'000;

std::string numbered(std::size_t size) {
  std::string text;
  for (int i = 0; text.size() < size; ++i) text += std::to_string(i) + ' ';
  text.resize(size);
  return text;
}

Task<> echo(Session& session) {
  std::array<std::byte, 1000> buffer;
  while (true) {
    const Bytes bytes = co_await session.connection->read(buffer, kLongMs);
    co_await session.connection->write(bytes);
  }
}

Task<> echo_by_bytes(Session& session) {
  std::array<std::byte, 1> buffer;
  while (true) {
    const Bytes bytes = co_await session.connection->read(buffer, kLongMs);
    co_await session.connection->write(bytes);
  }
}

Task<> read_nothing(Session& session) { co_await session.loop.sleep(1'000'000); }

TEST_F(LwipConnectionTest, EchoesWhatItReads) {
  serve(&echo);
  Client client(kPort);
  settle();
  client.send("hello");
  settle();
  EXPECT_EQ(client.received, "hello");
  client.finish_sending();
  settle();
  EXPECT_TRUE(client.has_seen_end);
  EXPECT_EQ(session().outcomes, std::vector{Error::closed});
  EXPECT_EQ(listener->open_count(), 0u);
}

TEST_F(LwipConnectionTest, EchoesMoreThanAnyBufferHolds) {
  serve(&echo);
  Client client(kPort);
  const std::string sent = numbered(300'000);
  send_all(client, sent);
  run(5000, [&] { return client.received.size() == sent.size(); });
  EXPECT_TRUE(client.received == sent) << client.received.size();
}

TEST_F(LwipConnectionTest, PiecesOfOneByteArriveInOrder) {
  serve(&echo_by_bytes);
  Client client(kPort);
  const std::string sent = numbered(6000);
  send_all(client, sent);
  run(20'000, [&] { return client.received.size() == sent.size(); });
  EXPECT_TRUE(client.received == sent) << client.received.size();
}

Task<> write_two_pieces(Session& session) {
  co_await session.connection->write({}, {});
  co_await session.connection->write(as_bytes("head "), {});
  co_await session.connection->write({}, as_bytes("alone "));
  co_await session.connection->write(as_bytes("first "), as_bytes("second"));
}

TEST_F(LwipConnectionTest, SendsBothPiecesInOrderAndInOnePacket) {
  serve(&write_two_pieces);
  Client client(kPort);
  std::uint32_t data_packets = 0;
  loses = [&](const std::vector<std::uint8_t>& packet) {
    if (packet.size() > 60) ++data_packets;  // IP and TCP headers take 40, the SYN's options more
    return false;
  };
  settle();
  EXPECT_EQ(client.received, "head alone first second");
  EXPECT_TRUE(client.has_seen_end);
  EXPECT_EQ(data_packets, 1u);
}

TEST_F(LwipConnectionTest, KnowsItsPeer) {
  serve(&read_nothing);
  Client client(kPort);
  settle();
  std::array<char, Connection::kPeerBytes> peer;
  EXPECT_TRUE(session().connection->peer(peer).starts_with("192.0.2.1:"));
}

Task<> send_flash(Session& session) { co_await session.connection->write(flash_for_test()); }

TEST_F(LwipConnectionTest, SendsReadOnlyMemoryWithoutCopying) {
  serve(&send_flash);
  Client client(kPort);
  client.stop_reading();
  settle();
  // Headers for a window of packets, and no packet's worth of bytes.
  EXPECT_GT(client.received.size(), 2000u);
  EXPECT_LT(lwip_stats.mem.used, 1000u);
  client.read_again();
  run(2000, [&] { return client.has_seen_end; });
  EXPECT_TRUE(client.received == as_text(flash_for_test())) << client.received.size();
}

/// Sizes of the packets that a server sends, without their headers.
std::vector<std::size_t> sizes_of_content(const std::vector<std::vector<std::uint8_t>>& packets) {
  std::vector<std::size_t> sizes;
  for (const auto& packet : packets) {
    constexpr std::size_t kHeaders = 40;
    const bool is_from_server = packet.size() > kHeaders + 4 && packet[20] == 8000 / 256;
    if (is_from_server) sizes.push_back(packet.size() - kHeaders);
  }
  return sizes;
}

/// Loses no packet, and keeps each.
auto keep_in(std::vector<std::vector<std::uint8_t>>& packets) {
  return [&packets](const std::vector<std::uint8_t>& packet) {
    packets.push_back(packet);
    return false;
  };
}

Task<> send_in_chunks(Session& session) {
  const std::string text = numbered(100'000);
  for (std::size_t at = 0; at < text.size(); at += 1000) {
    co_await session.connection->write(as_bytes(std::string_view(text).substr(at, 1000)));
  }
}

TEST_F(LwipConnectionTest, PacketsAreWholeWhateverTheChunks) {
  serve(&send_in_chunks);
  std::vector<std::vector<std::uint8_t>> packets;
  loses = keep_in(packets);
  Client client(kPort);
  run(2000, [&] { return client.has_seen_end; });
  EXPECT_TRUE(client.received == numbered(100'000)) << client.received.size();
  const auto sizes = sizes_of_content(packets);
  EXPECT_LE(std::ranges::count_if(sizes, [](std::size_t size) { return size != TCP_MSS; }), 1);
}

Task<> send_flash_behind_a_head(Session& session) {
  co_await session.connection->write(as_bytes("head "), flash_for_test());
}

TEST_F(LwipConnectionTest, AHeadGoesAheadOfPacketsThatAreNotCopied) {
  serve(&send_flash_behind_a_head);
  std::vector<std::vector<std::uint8_t>> packets;
  loses = keep_in(packets);
  Client client(kPort);
  run(2000, [&] { return client.has_seen_end; });
  EXPECT_TRUE(client.received == "head " + std::string(as_text(flash_for_test())));
  const auto sizes = sizes_of_content(packets);
  ASSERT_GT(sizes.size(), 2u);
  EXPECT_EQ(sizes[0], 5u);
  EXPECT_EQ(sizes[1], std::size_t{TCP_MSS});
}

// ---------------------------------------------------------------- backpressure

TEST_F(LwipConnectionTest, WindowClosesWhileNobodyReads) {
  serve(&read_nothing);
  Client client(kPort);
  settle();
  std::size_t sent = 0;
  const std::string bytes(1000, 'x');
  for (int i = 0; i < 100; ++i) {
    sent += client.send(bytes);
    run(10);
  }
  // The server's window and what the client's own lwIP holds back.
  EXPECT_LE(sent, std::size_t{TCP_WND + TCP_SND_BUF});
  EXPECT_LE(pool_buffers_in_use(), 3u);
}

TEST_F(LwipConnectionTest, SegmentsOfOneBytePinFewBuffers) {
  serve(&read_nothing);
  Client client(kPort);
  settle();
  for (int i = 0; i < 2000; ++i) {
    client.send("x");
    run(1);
    ASSERT_LE(pool_buffers_in_use(), 3u) << i;
  }
}

Task<> read_slowly(Session& session) {
  std::array<std::byte, 100> buffer;
  while (true) {
    co_await session.loop.sleep(5);
    const Bytes bytes = co_await session.connection->read(buffer, kLongMs);
    co_await session.connection->write(bytes);
  }
}

TEST_F(LwipConnectionTest, SlowReaderGetsEveryByte) {
  serve(&read_slowly);
  Client client(kPort);
  const std::string sent = numbered(20'000);
  send_all(client, sent);
  run(10'000, [&] { return client.received.size() == sent.size(); });
  EXPECT_TRUE(client.received == sent) << client.received.size();
}

Task<> write_much(Session& session) {
  std::array<std::byte, 1000> buffer{};
  session.connection->set_write_idle_ms(5000);
  for (int i = 0; i < 100; ++i) co_await session.connection->write(buffer);
}

TEST_F(LwipConnectionTest, PeerThatTakesNothingIsLeftAfterTheWriteIdleTime) {
  serve(&write_much);
  Client client(kPort);
  client.stop_reading();
  run(4500);
  EXPECT_TRUE(session().outcomes.empty());
  run(2000);
  EXPECT_EQ(session().outcomes, std::vector{Error::timed_out});
  EXPECT_EQ(lwip_stats.memp[MEMP_TCP_SEG]->used, 0);  // nothing is kept for it
}

TEST_F(LwipConnectionTest, PeerThatTakesALittleNowAndThenIsNotLeft) {
  serve(&write_much);
  Client client(kPort);
  client.stop_reading();
  for (int i = 0; i < 10; ++i) {
    run(4000);
    client.read_again();
    client.stop_reading();
  }
  EXPECT_TRUE(session().outcomes.empty());
  client.read_again();
  run(20'000, [&] { return client.has_seen_end; });
  EXPECT_EQ(client.received.size(), 100'000u);
}

// ---------------------------------------------------------------- ends

TEST_F(LwipConnectionTest, ResetEndsAPendingRead) {
  serve(&echo);
  Client client(kPort);
  settle();
  client.reset();
  settle();
  EXPECT_EQ(session().outcomes, std::vector{Error::closed});
  EXPECT_EQ(listener->open_count(), 0u);
}

TEST_F(LwipConnectionTest, ResetEndsAPendingWrite) {
  serve(&write_much);
  Client client(kPort);
  client.stop_reading();
  settle();
  client.reset();
  settle();
  EXPECT_EQ(session().outcomes, std::vector{Error::closed});
}

Task<> use_after_a_second(Session& session) {
  std::array<std::byte, 100> buffer;
  co_await session.loop.sleep(1000);
  const auto written = co_await as_result(session.connection->write(as_bytes("x")));
  EXPECT_EQ(error_of(written), Error::closed);
  co_await session.connection->read(buffer, kLongMs);
}

TEST_F(LwipConnectionTest, OperationsAfterAResetAreClosed) {
  serve(&use_after_a_second);
  Client client(kPort);
  settle();
  client.send("unread");
  settle();
  client.reset();
  run(1100);
  EXPECT_EQ(session().outcomes, std::vector{Error::closed});
}

Task<> answer_at_the_end(Session& session) {
  std::array<std::byte, 100> buffer;
  std::size_t size = 0;
  while (true) {
    const auto bytes = co_await as_result(session.connection->read(buffer, kLongMs));
    if (!bytes) break;
    size += bytes->size();
  }
  co_await session.loop.sleep(100);
  co_await session.connection->write(as_bytes(size == 5 ? "five" : "not five"));
}

TEST_F(LwipConnectionTest, PeerThatHasFinishedSendingIsStillAnswered) {
  serve(&answer_at_the_end);
  Client client(kPort);
  settle();
  client.send("12345");
  client.finish_sending();
  run(200);
  EXPECT_EQ(client.received, "five");
  EXPECT_TRUE(client.has_seen_end);
  EXPECT_EQ(session().outcomes, std::vector{Error::none});
}

Task<> finish_then_read(Session& session) {
  std::array<std::byte, 100> buffer;
  co_await session.connection->write(as_bytes("bye"));
  session.connection->shut_down_sending();
  std::string text;
  while (true) {
    const auto bytes = co_await as_result(session.connection->read(buffer, kLongMs));
    if (!bytes) {
      EXPECT_EQ(bytes.error(), Error::closed);
      break;
    }
    text += as_text(*bytes);
  }
  EXPECT_EQ(text, "one two three");
}

TEST_F(LwipConnectionTest, ReadsOnAfterItHasFinishedSending) {
  serve(&finish_then_read);
  Client client(kPort);
  settle();
  EXPECT_EQ(client.received, "bye");
  EXPECT_TRUE(client.has_seen_end);
  client.send("one ");
  settle();
  client.send("two ");
  settle();
  client.send("three");
  client.finish_sending();
  settle();
  EXPECT_EQ(session().outcomes, std::vector{Error::none});
}

Task<> finish_then_read_late(Session& session) {
  session.connection->shut_down_sending();
  co_await session.loop.sleep(10 * 60 * 1000);  // lwIP has forgotten the connection by then
  std::array<std::byte, 100> buffer;
  const Bytes bytes = co_await session.connection->read(buffer, kLongMs);
  EXPECT_EQ(as_text(bytes), "kept");
  const auto end = co_await as_result(session.connection->read(buffer, kLongMs));
  EXPECT_EQ(error_of(end), Error::closed);
}

TEST_F(LwipConnectionTest, WhatCameBeforeBothEndsIsKeptForTheReader) {
  serve(&finish_then_read_late);
  Client client(kPort);
  settle();
  client.send("kept");
  client.finish_sending();
  run(11 * 60 * 1000, [&] { return !session().outcomes.empty(); });
  EXPECT_EQ(session().outcomes, std::vector{Error::none});
}

Task<> refuse_unread(Session& session) {
  co_await session.loop.sleep(100);
  co_await session.connection->write(as_bytes("no"));
}

TEST_F(LwipConnectionTest, ReplyArrivesThoughInputWasNotRead) {
  serve(&refuse_unread);
  Client client(kPort);
  settle();
  client.send("a body that nobody wants");
  run(200);
  EXPECT_EQ(client.received, "no");
  EXPECT_TRUE(client.has_seen_end);
  EXPECT_FALSE(client.is_gone);
}

TEST_F(LwipConnectionTest, AbortResets) {
  serve(&echo);
  server->aborts = true;
  Client client(kPort);
  settle();
  EXPECT_TRUE(client.is_gone);
  EXPECT_EQ(listener->open_count(), 0u);
}

Task<> write_and_hang(Session& session) {
  std::array<std::byte, 1000> buffer{};
  while (true) co_await session.connection->write(buffer);
}

TEST_F(LwipConnectionTest, CancelledWhileWritingIsGivenBack) {
  serve(&write_and_hang);
  Client client(kPort);
  client.stop_reading();
  settle();
  EXPECT_EQ(listener->open_count(), 1u);
  server->stop_session();
  EXPECT_EQ(listener->open_count(), 0u);
}

// ---------------------------------------------------------------- time

Task<> read_after_timeout(Session& session) {
  std::array<std::byte, 64> buffer;
  const auto at_once = co_await as_result(session.connection->read(buffer, 0));
  EXPECT_EQ(error_of(at_once), Error::timed_out);
  const std::uint64_t began_ms = session.loop.uptime_ms();
  const auto result = co_await as_result(session.connection->read(buffer, 300));
  EXPECT_EQ(error_of(result), Error::timed_out);
  EXPECT_EQ(session.loop.uptime_ms() - began_ms, 300u);
  const Bytes bytes = co_await session.connection->read(buffer, kLongMs);
  co_await session.connection->write(bytes);
}

TEST_F(LwipConnectionTest, ReadThatTimesOutLeavesItUsable) {
  serve(&read_after_timeout);
  Client client(kPort);
  run(500);
  client.send("late");
  settle();
  EXPECT_EQ(client.received, "late");
  EXPECT_EQ(session().outcomes, std::vector{Error::none});
}

Task<> wait_then_echo(Session& session) {
  std::array<std::byte, 1> buffer;
  const auto silence = co_await as_result(InputCome(*session.connection, 300));
  EXPECT_EQ(error_of(silence), Error::timed_out);
  while (true) {
    co_await InputCome(*session.connection, kLongMs);
    const Bytes bytes = co_await session.connection->read(buffer, 0);
    co_await session.connection->write(bytes);
  }
}

TEST_F(LwipConnectionTest, TellsThatInputHasComeAndTakesNone) {
  serve(&wait_then_echo);
  Client client(kPort);
  run(500);
  client.send("late");
  settle();
  EXPECT_EQ(client.received, "late");
  client.finish_sending();
  settle();
  EXPECT_EQ(session().outcomes, std::vector{Error::closed});
}

// ---------------------------------------------------------------- loss

TEST_F(LwipConnectionTest, LossAndReorderingLoseNothing) {
  serve(&echo);
  Client client(kPort);
  std::uint32_t state = 12345;
  loses = [&state](const std::vector<std::uint8_t>&) {
    state = state * 1664525 + 1013904223;
    return (state >> 16) % 50 == 0;
  };
  const std::string sent = numbered(100'000);
  send_all(client, sent);
  run(120'000, [&] { return client.received.size() == sent.size(); });
  EXPECT_TRUE(client.received == sent) << client.received.size();
}

TEST_F(LwipConnectionTest, PeerThatVanishesEndsTheWrite) {
  serve(&write_much);
  Client client(kPort);
  loses = [this](const std::vector<std::uint8_t>&) { return packet_count > 20; };
  run(20'000, [&] { return !server->sessions.empty() && !session().outcomes.empty(); });
  EXPECT_GT(client.received.size(), 1000u);
  EXPECT_EQ(session().outcomes, std::vector{Error::timed_out});
}

}  // namespace
}  // namespace wherry::net::lwip
