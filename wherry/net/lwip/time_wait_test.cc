// SPDX-License-Identifier: MIT
// What a client gets that comes again from a port whose connection was closed by the server.
#include <optional>

#include "wherry/net/lwip/wire_for_test.h"

namespace wherry::net::lwip {
namespace {

using coro::Task;

Task<> answer_and_close(Session& session) { co_await session.connection->write(as_bytes("bye")); }

class LwipTimeWaitTest : public LwipTest {
 protected:
  // One segment from the client's port, or to it.
  struct Segment {
    static constexpr std::size_t kTcp = 20;  // where its header begins: lwIP sends no IP options

    explicit Segment(Packet given) : packet(std::move(given)) {}
    std::uint16_t get16(std::size_t at) const {
      return static_cast<std::uint16_t>(packet[at] << 8 | packet[at + 1]);
    }
    std::uint32_t get32(std::size_t at) const {
      return static_cast<std::uint32_t>(get16(at)) << 16 | get16(at + 2);
    }
    std::uint16_t source() const { return get16(kTcp); }
    std::uint16_t destination() const { return get16(kTcp + 2); }
    std::uint32_t sequence() const { return get32(kTcp + 4); }
    std::uint32_t acknowledged() const { return get32(kTcp + 8); }
    std::uint8_t flags() const { return packet[kTcp + 13] & TCP_FLAGS; }

    // Sets 16 bits of the header, and its checksum by what has changed (RFC 1624, 3).
    void set16(std::size_t at, std::uint16_t value) {
      std::uint32_t sum = static_cast<std::uint16_t>(~get16(kTcp + 16));
      sum += static_cast<std::uint16_t>(~get16(at)) + std::uint32_t{value};
      sum = (sum & 0xFFFF) + (sum >> 16);
      sum = (sum & 0xFFFF) + (sum >> 16);
      put16(at, value);
      put16(kTcp + 16, static_cast<std::uint16_t>(~sum));
    }
    void put16(std::size_t at, std::uint16_t value) {
      packet[at] = static_cast<std::uint8_t>(value >> 8);
      packet[at + 1] = static_cast<std::uint8_t>(value);
    }
    void set_sequence(std::uint32_t value) {
      set16(kTcp + 4, static_cast<std::uint16_t>(value >> 16));
      set16(kTcp + 6, static_cast<std::uint16_t>(value));
    }
    void set_flags(std::uint8_t flags) {
      set16(kTcp + 12, static_cast<std::uint16_t>((get16(kTcp + 12) & ~TCP_FLAGS) | flags));
    }

    Packet packet;
  };

  LwipTimeWaitTest() { serve(&answer_and_close); }

  void SetUp() override { have_one_closed(); }

  // Has a whole connection that the server closed first, and keeps the client's first segment.
  void have_one_closed() {
    loses = [this](const Packet& packet) {
      const Segment segment(packet);
      if (segment.flags() == TCP_SYN) syn_ = segment;
      if (segment.destination() == kPort) client_next_ = segment.sequence() + 1;  // after its FIN
      return false;
    };
    {
      Client client(kPort);
      run(1000, [&] { return client.has_seen_end; });
      ASSERT_EQ(client.received, "bye");
      client.finish_sending();
      settle();
    }
    ASSERT_TRUE(syn_.has_value());
    // From here on nobody is at the client's port but the test.
    loses = [this](const Packet& packet) {
      const Segment segment(packet);
      if (segment.destination() != syn_->source()) return false;
      answers_.push_back(segment);
      return true;
    };
  }

  // Returns: the answer to a SYN from the client's port.
  std::optional<Segment> begin_at(std::uint32_t sequence) {
    Segment syn = *syn_;
    syn.set_sequence(sequence);
    return answer_to(std::move(syn));
  }

  std::optional<Segment> reset_at(std::uint32_t sequence) {
    Segment reset = *syn_;
    reset.set_sequence(sequence);
    reset.set_flags(TCP_RST);
    return answer_to(std::move(reset));
  }

  std::optional<Segment> answer_to(Segment segment) {
    answers_.clear();
    put_on_wire(std::move(segment.packet));
    settle();
    if (answers_.empty()) return std::nullopt;
    return answers_.front();
  }

  std::uint32_t client_next_ = 0;  // the number that follows all that the client has sent

 private:
  std::optional<Segment> syn_;
  std::vector<Segment> answers_;
};

TEST_F(LwipTimeWaitTest, ClientThatBeginsBeyondTheOldConnectionIsAnswered) {
  for (const std::uint32_t ahead : {1u, 1000u, 1u << 30}) {
    const auto answer = begin_at(client_next_ + ahead);
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->flags(), TCP_SYN | TCP_ACK);
    EXPECT_EQ(answer->acknowledged(), client_next_ + ahead + 1);
    EXPECT_FALSE(reset_at(client_next_ + ahead + 1).has_value());
    have_one_closed();
  }
}

TEST_F(LwipTimeWaitTest, ClientThatBeginsBeforeTheOldConnectionIsAnsweredWhenItHasResetThat) {
  const std::uint32_t begin = client_next_ - 100'000;
  auto answer = begin_at(begin);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->flags(), TCP_ACK);
  EXPECT_EQ(answer->acknowledged(), client_next_);

  EXPECT_FALSE(reset_at(answer->acknowledged()).has_value());
  answer = begin_at(begin);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->flags(), TCP_SYN | TCP_ACK);
  EXPECT_EQ(answer->acknowledged(), begin + 1);
  EXPECT_FALSE(reset_at(begin + 1).has_value());
}

TEST_F(LwipTimeWaitTest, WhatIsLateOfTheOldConnectionEndsNothing) {
  const std::uint32_t begin = client_next_ - 100'000;
  for (const std::uint32_t sequence : {client_next_ - 1, client_next_ + 1, begin}) {
    EXPECT_FALSE(reset_at(sequence).has_value());
    const auto answer = begin_at(begin);
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->flags(), TCP_ACK);
  }
}

}  // namespace
}  // namespace wherry::net::lwip
