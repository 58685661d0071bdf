// SPDX-License-Identifier: MIT
#include "wherry/app/body.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wherry/app/test_client.h"
#include "wherry/http/response_head.h"

namespace wherry::app {
namespace {

using coro::Task;
using http::BodyFraming;
using net::sim::Pieces;
using net::sim::SimNetwork;
using net::sim::SimPeer;

constexpr BodyFraming kChunked{BodyFraming::Kind::chunked, 0};
constexpr BodyFraming kNone{};
constexpr BodyFraming length(std::uint64_t size) { return {BodyFraming::Kind::length, size}; }

constexpr std::string_view kHead = "the head of the request\r\n\r\n";

constexpr std::size_t kInPlace = 0;

/// Lends room of one size, another each time.
class TestLender final : public coro::Lender {
 public:
  explicit TestLender(std::size_t size) : first_(size, '\0'), second_(first_) {}

  MutableBytes room() noexcept override {
    if (!std::exchange(has_lent, true)) first_.swap(second_);
    return std::as_writable_bytes(std::span(first_));
  }
  void put_off() noexcept override {
    if (std::exchange(has_lent, false)) first_.assign(first_.size(), '!');
  }
  /// Bytes have come into it.
  void filled() {
    EXPECT_TRUE(has_lent);
    has_lent = false;
  }

  bool has_lent = false;

 private:
  std::string first_;
  std::string second_;
};

/// Reads a body to its end, `read_size` bytes at a time, or in place.
class BodyReader final : public net::Acceptor {
 public:
  struct Options {
    BodyFraming framing = kNone;
    bool expects_continue = false;
    std::string buffered = {};     // what came with the head
    std::size_t read_size = 1000;  // kInPlace: what next() gives
    std::uint64_t max_content_length = UINT64_MAX;
    bool is_lent = false;  // reads into what is lent when something has come
    bool is_slow = false;  // looks at each piece again when a millisecond is over
  };

  BodyReader(SimNetwork& network, Options options)
      : lender(options.read_size), network_(network), options_(options) {
    limits_.max_content_length = options.max_content_length;
    limits_.body_idle_ms = 1000;
  }
  ~BodyReader() {
    runner_.cancel();
    body_.reset();
    if (connection_ != nullptr) connection_->close();
  }

  void accepted(net::Connection& connection) noexcept override {
    connection_ = &connection;
    const std::string come = std::string(kHead) + options_.buffered;
    come.copy(reinterpret_cast<char*>(input_.room().data()), come.size());
    input_.filled(come.size());
    head_ = input_.keep_head(kHead.size());
    body_.emplace(context_, connection, input_, limits_, options_.framing,
                  options_.expects_continue);
    runner_.start(options_.read_size == kInPlace ? read_in_place(context_, *this)
                  : options_.is_lent             ? read_into_lent(context_, *this)
                                                 : read_all(context_, *this));
  }

  bool has_ended() const { return has_ended_; }
  Body& body() { return *body_; }

  std::string data;
  Error error = Error::none;
  std::vector<std::size_t> sizes;
  TestLender lender;
  /// What is left for the next request.
  std::string rest() const { return std::string(as_text(input_.unread())); }
  std::string_view head() const { return head_; }

 private:
  static Task<> read_all(coro::Context&, BodyReader& self) {
    std::string buffer(self.options_.read_size, '\0');
    while (true) {
      const Bytes bytes = co_await self.body_->read(std::as_writable_bytes(std::span(buffer)));
      self.sizes.push_back(bytes.size());
      if (bytes.empty()) break;
      self.data += as_text(bytes);
    }
  }
  static Task<> read_into_lent(coro::Context&, BodyReader& self) {
    while (true) {
      static_cast<void>(self.lender.room());  // as who asks first whether there is any
      const Bytes bytes = co_await self.body_->read(self.lender);
      self.sizes.push_back(bytes.size());
      if (bytes.empty()) break;
      self.lender.filled();
      self.data += as_text(bytes);
    }
  }
  static Task<> read_in_place(coro::Context&, BodyReader& self) {
    while (true) {
      const Bytes bytes = co_await self.body_->next();
      self.sizes.push_back(bytes.size());
      if (bytes.empty()) break;
      const std::string come(as_text(bytes));
      if (self.options_.is_slow) co_await self.network_.loop().sleep(1);
      EXPECT_EQ(as_text(bytes), come) << "a piece lasts up to the next read";
      self.data += come;
    }
  }
  static void ended(void* self, Error error) noexcept {
    static_cast<BodyReader*>(self)->error = error;
    static_cast<BodyReader*>(self)->has_ended_ = true;
  }

