// SPDX-License-Identifier: MIT
// What becomes of an upload by tus when any single thing in one of its requests fails: an
// allocation or an operation of the storage. What was told stays true, nothing is left open, and
// whoever goes on as the protocol says has the file in the end, whole.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

#include "wherry/app/test_client.h"
#include "wherry/transfer/service.h"

namespace wherry::transfer {
namespace {

using app::LoneSession;
using app::Reply;
using app::request_text;
using app::TestWorld;

constexpr std::string_view kBody = "the bytes of a file that comes in two parts";
constexpr std::size_t kFirst = 20;

/// What fails in one request: from that allocation on all, or one operation of the storage.
struct Failure {
  enum class Kind { none, allocation, storage };
  Kind kind = Kind::none;
  std::uint32_t index = 0;
  Error error = Error::none;
};

/// The requests of an upload, each of which may have a failure.
struct Upload {
  explicit Upload(bool has_slow_storage) : world(1, has_slow_storage) {
    world.storage.set_clock(world.network.loop().unix_time_s());
    world.store("f", "old");
  }

  /// Returns: the reply; its status is 0 when there is none, or not the whole of it.
  Reply ask(std::string_view method, std::string_view target, std::string_view fields,
            std::optional<std::string_view> body, const Failure& failure = {}) {
    LoneSession session(kService, app::small_limits(), world);
    const std::uint64_t first = world.storage.operation_count();
    if (failure.kind == Failure::Kind::allocation) session.arena().fail_from(failure.index);
    if (failure.kind == Failure::Kind::storage) {
      world.storage.fail_operation(failure.index, failure.error);
    }
    net::sim::SimPeer& peer = world.network.connect(session, {});
    const std::string all_fields = "Tus-Resumable: 1.0.0\r\n" + std::string(fields);
    peer.send(request_text(method, target, all_fields, body));
    peer.finish_sending();
    world.network.loop().run_to_end();
    has_failed = failure.kind == Failure::Kind::allocation
                     ? session.arena().failure_count() > 0
                     : world.storage.operation_count() - first > failure.index;
    world.storage.fail_operation(0, Error::none);
    EXPECT_TRUE(session.is_over());
    EXPECT_EQ(session.arena().used_bytes(), 0u);
    EXPECT_EQ(world.leftovers(), "");
    const auto replies =
        app::read_replies(peer.received(), {std::string(method)}, peer.has_seen_end());
    return replies.empty() || !replies[0].is_whole ? Reply() : replies[0];
  }

  Reply create(const Failure& failure = {}) {
    const std::string fields =
        "Upload-Metadata: filename Zg==\r\nUpload-Length: " + std::to_string(kBody.size()) + "\r\n";
    Reply reply = ask("POST", "/tus/", fields, "", failure);
    if (reply.status == 201) place = reply.header("Location");
    return reply;
  }
  Reply append(std::size_t from, std::size_t to, const Failure& failure = {}) {
    const std::string fields =
        "Content-Type: application/offset+octet-stream\r\nUpload-Offset: " + std::to_string(from) +
        "\r\n";
    return ask("PATCH", place, fields, kBody.substr(from, to - from), failure);
  }
  Reply head(const Failure& failure = {}) { return ask("HEAD", place, "", {}, failure); }

  /// Goes on as a client does, whatever came before.
  void go_on(std::size_t told) {
    if (place.empty()) create();
    ASSERT_NE(place, "");
    const Reply state = head();
    ASSERT_EQ(state.status, 200);
    const std::size_t offset = std::stoul(state.header("Upload-Offset"));
    ASSERT_LE(told, offset);
    ASSERT_LE(offset, kBody.size());
    if (offset < kBody.size()) {
      EXPECT_NE(world.stored("f"), kBody);
      ASSERT_EQ(append(offset, kBody.size()).status, 204);
    }
    EXPECT_EQ(world.stored("f"), kBody);
    EXPECT_EQ(ask("DELETE", place, "", {}).status, 204);
    EXPECT_EQ(world.stored("f"), kBody);
  }

  TestWorld world;
  std::string place;
  bool has_failed = false;  // the failure was met
};

enum class Step { create, first_part, head, last_part, remove };
constexpr Step kSteps[] = {Step::create, Step::first_part, Step::head, Step::last_part,
                           Step::remove};

/// All steps up to `step`, which has the failure; then what a client does.
/// Returns: whether the failure was met.
bool run(Step step, bool has_slow_storage, const Failure& failure) {
  Upload upload(has_slow_storage);
  const auto failure_of = [&](Step each) { return each == step ? failure : Failure(); };
  std::size_t told = 0;
  Reply reply = upload.create(failure_of(Step::create));
  if (step > Step::create) {
    reply = upload.append(0, kFirst, failure_of(Step::first_part));
    if (reply.status == 204) told = kFirst;
  }
  if (step == Step::head) reply = upload.head(failure);
  if (step == Step::last_part) {
    reply = upload.append(kFirst, kBody.size(), failure);
    if (reply.status == 204) told = kBody.size();
  }
  if (step == Step::remove) reply = upload.ask("DELETE", upload.place, "", {}, failure);
  const bool was_met = upload.has_failed;
  if (!was_met) {
    EXPECT_EQ(reply.status / 100, 2);
  } else if (failure.kind == Failure::Kind::storage) {
    EXPECT_TRUE(reply.status == describe(failure.error).status || reply.status / 100 == 2)
        << reply.status;
  } else {
    EXPECT_TRUE(reply.status == 0 || reply.status == 503 || reply.status / 100 == 2)
        << reply.status;
  }
  if (step == Step::remove) {
    const Reply again = upload.ask("DELETE", upload.place, "", {});
    EXPECT_TRUE(again.status == 204 || again.status == 404) << again.status;
    EXPECT_EQ(upload.head().status, 404);
    upload.place.clear();
    told = 0;
  }
  upload.go_on(told);
  return was_met;
}

void run_all(Failure::Kind kind, Error error) {
  for (const Step step : kSteps) {
    for (const bool has_slow_storage : {false, true}) {
      for (std::uint32_t index = 0;; ++index) {
        ASSERT_LT(index, 200u);
        SCOPED_TRACE("step " + std::to_string(static_cast<int>(step)) + " fails at " +
                     std::to_string(index));
        if (!run(step, has_slow_storage, {kind, index, error})) break;
        if (testing::Test::HasFailure()) return;
      }
    }
  }
}

TEST(TusFailure, OfAnyAllocation) { run_all(Failure::Kind::allocation, Error::none); }
TEST(TusFailure, OfTheDisk) { run_all(Failure::Kind::storage, Error::disk_failed); }
TEST(TusFailure, ForWantOfSpace) { run_all(Failure::Kind::storage, Error::no_space); }
TEST(TusFailure, OfAFileThatIsInUse) { run_all(Failure::Kind::storage, Error::busy); }

}  // namespace
}  // namespace wherry::transfer
