// SPDX-License-Identifier: MIT
// What becomes of an exchange when each single thing in it fails, one after the other: an
// allocation, an operation of the storage, one of the network, a byte that no longer comes. The
// client is told, or the connection ends; nothing is left behind; the old file or the new one is
// there, never anything else.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wherry/app/test_client.h"
#include "wherry/transfer/service.h"

namespace wherry::transfer {
namespace {

using app::chunked;
using app::Limits;
using app::LoneSession;
using app::Reply;
using app::request_text;
using app::TestWorld;

std::string content(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i) text += std::to_string(i) + ' ';
  return text.substr(0, size);
}

const std::string kOld = content(700);
const std::string kNew = content(1800);
const std::string kLarge = content(20'000);
const std::string kNewSha256 = "lXNGJ7fFv6+GmXuXOf9xR9uLc/jo3LQLNF2jZYUtOWM=";

constexpr std::string_view kFormType = "Content-Type: multipart/form-data; boundary=XyZ\r\n";

std::string form(std::string_view second_name) {
  std::string body =
      "--XyZ\r\nContent-Disposition: form-data; name=\"f\"; filename=\"old\"\r\n\r\n" + kNew;
  if (!second_name.empty()) {
    body += "\r\n--XyZ\r\nContent-Disposition: form-data; name=\"g\"; filename=\"" +
            std::string(second_name) + "\"\r\n\r\nsecond";
  }
  return request_text("POST", "/upload", kFormType, body + "\r\n--XyZ--\r\n");
}

/// One request of each kind that the service knows, and what it is answered when nothing fails.
struct Case {
  std::string name;
  std::string input;
  int status;
  bool is_upload = false;
  bool reads_while_it_sends = false;  // so that a failure may come behind the head
};

std::vector<Case> cases() {
  const std::string json = "Content-Type: application/json\r\n";
  const std::string file = "/download/file/";
  return {
      {"upload", request_text("PUT", "/upload/old", "", kNew), 200, true},
      {"upload in chunks",
       request_text("PUT", "/upload/old", "Transfer-Encoding: chunked\r\n") + chunked(kNew, 400),
       200, true},
      {"upload on conditions",
       request_text("PUT", "/files/old", "If-Match: *\r\nIf-None-Match: \"x\"\r\n", kNew), 200,
       true},
      {"upload with a digest",
       request_text("PUT", "/files/old", "Repr-Digest: sha-256=:" + kNewSha256 + ":\r\n", kNew),
       200, true},
      {"upload with a wrong digest",
       request_text("PUT", "/files/old?crc32=1", "Repr-Digest: sha-256=:" + kNewSha256 + ":\r\n",
                    kNew),
       422},
      {"upload against a condition",
       request_text("PUT", "/files/old", "If-None-Match: *\r\n", kNew), 412},
      {"form", form(""), 201, true},
      {"form with two files", form("new"), 201, true},
      {"discard", request_text("PUT", "/discard/x", "", kNew), 200},
      {"download", request_text("GET", file + "old"), 200, false, true},
      {"large download", request_text("GET", file + "large"), 200, false, true},
      {"range", request_text("GET", file + "large", "Range: bytes=100-199\r\n"), 206},
      {"ranges", request_text("GET", file + "large", "Range: bytes=0-9,100-199,9000-18999\r\n"),
       206, false, true},
      {"ranges of what is made",
       request_text("GET", "/download/generate/40000", "Range: bytes=0-9,100-19999\r\n"), 206},
      {"digest", request_text("HEAD", file + "large", "Want-Repr-Digest: sha-256=1\r\n"), 200},
      {"digest of what is made",
       request_text("GET", "/download/generate/9000", "Want-Repr-Digest: crc32c=1\r\n"), 200},
      {"other version", request_text("GET", file + "old", "If-Match: \"x\"\r\n"), 412},
      {"no range", request_text("GET", file + "old", "Range: bytes=1000-\r\n"), 416},
      {"unmodified",
       request_text("GET", file + "old", "If-Modified-Since: Sat, 01 Jan 2028 00:00:00 GMT\r\n"),
       304},
      {"no file", request_text("GET", file + "none"), 404},
      {"generate", request_text("GET", "/download/generate/40000"), 200},
      {"report", request_text("POST", "/download/report", json, "{\"size\": 5000}"), 200},
      {"bad report", request_text("POST", "/download/report", json, "{\"size\": -1}"), 400},
      {"list", request_text("GET", "/files/"), 200},
      {"list as JSON", request_text("GET", "/files/?limit=1", "Accept: application/json\r\n"), 200},
      {"archive", request_text("GET", "/files/?archive=tar"), 200, false, true},
      {"folder without a slash", request_text("GET", "/files/none"), 404},
      {"removal of nothing", request_text("DELETE", "/files/none"), 404},
      {"move onto a file", request_text("POST", "/files/old?move=large"), 409},
      {"root", request_text("GET", "/"), 200},
      {"head", request_text("HEAD", file + "large"), 200},
      {"bad path", request_text("PUT", "/upload/..", "", "x"), 400},
      {"nothing", request_text("GET", "/nothing"), 404},
      {"wrong method", request_text("DELETE", "/upload/x"), 405},
      {"options", request_text("OPTIONS", "/upload/x"), 204},
      {"malformed", "nonsense\r\n\r\n", 400},
  };
}

/// A service with three files and one connection.
struct Exchange {
  explicit Exchange(const Limits& limits = app::small_limits(), bool has_slow_storage = false,
                    std::uint32_t file_count = 16)
      : world(1, has_slow_storage, file_count) {
    world.storage.set_clock(1'700'000'000);
    world.store("old", kOld);
    world.store("large", kLarge);
    block_count = world.storage.blocks_in_use();
    session.emplace(kService, limits, world);
  }

  /// Sends `input` and ends sending; then waits for the end of the connection.
  void run(std::string_view input, net::sim::SimOptions options = {}) {
    peer = &world.network.connect(*session, std::move(options));
    peer->send(input);
    peer->finish_sending();
    world.network.loop().run_to_end();
  }
  std::vector<Reply> replies() const {
    std::vector<std::string> methods;
    for (const auto& record : world.log.records) {
      if (record.status != 0) methods.push_back(record.method);
    }
    return app::read_replies(peer->received(), methods, peer->has_seen_end());
  }
  /// The status of the only reply; 0: there is none, or not the whole of it.
  int status() const {
    const auto all = replies();
    EXPECT_LE(all.size(), 1u);
    return all.empty() || !all[0].is_whole ? 0 : all[0].status;
  }

  /// Checks that nothing of the exchange is left, and that the files are whole.
  /// Returns: whether the upload became visible.
  bool check_what_is_left(const std::string& where) {
    EXPECT_TRUE(session->is_over()) << where;
    EXPECT_EQ(session->arena().live_count(), 0u) << where;
    EXPECT_EQ(session->arena().used_bytes(), 0u) << where;
    EXPECT_EQ(world.leftovers(), "") << where;
    const auto old_file = world.stored("old");
    EXPECT_TRUE(old_file == kOld || old_file == kNew) << where;
    const auto second = world.stored("new");
    EXPECT_TRUE(!second || second == "second") << where;
    EXPECT_TRUE(world.stored("large") == kLarge) << where;
    const std::size_t block = world.storage.block_bytes();
    const std::size_t added = (old_file->size() + block - 1) / block -
                              (kOld.size() + block - 1) / block + (second ? 1 : 0);
    EXPECT_EQ(world.storage.blocks_in_use(), block_count + added) << where;
    return old_file == kNew;
  }

  TestWorld world;
  std::optional<LoneSession> session;
  net::sim::SimPeer* peer = nullptr;
  std::uint32_t block_count = 0;
};

TEST(Failure, WithoutOneEachRequestIsAnswered) {
  for (const Case& example : cases()) {
    for (const bool has_slow_storage : {false, true}) {
      Exchange exchange(app::small_limits(), has_slow_storage);
      exchange.run(example.input);
      EXPECT_EQ(exchange.status(), example.status) << example.name;
      EXPECT_EQ(exchange.check_what_is_left(example.name), example.is_upload);
    }
  }
}

// From the n-th on, no allocation succeeds any more: 503, or the end of the connection.
TEST(Failure, OfAnyAllocation) {
  for (const Case& example : cases()) {
    for (const bool has_slow_storage : {false, true}) {
      int told_count = 0;
      for (std::uint32_t index = 0;; ++index) {
        ASSERT_LT(index, 200u);
        Exchange exchange(app::small_limits(), has_slow_storage);
        exchange.session->arena().fail_from(index);
        exchange.run(example.input);
        const std::string where = example.name + " " + std::to_string(index);
        const int status = exchange.status();
        const bool is_stored = exchange.check_what_is_left(where);
        if (exchange.session->arena().failure_count() == 0) {
          EXPECT_EQ(status, example.status) << where;
          break;
        }
        EXPECT_TRUE(status == 0 || status == 503 || status == example.status) << where << status;
        if (status == 503) ++told_count;
        if (example.is_upload && status / 100 == 2) {
          EXPECT_TRUE(is_stored) << where;
        }
      }
      EXPECT_EQ(told_count, 0) << "a refusal takes memory itself";
    }
  }
}

// An arena of each size: the client is told whenever there is any memory to tell it, and a refusal
// means that nothing has changed.
TEST(Failure, OfAnArenaThatIsTooSmall) {
  for (const Case& example : cases()) {
    bool was_answered = false;
    bool was_refused = false;
    for (std::size_t size = 512; size <= 12 * 1024; size += 64) {
      Limits limits = app::small_limits();
      limits.arena_bytes = size;
      Exchange exchange(limits);
      exchange.run(example.input);
      const std::string where = example.name + " " + std::to_string(size);
      const int status = exchange.status();
      const bool is_stored = exchange.check_what_is_left(where);
      if (status == example.status) {
        was_answered = true;
        EXPECT_EQ(is_stored, example.is_upload) << where;
      } else {
        EXPECT_FALSE(was_answered) << where << ": a larger arena cannot do less";
        EXPECT_TRUE(status == 503 || (status == 0 && !was_refused)) << where << ' ' << status;
        EXPECT_FALSE(is_stored && example.name != "form with two files") << where;
        was_refused = was_refused || status == 503;
      }
    }
    EXPECT_TRUE(was_answered) << example.name;
    EXPECT_TRUE(was_refused || example.name == "malformed") << example.name;
  }
}

TEST(Failure, OfAnyOperationOfTheStorage) {
  for (const Case& example : cases()) {
    for (const bool has_slow_storage : {false, true}) {
      for (const Error error : {Error::disk_failed, Error::no_space, Error::busy}) {
        for (std::uint64_t index = 0;; ++index) {
          ASSERT_LT(index, 200u);
          Exchange exchange(app::small_limits(), has_slow_storage);
          const std::uint64_t first = exchange.world.storage.operation_count();
          exchange.world.storage.fail_operation(index, error);
          exchange.run(example.input);
          const std::string where = example.name + " " + std::to_string(index);
          const bool has_failed = exchange.world.storage.operation_count() - first > index;
          exchange.world.storage.fail_operation(0, Error::none);  // not what is done to check
          const int status = exchange.status();
          const bool is_stored = exchange.check_what_is_left(where);
          if (!has_failed) {
            EXPECT_EQ(status, example.status) << where;
            break;
          }
          // Who finds no room to begin with has old uploads removed, and tries once more.
          if (error == Error::no_space && status == example.status) continue;
          // Only where the head has gone out already, a failure cannot be told.
          if (status != 0) {
            EXPECT_EQ(status, describe(error).status) << where;
          } else {
            EXPECT_TRUE(example.reads_while_it_sends) << where;
            ASSERT_EQ(exchange.replies().size(), 1u);
            EXPECT_FALSE(exchange.replies()[0].is_whole);
          }
          ASSERT_EQ(exchange.world.log.records.size(), 1u);
          EXPECT_EQ(exchange.world.log.records[0].outcome, error) << where;
          EXPECT_FALSE(is_stored && example.name != "form with two files") << where;
        }
      }
    }
  }
}

TEST(Failure, OfAnyOperationOfTheNetwork) {
  for (const Case& example : cases()) {
    for (const bool has_slow_storage : {false, true}) {
      for (std::uint64_t index = 0;; ++index) {
        ASSERT_LT(index, 2000u);
        Exchange exchange(app::small_limits(), has_slow_storage);
        exchange.world.network.fail_from(index);
        exchange.run(example.input);
        exchange.check_what_is_left(example.name + " " + std::to_string(index));
        if (exchange.world.network.operation_count() <= index) break;
      }
    }
  }
}

// The client takes so many bytes of its reply, and is gone.
TEST(Failure, OfThePeerAfterAnyByteOfItsReply) {
  for (const Case& example : cases()) {
    Exchange whole;
    whole.run(example.input);
    const std::size_t size = whole.peer->received().size();
    for (std::size_t taken = 1; taken < size; taken += taken < 700 ? 1 : 997) {
      for (const bool has_slow_storage : {false, true}) {
        Exchange exchange(app::small_limits(), has_slow_storage);
        exchange.peer = &exchange.world.network.connect(*exchange.session, {.window_size = taken});
        exchange.peer->stop_reading();
        exchange.peer->send(example.input);
        exchange.world.network.loop().run_until_idle();
        exchange.peer->reset();
        exchange.world.network.loop().run_to_end();
        exchange.check_what_is_left(example.name + " " + std::to_string(taken));
      }
    }
  }
}

// A slow storage under a server that goes away, or a peer that does, at any moment.
TEST(Failure, OfAnythingWhileTheDiskIsAtWork) {
  for (const Case& example : cases()) {
    for (std::size_t steps = 0; steps < 40; ++steps) {
      Exchange exchange(app::small_limits(), true);
      exchange.peer = &exchange.world.network.connect(
          *exchange.session, {.reads = net::sim::Pieces::random, .max_delay_ms = 2});
      exchange.world.network.loop().run_until_idle();
      exchange.peer->send(example.input);
      for (std::size_t i = 0; i < steps; ++i) {
        exchange.world.network.loop().ready_list().run_round();
        if (i % 4 == 3) exchange.world.network.loop().advance(1);
      }
      exchange.session.reset();
      exchange.world.network.loop().run_until_idle();
      EXPECT_EQ(exchange.world.leftovers(), "") << example.name << ' ' << steps;
      const auto old_file = exchange.world.stored("old");
      EXPECT_TRUE(old_file == kOld || old_file == kNew) << example.name;
    }
  }
}

// With the limits that everyone gets: the buffers that they ask for, and at most half of an arena's
// rest, so that handlers to come have the other half.
TEST(Failure, IsFarAwayWithTheDefaultLimits) {
  const Limits limits;
  for (const Case& example : cases()) {
    Exchange exchange(limits);
    exchange.run(example.input);
    EXPECT_EQ(exchange.status(), example.status) << example.name;
    const std::size_t peak = exchange.session->arena().peak_bytes();
    std::printf("%-20s %6zu bytes of arena at the most\n", example.name.c_str(), peak);
    std::size_t buffers = 0;
    if (example.name.starts_with("form")) {
      buffers = limits.max_part_head_bytes + limits.max_form_reply_bytes;
    }
    EXPECT_LT(peak - buffers, (limits.arena_bytes - buffers) / 2) << example.name;
  }
}

TEST(Failure, IsNotMetByTheLargestFormEither) {
  for (const std::size_t name_size : {1u, 3u, 30u, 255u}) {
    const Limits limits;
    Exchange exchange(limits, false, 160);
    std::string body;
    // As many as the reply has room for, and then one more.
    const std::size_t count = limits.max_form_reply_bytes / (40 + name_size);
    for (std::size_t i = 0; i < count; ++i) {
      std::string name = std::to_string(i);
      name.insert(0, std::max(name_size, name.size()) - name.size(), 'n');
      body += "--XyZ\r\nContent-Disposition: form-data; name=\"f\"; filename=\"" + name +
              "\"\r\n\r\nx\r\n";
    }
    exchange.run(request_text("POST", "/upload", kFormType, body + "--XyZ--\r\n"));
    EXPECT_EQ(exchange.status(), 413) << name_size;
    EXPECT_LT(exchange.session->arena().peak_bytes(), limits.arena_bytes * 7 / 8) << name_size;
  }
}

}  // namespace
}  // namespace wherry::transfer
