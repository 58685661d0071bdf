// SPDX-License-Identifier: MIT
#include "wherry/transfer/upload_sweep.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

#include "wherry/app/test_client.h"
#include "wherry/transfer/service.h"

namespace wherry::transfer {
namespace {

using app::Reply;
using app::request_text;
using app::TestServer;

constexpr std::string_view kPart = "Upload-Complete: ?0\r\n";
constexpr std::uint64_t kMaxAgeMs = 24ull * 60 * 60 * 1000;

struct UploadSweep : testing::TestWithParam<bool> {
  UploadSweep() {
    test.limits.max_unfinished_uploads = 7;  // the storage has 16 names
    test.limits.body_idle_ms = UINT32_MAX;
    set_clock();
  }

  bool has_clock() const { return GetParam(); }
  void set_clock() {
    const auto now_s = test.world.network.loop().unix_time_s();
    test.world.storage.set_clock(has_clock() ? now_s : std::nullopt);
  }
  void pass(std::uint64_t ms) {
    test.world.network.loop().advance(ms);
    set_clock();
  }

  Reply ask(std::string_view method, std::string_view target, std::string_view fields = "",
            std::optional<std::string_view> body = std::nullopt) {
    return test.exchange(request_text(method, target, fields, body)).back();
  }
  std::string begin(std::string_view body) {
    const Reply created = ask("PUT", "/files/f", kPart, body);
    EXPECT_EQ(created.status, 201);
    return created.header("Location");
  }
  int status(std::string_view upload) { return ask("HEAD", upload).status; }

  UploadsLeft sweep(Sweep which) {
    struct Task {
      static coro::Task<> run(coro::Context&, UploadSweeper& sweeper, Sweep which,
                              UploadsLeft& left) {
        left = co_await sweeper.sweep(which);
      }
    };
    alignas(coro::Arena::kAlignment) std::array<std::byte, 4096> memory{};
    coro::Arena arena(memory);
    auto& loop = test.world.network.loop();
    coro::Context context(arena, loop.ready_list());
    UploadSweeper sweeper(context, test.world.storage, loop, test.limits, test.server->claims());
    UploadsLeft left;
    Error error = Error::count_;
    coro::Runner runner(
        loop.ready_list(),
        [](void* owner, Error status) noexcept { *static_cast<Error*>(owner) = status; }, &error);
    runner.start(Task::run(context, sweeper, which, left));
    test.run();
    EXPECT_EQ(error, Error::none);
    return left;
  }