  SimNetwork& network_;
  Options options_;
  Limits limits_;
  std::array<std::byte, 1024> input_memory_{};
  AlignedMemory arena_memory_{4096};
  Input input_{input_memory_};
  coro::Arena arena_{arena_memory_.bytes()};
  coro::Context context_{arena_, network_.loop().ready_list()};
  net::Connection* connection_ = nullptr;
  std::string_view head_;
  std::optional<Body> body_;
  coro::Runner runner_{network_.loop().ready_list(), &ended, this};
  bool has_ended_ = false;
};

struct Story {
  std::string data;
  Error error = Error::none;
  bool operator==(const Story&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Story& story) {
  return out << describe(story.error).text << ' ' << story.data.size() << ':' << story.data;
}

/// Reads a body that comes as `sent` after `buffered` has come with its head.
Story read_body_once(BodyReader::Options options, std::string_view sent, Pieces pieces,
                     std::uint64_t seed) {
  SimNetwork network(seed);
  BodyReader reader(network, std::move(options));
  SimPeer& peer = network.connect(reader, {.reads = pieces});
  peer.send(sent);
  peer.finish_sending();
  network.loop().run_to_end();
  EXPECT_TRUE(reader.has_ended());
  EXPECT_EQ(reader.head(), kHead);
  // What came together with an error is not handed out any more.
  if (reader.error == Error::none) {
    EXPECT_EQ(reader.body().received_bytes(), reader.data.size());
  } else {
    EXPECT_GE(reader.body().received_bytes(), reader.data.size());
  }
  return {reader.data, reader.error};
}

/// The same, read in each way: also into what is lent.
Story read_body(const BodyReader::Options& options, std::string_view sent,
                Pieces pieces = Pieces::whole, std::uint64_t seed = 1) {
  const Story story = read_body_once(options, sent, pieces, seed);
  if (options.read_size == kInPlace) return story;
  BodyReader::Options lent = options;
  lent.is_lent = true;
  EXPECT_EQ(read_body_once(lent, sent, pieces, seed), story);
  return story;
}

std::string long_text(std::size_t size) {
  std::string text;
  for (int i = 0; text.size() < size; ++i) text += std::to_string(i) + ' ';
  return text.substr(0, size);
}

TEST(Body, WithoutFramingIsEmptyAndReadsNothing) {
  for (const BodyFraming framing : {kNone, length(0)}) {
    SimNetwork network;
    BodyReader reader(network, {.framing = framing, .expects_continue = true});
    SimPeer& peer = network.connect(reader);
    peer.send("the next request");
    network.loop().run_until_idle();
    EXPECT_TRUE(reader.has_ended());
    EXPECT_EQ(reader.sizes, std::vector<std::size_t>{0});
    EXPECT_TRUE(reader.body().is_finished());
    EXPECT_FALSE(reader.body().awaits_continue());
    EXPECT_EQ(reader.body().remaining_bytes(), 0u);
    EXPECT_EQ(peer.unread_size(), 16u);
    EXPECT_EQ(peer.received(), "");
  }
}

TEST(Body, ReadsTheSameHoweverItIsCut) {
  const std::string text = long_text(3000);
  struct Row {
    BodyFraming framing;
    std::string wire;
  };
  const Row rows[] = {
      {length(3000), text},
      {kChunked, chunked(text, 3000)},
      {kChunked, chunked(text, 1)},
      {kChunked, chunked(text, 700)},
      {kChunked, "5;a=b\r\n01234\r\n00000000000A;x=\"q\"\r\n" + text.substr(0, 10) +
                     "\r\n0\r\nTrailer: x\r\n\r\n"},
  };
  for (const Row& row : rows) {
    const Story whole = read_body({.framing = row.framing}, row.wire);
    EXPECT_EQ(whole.error, Error::none);
    EXPECT_EQ(whole.data, row.wire.starts_with("5;") ? "01234" + text.substr(0, 10) : text);
    for (const std::size_t buffered : {0u, 1u, 2u, 7u, 500u, 900u}) {
      for (const std::size_t read_size : std::array<std::size_t, 5>{kInPlace, 1, 3, 600, 5000}) {
        for (const Pieces pieces : {Pieces::whole, Pieces::random, Pieces::single_bytes}) {
          BodyReader::Options options{.framing = row.framing,
                                      .buffered = row.wire.substr(0, buffered),
                                      .read_size = read_size};
          const std::string_view sent = std::string_view(row.wire).substr(options.buffered.size());
          EXPECT_EQ(read_body(options, sent, pieces, buffered + read_size), whole)
              << buffered << ' ' << read_size;
        }
      }
    }
  }
}

TEST(Body, WhoWaitsHoldsNothingThatIsLent) {
  for (const BodyFraming framing : {length(9), kChunked}) {
    for (const bool expects_continue : {false, true}) {
      SimNetwork network;
      BodyReader reader(
          network, {.framing = framing, .expects_continue = expects_continue, .is_lent = true});
      SimPeer& peer = network.connect(reader);
      const std::string wire =
          framing.kind == kChunked.kind ? chunked("012345678", 4) : "012345678";
      for (const char byte : wire) {
        network.loop().run_until_idle();
        EXPECT_FALSE(reader.has_ended());
        EXPECT_FALSE(reader.lender.has_lent);
        peer.send({&byte, 1});
      }
      network.loop().run_until_idle();
      EXPECT_TRUE(reader.has_ended());
      EXPECT_EQ(reader.data, "012345678");
    }
  }
}

TEST(Body, LeavesWhatFollowsToTheNextRequest) {
  const std::string next = "GET /next";
  for (const auto& [framing, wire] :
       {std::pair(length(5), std::string("01234")), std::pair(kChunked, chunked("01234", 2))}) {
    const std::string all = wire + next;
    for (std::size_t cut = 0; cut <= all.size(); ++cut) {
      for (const std::size_t read_size : {kInPlace, std::size_t{1000}}) {
        SimNetwork network;
        BodyReader reader(
            network, {.framing = framing, .buffered = all.substr(0, cut), .read_size = read_size});
        SimPeer& peer = network.connect(reader);
        peer.send(all.substr(cut));
        network.loop().run_until_idle();
        ASSERT_TRUE(reader.has_ended());
        EXPECT_EQ(reader.data, "01234");
        EXPECT_TRUE(reader.body().is_finished());
        EXPECT_EQ(reader.rest() + all.substr(all.size() - peer.unread_size()), next) << cut;
        EXPECT_EQ(reader.head(), kHead);
      }
    }
  }
}

// The buffer is smaller than the body, and what comes next lies in it behind what is being read.
TEST(Body, PieceInPlaceLastsUpToTheNextReadHoweverMuchComesMeanwhile) {
  const std::string text = long_text(5000);
  const std::string next = "GET /next";
  for (const auto& [framing, wire] :
       {std::pair(length(5000), text), std::pair(kChunked, chunked(text, 5000)),
        std::pair(kChunked, chunked(text, 300)), std::pair(kChunked, chunked(text, 7))}) {
    for (const std::size_t buffered : {0u, 1u, 4u, 900u}) {
      for (const Pieces pieces : {Pieces::whole, Pieces::random}) {
        const std::string all = wire + next;
        SimNetwork network(buffered + 1);
        BodyReader reader(network, {.framing = framing,
                                    .buffered = all.substr(0, buffered),
                                    .read_size = kInPlace,
                                    .is_slow = true});
        SimPeer& peer = network.connect(reader, {.reads = pieces, .max_delay_ms = 3});
        peer.send(all.substr(buffered));
        network.loop().run_to_end();
        ASSERT_TRUE(reader.has_ended());
        EXPECT_EQ(reader.error, Error::none);
        EXPECT_EQ(reader.data, text);
        EXPECT_EQ(reader.rest() + all.substr(all.size() - peer.unread_size()), next);
        EXPECT_EQ(reader.head(), kHead);
      }
    }
  }
}

TEST(Body, PiecesInPlaceAreAsLongAsTheBufferHasRoom) {
  SimNetwork network;
  BodyReader reader(network, {.framing = length(5000), .read_size = kInPlace});
  network.connect(reader).send(long_text(5000));
  network.loop().run_until_idle();
  const std::size_t room = 1024 - kHead.size();
  EXPECT_EQ(reader.sizes, (std::vector<std::size_t>{room, room, room, room, room, 15, 0}));
}

// Bytes that are not buffered yet go straight into the reader's span: one read gets them all.
TEST(Body, TakesLargePiecesInOneRead) {
  const std::string text = long_text(5000);
  SimNetwork network;
  BodyReader reader(network, {.framing = length(5000), .read_size = 6000});
  network.connect(reader).send(text);
  network.loop().run_until_idle();
  EXPECT_EQ(reader.sizes, (std::vector<std::size_t>{5000, 0}));

  SimNetwork other;
  BodyReader in_chunks(other, {.framing = kChunked, .read_size = 6000});
  SimPeer& peer = other.connect(in_chunks);
  peer.send("1388\r\n");
  other.loop().run_until_idle();
  peer.send(text + "\r\n0\r\n\r\n");
  other.loop().run_until_idle();
  EXPECT_EQ(in_chunks.sizes, (std::vector<std::size_t>{5000, 0}));
}

TEST(Body, ChunksThatAreBufferedComeInOneRead) {
  const Story story = read_body({.framing = kChunked, .buffered = chunked("abcdefghij", 3)}, "");
  EXPECT_EQ(story.data, "abcdefghij");
  SimNetwork network;
  BodyReader reader(network, {.framing = kChunked, .buffered = chunked("abcdefghij", 3)});
  network.connect(reader);
  network.loop().run_until_idle();
  EXPECT_EQ(reader.sizes, (std::vector<std::size_t>{10, 0}));
}

TEST(Body, TellsWhatIsLeft) {
  SimNetwork network;
  BodyReader reader(network, {.framing = length(10)});
  SimPeer& peer = network.connect(reader);
  peer.send("0123");
  network.loop().run_until_idle();
  EXPECT_EQ(reader.body().content_length(), 10u);
  EXPECT_EQ(reader.body().remaining_bytes(), 6u);
  EXPECT_EQ(reader.body().received_bytes(), 4u);
  EXPECT_FALSE(reader.body().is_finished());

  BodyReader in_chunks(network, {.framing = kChunked, .buffered = "3\r\nabc"});
  network.connect(in_chunks);
  network.loop().run_until_idle();
  EXPECT_EQ(in_chunks.body().content_length(), std::nullopt);
  EXPECT_EQ(in_chunks.body().remaining_bytes(), UINT64_MAX);
}

TEST(Body, AsksForTheBodyAtTheFirstReadOnly) {
  for (const BodyFraming framing : {length(10), kChunked}) {
    for (const std::size_t read_size : {kInPlace, std::size_t{4}}) {
      SimNetwork network;
      BodyReader reader(network,
                        {.framing = framing, .expects_continue = true, .read_size = read_size});
      SimPeer& peer = network.connect(reader);
      network.loop().run_until_idle();
      EXPECT_EQ(peer.received(), http::kContinue);
      EXPECT_FALSE(reader.body().awaits_continue());
      peer.send(framing.kind == BodyFraming::Kind::length ? "0123456789"
                                                          : chunked("0123456789", 3));
      network.loop().run_until_idle();
      EXPECT_TRUE(reader.has_ended());
      EXPECT_EQ(reader.data, "0123456789");
      EXPECT_EQ(peer.received(), http::kContinue);
    }
  }
}

TEST(Body, AsksForNothingThatHasBegunToCome) {
  for (const std::size_t read_size : {kInPlace, std::size_t{1000}}) {
    SimNetwork network;
    BodyReader reader(
        network,
        {.framing = length(10), .expects_continue = true, .buffered = "0", .read_size = read_size});
    SimPeer& peer = network.connect(reader);
    peer.send("123456789");
    network.loop().run_until_idle();
    EXPECT_EQ(reader.data, "0123456789");
    EXPECT_EQ(peer.received(), "");
  }
}

TEST(Body, ContinueIsWrittenBeforeAnythingIsReadHoweverSlowly) {
  for (const Pieces pieces : {Pieces::whole, Pieces::random, Pieces::single_bytes}) {
    for (const std::size_t read_size : {kInPlace, std::size_t{1000}}) {
      SimNetwork network(3);
      BodyReader reader(network,
                        {.framing = length(3), .expects_continue = true, .read_size = read_size});
      SimPeer& peer =
          network.connect(reader, {.reads = pieces, .writes = pieces, .max_delay_ms = 9});
      peer.send("abc");
      network.loop().run_to_end();
      EXPECT_EQ(reader.data, "abc");
      EXPECT_EQ(peer.received(), http::kContinue);
    }
  }
}

TEST(Body, InterruptWhileTheClientIsBeingAskedEndsTheRead) {
  for (const std::size_t read_size : {kInPlace, std::size_t{1000}}) {
    SimNetwork network;
    BodyReader reader(network,
                      {.framing = length(3), .expects_continue = true, .read_size = read_size});
    SimPeer& peer = network.connect(reader, {.window_size = 10});
    peer.stop_reading();
    network.loop().run_until_idle();
    reader.body().interrupt();
    EXPECT_FALSE(reader.has_ended());
    peer.read_again();
    network.loop().run_until_idle();
    EXPECT_TRUE(reader.has_ended());
    EXPECT_EQ(reader.error, Error::cancelled);
    EXPECT_EQ(peer.received(), http::kContinue);
  }
}

TEST(Body, LimitOfTheWholeBodyHoldsForChunks) {
  for (const Pieces pieces : {Pieces::whole, Pieces::random, Pieces::single_bytes}) {
    for (const std::size_t size : {1u, 7u, 100u}) {
      for (const std::size_t buffered : {0u, 20u, 400u}) {
        for (const std::uint64_t limit : {99u, 100u, 101u}) {
          const std::string wire = chunked(long_text(100), size);
          const std::string come = wire.substr(0, buffered);
          for (const std::size_t read_size : {kInPlace, std::size_t{1000}}) {
            const Story story = read_body({.framing = kChunked,
                                           .buffered = come,
                                           .read_size = read_size,
                                           .max_content_length = limit},
                                          wire.substr(come.size()), pieces);
            EXPECT_EQ(story.error, limit < 100 ? Error::content_too_large : Error::none);
            EXPECT_LE(story.data.size(), limit);
          }
        }
      }
    }
  }
}

TEST(Body, LimitIsPassedBeforeWhatIsMalformedBehindIt) {
  const std::string wire = "5\r\nabcde\r\n5\r\nfghij\r\nnonsense";
  for (std::size_t buffered = 0; buffered <= wire.size(); ++buffered) {
    for (const std::size_t read_size : {kInPlace, std::size_t{1000}}) {
      const Story story = read_body({.framing = kChunked,
                                     .buffered = wire.substr(0, buffered),
                                     .read_size = read_size,
                                     .max_content_length = 9},
                                    wire.substr(buffered));
      EXPECT_EQ(story.error, Error::content_too_large) << buffered;
    }
  }
}

TEST(Body, MalformedChunksEndItAtWhateverPlace) {
  for (const std::string_view wire : {"x\r\n", "5\nabcde", "5\r\nabcdeX", "5\r\nabcde\n", "-1\r\n",
                                      "0x5\r\nabcde", "10000000000000000\r\n", "\r\n", " 5\r\n",
                                      "5 5\r\n", "0\r\nbad trailer\r\n\r\n", "0\r\n\rx"}) {
    for (std::size_t buffered = 0; buffered <= wire.size(); ++buffered) {
      for (const std::size_t read_size : {kInPlace, std::size_t{1}, std::size_t{100}}) {
        const Story story = read_body({.framing = kChunked,
                                       .buffered = std::string(wire.substr(0, buffered)),
                                       .read_size = read_size},
                                      wire.substr(buffered));
        EXPECT_EQ(story.error, Error::malformed) << wire << ' ' << buffered;
      }
    }
  }
}

TEST(Body, PeerThatIsGoneAtAnyByteEndsIt) {
  for (const auto& [framing, wire] :
       {std::pair(length(20), long_text(20)), std::pair(kChunked, chunked(long_text(20), 6))}) {
    for (std::size_t sent = 0; sent < wire.size(); ++sent) {
      for (const std::size_t buffered : {std::size_t{0}, sent / 2, sent}) {
        for (const std::size_t read_size : {kInPlace, std::size_t{1000}}) {
          const Story story = read_body(
              {.framing = framing, .buffered = wire.substr(0, buffered), .read_size = read_size},
              wire.substr(buffered, sent - buffered));
          EXPECT_EQ(story.error, Error::closed) << sent << ' ' << buffered;
          EXPECT_TRUE(long_text(20).starts_with(story.data));

          SimNetwork network;
          BodyReader reader(
              network,
              {.framing = framing, .buffered = wire.substr(0, buffered), .read_size = read_size});
          SimPeer& peer = network.connect(reader);
          peer.send(wire.substr(buffered, sent - buffered));
          network.loop().run_until_idle();
          peer.reset();
          network.loop().run_until_idle();
          EXPECT_EQ(reader.error, Error::closed) << sent << ' ' << buffered;
        }
      }
    }
  }
}

TEST(Body, SilenceEndsItAfterTheIdleTimeAndNotBefore) {
  for (const BodyFraming framing : {length(10), kChunked}) {
    for (const std::string_view begun : {"", "3\r\nabc\r\n", "3\r\nab", "3"}) {
      for (const std::size_t read_size : {kInPlace, std::size_t{1000}}) {
        SimNetwork network;
        BodyReader reader(network, {.framing = framing, .read_size = read_size});
        SimPeer& peer = network.connect(reader);
        network.loop().run_until_idle();
        for (const char c : begun) {
          network.loop().advance(999);
          EXPECT_FALSE(reader.has_ended());
          peer.send(std::string(1, c));
          network.loop().run_until_idle();
        }
        network.loop().advance(999);
        EXPECT_FALSE(reader.has_ended());
        network.loop().advance(1);
        EXPECT_TRUE(reader.has_ended());
        EXPECT_EQ(reader.error, Error::timed_out);
      }
    }
  }
}

// Its frame goes away with the read, or the 100 before it, under way.
TEST(Body, ReaderThatIsDestroyedWhileItWaitsLeavesNothingBehind) {
  for (const BodyFraming framing : {length(10), kChunked}) {
    for (const bool expects_continue : {false, true}) {
      for (const std::size_t read_size : {kInPlace, std::size_t{4}}) {
        for (const std::string_view begun : {"", "3\r\nab"}) {
          for (int rounds = 0; rounds < 4; ++rounds) {
            SimNetwork network;
            std::optional<BodyReader> reader(
                std::in_place, network,
                BodyReader::Options{.framing = framing,
                                    .expects_continue = expects_continue,
                                    .read_size = read_size});
            SimPeer& peer = network.connect(*reader, {.writes = Pieces::single_bytes});
            network.loop().run_until_idle();
            peer.send(begun);
            for (int round = 0; round < rounds; ++round) network.loop().ready_list().run_round();
            reader.reset();
            peer.send("more");
            network.loop().run_to_end();
            EXPECT_EQ(network.open_count(), 0u);
          }
        }
      }
    }
  }
}

// A client that does not get to send: each read or write that begins, in turn, finds it gone.
TEST(Body, EachOperationMayFail) {
  for (const std::size_t read_size : {kInPlace, std::size_t{4}}) {
    for (std::uint64_t index = 0;; ++index) {
      SimNetwork network;
      BodyReader reader(network,
                        {.framing = kChunked, .expects_continue = true, .read_size = read_size});
      network.fail_from(index);
      SimPeer& peer = network.connect(reader);
      network.loop().run_until_idle();
      for (const char c : chunked("0123456789", 3)) {
        peer.send(std::string(1, c));
        network.loop().run_until_idle();
      }
      EXPECT_TRUE(reader.has_ended());
      if (network.operation_count() <= index) {
        EXPECT_EQ(reader.error, Error::none);
        EXPECT_GT(index, 10u);
        break;
      }
      EXPECT_EQ(reader.error, Error::closed) << index;
    }
  }
}

}  // namespace
}  // namespace wherry::app