  TestServer test{kService};
};

INSTANTIATE_TEST_SUITE_P(WithAClockAndWithout, UploadSweep, testing::Bool(),
                         [](const auto& row) { return row.param ? "With" : "Without"; });

TEST_P(UploadSweep, RemovesWhatIsOldHoweverMuchItIs) {
  const std::uint32_t blocks = test.world.storage.blocks_in_use();
  for (int i = 0; i < 7; ++i) begin(std::string(1000, 'x'));
  pass(kMaxAgeMs - 1000);
  EXPECT_EQ(sweep(Sweep::all).count, 7u);
  pass(1000);
  const UploadsLeft left = sweep(Sweep::all);
  EXPECT_EQ(left.count, 0u);
  EXPECT_EQ(left.bytes, 0u);
  EXPECT_EQ(test.world.storage.blocks_in_use(), blocks);
}

TEST_P(UploadSweep, LeavesWhatSomebodyHasGoneOnWith) {
  const std::string old = begin("12345");
  const std::string young = begin("12345");
  pass(kMaxAgeMs / 2);
  EXPECT_EQ(
      ask("PATCH", young,
          "Upload-Offset: 5\r\nContent-Type: application/partial-upload\r\n" + std::string(kPart),
          "67890")
          .status,
      204);
  pass(kMaxAgeMs / 2);
  const UploadsLeft left = sweep(Sweep::old);
  EXPECT_EQ(left.count, 1u);
  EXPECT_EQ(left.bytes, 10u);
  EXPECT_EQ(status(old), 404);
  EXPECT_EQ(status(young), 204);
}

TEST_P(UploadSweep, NeverTouchesWhatARequestHas) {
  const std::string upload = begin("12345");
  net::sim::SimPeer& peer = test.connect();
  peer.send(request_text("PATCH", upload,
                         "Upload-Offset: 5\r\nContent-Type: application/partial-upload\r\n"
                         "Content-Length: 5\r\nUpload-Complete: ?1\r\n") +
            "678");
  test.run();
  pass(2 * kMaxAgeMs);
  EXPECT_EQ(sweep(Sweep::all).count, 1u);
  peer.send("90");
  test.run();
  ASSERT_FALSE(test.replies_to(peer).empty());
  EXPECT_EQ(test.replies_to(peer).back().status, 201);
  EXPECT_EQ(test.world.stored("f"), "1234567890");
  peer.reset();
  test.run();
}

TEST_P(UploadSweep, RemovesBytesWithoutANote) {
  const std::string upload = begin("12345");
  const std::string path = ".wherry" + upload;
  storage::RemoveOptions options;
  options.scope = storage::Scope::uploads;
  struct Task {
    static coro::Task<> run(coro::Context&, storage::Storage& storage, std::string_view name,
                            storage::RemoveOptions options) {
      co_await storage.remove(name, options);
    }
  };
  alignas(coro::Arena::kAlignment) std::array<std::byte, 1024> memory{};
  coro::Arena arena(memory);
  auto& loop = test.world.network.loop();
  coro::Context context(arena, loop.ready_list());
  Error error = Error::count_;
  coro::Runner runner(
      loop.ready_list(),
      [](void* owner, Error status) noexcept { *static_cast<Error*>(owner) = status; }, &error);
  const std::string note = path + ".note";
  runner.start(Task::run(context, test.world.storage, note, options));
  test.run();
  ASSERT_EQ(error, Error::none);
  const UploadsLeft left = sweep(Sweep::all);
  EXPECT_EQ(left.count, 0u);
  EXPECT_EQ(left.bytes, 0u);
}

TEST_P(UploadSweep, OfWhatIsDoneOnlyWhereThatIsAskedFor) {
  const auto put = [this](std::string_view path) {
    return ask("PUT", path, "Upload-Draft-Interop-Version: 8\r\nUpload-Complete: ?1\r\n", "done");
  };
  EXPECT_EQ(put("/files/a").status, 201);
  begin("12345");
  EXPECT_EQ(sweep(Sweep::none).count, 2u);
  EXPECT_EQ(sweep(Sweep::all).count, 2u);
  pass(60'000);
  EXPECT_EQ(put("/files/b").status, 201);
  EXPECT_EQ(sweep(Sweep::old_or_done).count, 2u);  // who missed the reply to b asks soon
  const UploadsLeft left = sweep(Sweep::old_or_all_done);
  EXPECT_EQ(left.count, 1u);
  EXPECT_EQ(left.bytes, 5u);
}

TEST_P(UploadSweep, IsRepeatedByItself) {
  const std::string upload = begin("12345");
  UploadKeeper keeper(test.world.storage, test.world.network.loop(), test.limits,
                      test.server->claims());
  keeper.start();
  test.run();
  EXPECT_EQ(sweep(Sweep::none).count, 1u);
  pass(kMaxAgeMs);
  pass(10 * 60 * 1000);
  test.run();
  EXPECT_EQ(sweep(Sweep::none).count, 0u);
  begin("12345");
  pass(kMaxAgeMs);
  pass(10 * 60 * 1000);
  test.run();
  EXPECT_EQ(sweep(Sweep::none).count, 0u);
}

// Time in which nothing was running does not count where there is no clock, and what an earlier
// run of the machine has noted is no reason to keep an upload for longer than it takes to be old.
TEST(UploadAge, IsNeverTooHighWithoutAClock) {
  net::sim::SimNetwork network;
  auto& loop = network.loop();
  NoteHead note;
  note.uptime_s = 1000;  // of an earlier run
  EXPECT_EQ(age_s(loop, std::nullopt, note), loop.uptime_ms() / 1000);
  note.uptime_s = uptime_s(loop);
  loop.advance(5000);
  EXPECT_EQ(age_s(loop, std::nullopt, note), 5u);
  note.uptime_s = 1'000'000;
  loop.advance(5000);
  EXPECT_EQ(age_s(loop, std::nullopt, note), loop.uptime_ms() / 1000);
}

TEST(UploadAge, IsThatOfTheFileWhereThereIsAClock) {
  net::sim::SimNetwork network;
  auto& loop = network.loop();
  const std::int64_t now_s = *loop.unix_time_s();
  EXPECT_EQ(age_s(loop, now_s - 7, NoteHead()), 7u);
  EXPECT_EQ(age_s(loop, now_s + 7, NoteHead()), 0u);  // the clock was set
}

}  // namespace
}  // namespace wherry::transfer
