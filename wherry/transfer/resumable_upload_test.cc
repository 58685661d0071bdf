// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "wherry/app/test_client.h"
#include "wherry/base/crc32.h"
#include "wherry/base/number.h"
#include "wherry/coro/runner.h"
#include "wherry/storage/path.h"
#include "wherry/transfer/service.h"
#include "wherry/transfer/upload_resource.h"

namespace wherry::transfer {
namespace {

using app::Reply;
using app::request_text;
using app::TestServer;

constexpr std::string_view kInterop = "Upload-Draft-Interop-Version: 8\r\n";
constexpr std::string_view kWhole = "Upload-Complete: ?1\r\n";
constexpr std::string_view kPart = "Upload-Complete: ?0\r\n";

std::string content(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i) text += std::to_string(i) + ' ';
  return text.substr(0, size);
}

std::string join(std::initializer_list<std::string_view> fields) {
  std::string text;
  for (const std::string_view field : fields) text += field;
  return text;
}

struct Resumable : testing::Test {
  Resumable() {
    test.world.storage.set_clock(test.world.network.loop().unix_time_s());
    test.limits.max_unfinished_uploads = 5;  // the storage has 16 names
  }
  ~Resumable() override { EXPECT_EQ(test.world.leftovers(), ""); }

  Reply ask(std::string_view method, std::string_view target, std::string_view fields = "",
            std::optional<std::string_view> body = std::nullopt) {
    return test.exchange(request_text(method, target, fields, body)).back();
  }
  Reply append(std::string_view upload, std::uint64_t offset, std::string_view body,
               std::string_view complete) {
    return ask("PATCH", upload,
               join({"Content-Type: application/partial-upload\r\nUpload-Offset: ",
                     std::to_string(offset), "\r\n", complete}),
               body);
  }
  Reply head(std::string_view upload) { return ask("HEAD", upload); }

  /// Begins an upload of `body`, of which only the first `sent` bytes are sent, on a connection
  /// that stays open.  Returns: where it goes on.
  std::string begin(std::string_view path, std::string_view body, std::size_t sent,
                    std::string_view fields = "") {
    const std::string whole =
        request_text("PUT", "/files/" + std::string(path), join({kInterop, kWhole, fields}), body);
    peer = &test.connect();
    peer->send(whole.substr(0, whole.size() - body.size() + sent));
    test.run();
    const std::vector<Reply> replies = test.replies_to(*peer);
    EXPECT_FALSE(replies.empty());
    EXPECT_EQ(replies.at(0).status, 104);
    return replies.at(0).header("Location");
  }
  void cut() {
    peer->reset();
    test.run();
  }

  TestServer test{kService};
  net::sim::SimPeer* peer = nullptr;
};

TEST_F(Resumable, AWholeUploadIsAnsweredAsAPutIs) {
  const std::vector<Reply> replies =
      test.exchange(request_text("PUT", "/files/a/b", join({kInterop, kWhole}), "hello"));
  ASSERT_EQ(app::statuses(replies), "104 201");
  EXPECT_EQ(replies[0].header("Location").substr(0, 9), "/uploads/");
  EXPECT_EQ(replies[0].header("Location").size(), 9u + 32u);
  EXPECT_EQ(replies[0].header("Upload-Limit").substr(0, 13), "max-age=86400");
  EXPECT_EQ(replies[1].header("Location"), "/files/a/b");
  EXPECT_EQ(replies[1].header("Upload-Complete"), "?1");
  EXPECT_EQ(replies[1].body, "{\"filename\": \"a/b\", \"size\": 5, \"crc32\": \"0x3610a686\"}");
  EXPECT_EQ(test.world.stored("a/b"), "hello");
  const Reply done = head(replies[0].header("Location"));
  EXPECT_EQ(done.status, 204);
  EXPECT_EQ(done.header("Upload-Complete"), "?1");
  EXPECT_EQ(done.header("Upload-Offset"), "5");
  EXPECT_EQ(done.header("X-Checksum-CRC32"), "0x3610a686");
}

TEST_F(Resumable, WhoDoesNotSayTheVersionIsSentNoInterimResponse) {
  EXPECT_EQ(app::statuses(test.exchange(request_text("PUT", "/files/a", kWhole, "hello"))), "201");
  EXPECT_EQ(
      app::statuses(test.exchange(request_text(
          "PUT", "/files/a", join({"Upload-Draft-Interop-Version: 7\r\n", kWhole}), "hello"))),
      "200");
  // No boolean: the field is not there (section "Completeness").
  const Reply plain = ask("PUT", "/files/a", join({kInterop, "Upload-Complete: 1\r\n"}), "hello");
  EXPECT_EQ(plain.find("Upload-Complete"), std::nullopt);
}

TEST_F(Resumable, AnUploadThatWasCutGoesOnWhereItWasCut) {
  const std::string body = content(5000);
  test.world.store("f", "old");
  const std::string upload = begin("f", body, 3210);
  cut();
  EXPECT_EQ(test.world.stored("f"), "old");
  const Reply state = head(upload);
  EXPECT_EQ(state.status, 204);
  EXPECT_EQ(state.header("Upload-Complete"), "?0");
  EXPECT_EQ(state.header("Upload-Offset"), "3210");
  EXPECT_EQ(state.header("Upload-Length"), "5000");
  EXPECT_EQ(state.header("Cache-Control"), "no-store");
  const Reply done = append(upload, 3210, body.substr(3210), kWhole);
  EXPECT_EQ(done.status, 200);
  EXPECT_EQ(done.header("Upload-Complete"), "?1");
  EXPECT_EQ(test.world.stored("f"), body);
  EXPECT_EQ(head(upload).header("Upload-Complete"), "?1");
}

TEST_F(Resumable, CutAtEveryByteNothingIsLostOrSentTwice) {
  const std::string body = content(300);
  for (std::size_t sent = 0; sent < body.size(); sent += 7) {
    const std::string upload = begin("f", body, sent);
    cut();
    EXPECT_EQ(head(upload).header("Upload-Offset"), std::to_string(sent));
    EXPECT_EQ(append(upload, sent, body.substr(sent), kWhole).status / 100, 2) << sent;
    EXPECT_EQ(test.world.stored("f"), body);
  }
}

TEST_F(Resumable, PartsAreAppendedOneByOne) {
  const Reply created = ask("PUT", "/files/parts", kPart, "one ");
  EXPECT_EQ(created.status, 201);
  EXPECT_EQ(created.header("Upload-Complete"), "?0");
  EXPECT_EQ(created.header("Upload-Offset"), "4");
  const std::string upload = created.header("Location");
  const Reply second = append(upload, 4, "two ", kPart);
  EXPECT_EQ(second.status, 204);
  EXPECT_EQ(second.header("Upload-Complete"), "?0");
  EXPECT_EQ(test.world.stored("parts"), std::nullopt);
  EXPECT_EQ(append(upload, 8, "three", kWhole).status, 201);
  EXPECT_EQ(test.world.stored("parts"), "one two three");
}

TEST_F(Resumable, AnotherOffsetIsRefusedAndToldRight) {
  const std::string upload = ask("PUT", "/files/f", kPart, "12345").header("Location");
  for (const std::uint64_t offset : {0u, 4u, 6u}) {
    const Reply refused = append(upload, offset, "x", kWhole);
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(refused.header("Upload-Offset"), "5");
    EXPECT_EQ(refused.header("Upload-Complete"), "?0");
    EXPECT_EQ(refused.header("Content-Type"), "application/problem+json");
    EXPECT_EQ(
        refused.body,
        "{\"type\": \"https://iana.org/assignments/http-problem-types#mismatching-upload-offset\", "
        "\"title\": \"The upload goes on at another offset\", \"expected-offset\": 5, "
        "\"provided-offset\": " +
            std::to_string(offset) + "}");
  }
  EXPECT_EQ(head(upload).header("Upload-Offset"), "5");
}

TEST_F(Resumable, LengthsThatDifferAreRefused) {
  const auto refused = [](const Reply& reply) {
    return reply.status == 400 &&
           reply.body.find("#inconsistent-upload-length") != std::string::npos;
  };
  EXPECT_TRUE(refused(ask("PUT", "/files/f", join({kWhole, "Upload-Length: 6\r\n"}), "12345")));
  const std::string upload =
      ask("PUT", "/files/f", join({kPart, "Upload-Length: 8\r\n"}), "12345").header("Location");
  EXPECT_TRUE(refused(append(upload, 5, "6", kWhole)));  // 6 bytes, where 8 were told
  EXPECT_EQ(head(upload).header("Upload-Offset"), "5");
  // More than the length, without a length of this request: the upload ends there.
  const Reply too_long =
      test.exchange(
              request_text("PATCH", upload,
                           join({"Content-Type: application/partial-upload\r\nUpload-Offset: 5\r\n",
                                 kPart, "Transfer-Encoding: chunked\r\n"})) +
              app::chunked("6789", 2))
          .back();
  EXPECT_TRUE(refused(too_long));
  EXPECT_EQ(head(upload).status, 404);
  EXPECT_EQ(test.world.stored("f"), std::nullopt);
}

TEST_F(Resumable, ANewerRequestTakesOverFromOneThatHangs) {
  const std::string body = content(2000);
  const std::string upload = begin("f", body, 777);
  net::sim::SimPeer& hanging = *peer;
  EXPECT_EQ(head(upload).header("Upload-Offset"), "777");
  // What the older connection still brings does not land.
  hanging.send(body.substr(777));
  test.run();
  EXPECT_EQ(head(upload).header("Upload-Offset"), "777");
  EXPECT_EQ(append(upload, 777, body.substr(777), kWhole).status, 201);
  EXPECT_EQ(test.world.stored("f"), body);
}

TEST_F(Resumable, DeletingGivesAllBack) {
  const std::uint32_t blocks = test.world.storage.blocks_in_use();
  const std::string upload = begin("f", content(3000), 2000);
  EXPECT_GT(test.world.storage.blocks_in_use(), blocks);
  EXPECT_EQ(ask("DELETE", upload).status, 204);
  EXPECT_EQ(test.world.storage.blocks_in_use(), blocks);
  EXPECT_EQ(head(upload).status, 404);
  EXPECT_EQ(ask("DELETE", upload).status, 404);
  EXPECT_EQ(append(upload, 0, "x", kWhole).status, 404);
}

TEST_F(Resumable, DigestsAreOfTheWholeHoweverItCame) {
  // printf 'hello' | openssl dgst -sha256 -binary | base64
  const std::string digest =
      "Repr-Digest: sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:\r\n";
  const std::string right = ask("PUT", "/files/f", join({kPart, digest}), "hel").header("Location");
  EXPECT_EQ(append(right, 3, "lo", kWhole).status, 201);
  const std::string wrong = ask("PUT", "/files/g", join({kPart, digest}), "hel").header("Location");
  const Reply refused = append(wrong, 3, "lO", kWhole);
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(refused.header("Upload-Complete"), "?1");
  EXPECT_EQ(test.world.stored("g"), std::nullopt);
  EXPECT_EQ(head(wrong).status, 404);
}

// printf 'hello' | openssl dgst -sha256 -binary | base64
constexpr std::string_view kHelloDigest = "sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:";

TEST_F(Resumable, ADigestMayBeSaidWithTheLastRequest) {
  const std::string digest = join({kWhole, "Repr-Digest: ", kHelloDigest, "\r\n"});
  const std::string right = ask("PUT", "/files/f", kPart, "hel").header("Location");
  EXPECT_EQ(append(right, 3, "lo", digest).status, 201);
  const std::string wrong = ask("PUT", "/files/g", kPart, "hel").header("Location");
  EXPECT_EQ(append(wrong, 3, "lO", digest).status, 422);
  const std::string crc = ask("PUT", "/files/h", kPart, "hel").header("Location");
  const std::string wrong_crc = join({kWhole, "X-Checksum-CRC32: 0x3610a687\r\n"});
  EXPECT_EQ(append(crc, 3, "lo", wrong_crc).status, 422);
  const std::string castagnoli = ask("PUT", "/files/i", kPart, "12345").header("Location");
  EXPECT_EQ(
      append(castagnoli, 5, "6789", join({kWhole, "Repr-Digest: crc32c=:4waSgw==:\r\n"})).status,
      201);
  EXPECT_EQ(test.world.stored("g"), std::nullopt);
  EXPECT_EQ(test.world.stored("h"), std::nullopt);
}

TEST_F(Resumable, WhatWasSaidInOneRequestIsKeptForTheNext) {
  const std::string upload = ask("PUT", "/files/f", kPart, "").header("Location");
  const std::string said = join({kPart, "Upload-Length: 5\r\nRepr-Digest: ", kHelloDigest, "\r\n"});
  EXPECT_EQ(append(upload, 0, "", said).status, 204);  // no byte, and all the same
  EXPECT_EQ(head(upload).header("Upload-Length"), "5");
  EXPECT_EQ(append(upload, 0, "hello!", kWhole).status, 400);
  EXPECT_EQ(append(upload, 0, "hullo", kWhole).status, 422);
}

TEST_F(Resumable, ALateDigestIsRefusedWhereNoneIsComputedFromTheStart) {
  test.limits.keeps_upload_digests = false;
  const std::string digest = join({kWhole, "Repr-Digest: ", kHelloDigest, "\r\n"});
  const std::string late = ask("PUT", "/files/f", kPart, "hel").header("Location");
  EXPECT_EQ(append(late, 3, "lo", digest).status, 400);
  EXPECT_EQ(append(late, 3, "lo", kWhole).status, 201);
  const std::string first = ask("PUT", "/files/g", kPart, "").header("Location");
  EXPECT_EQ(append(first, 0, "hello", digest).status, 201);
}

TEST_F(Resumable, AContentDigestIsOfOneRequestAlone) {
  const std::string digest = join({kPart, "Content-Digest: ", kHelloDigest, "\r\n"});
  const std::string upload = ask("PUT", "/files/f", digest, "hello").header("Location");
  EXPECT_EQ(append(upload, 5, "hello", digest).status, 204);
  const Reply refused = append(upload, 10, "hullo", digest);
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(refused.header("Upload-Complete"), "?0");
  EXPECT_EQ(refused.header("Upload-Offset"), "10");
  EXPECT_EQ(head(upload).header("Upload-Offset"), "10");
  const std::string last =
      join({kWhole, "Content-Digest: ", kHelloDigest,
            "\r\nX-Checksum-CRC32: ", hex32(crc32(as_bytes("hellohellohello"))).view(), "\r\n"});
  EXPECT_EQ(append(upload, 10, "hello", last).status, 201);
  EXPECT_EQ(test.world.stored("f"), "hellohellohello");
}

TEST_F(Resumable, AnUploadWhoseFirstContentIsDamagedMayBeGoneOnWith) {
  const std::string digest = join({kPart, "Content-Digest: ", kHelloDigest, "\r\n"});
  const Reply refused = ask("PUT", "/files/f", digest, "hullo");
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(refused.header("Upload-Offset"), "0");
  EXPECT_EQ(append(refused.header("Location"), 0, "hello", kWhole).status, 201);
  EXPECT_EQ(test.world.stored("f"), "hello");
}

TEST_F(Resumable, OfACutRequestWithAContentDigestNothingCounts) {
  test.limits.upload_keep_bytes = 2;
  const std::string upload = ask("PUT", "/files/f", kPart, "head ").header("Location");
  const std::string patch = request_text(
      "PATCH", upload,
      join({"Content-Type: application/partial-upload\r\nUpload-Offset: 5\r\nContent-Digest: ",
            kHelloDigest, "\r\n", kWhole}),
      "hello");
  for (std::size_t missing = 1; missing <= 5; ++missing) {
    peer = &test.connect();
    peer->send(std::string_view(patch).substr(0, patch.size() - missing));
    test.run();
    cut();
    EXPECT_EQ(head(upload).header("Upload-Offset"), "5") << missing;
  }
  EXPECT_EQ(append(upload, 5, "hello", kWhole).status, 201);
  EXPECT_EQ(test.world.stored("f"), "head hello");
}

TEST_F(Resumable, ConditionsOfTheFirstRequestHoldToTheLast) {
  const std::string upload =
      ask("PUT", "/files/f", join({kPart, "If-None-Match: *\r\n"}), "mine ").header("Location");
  EXPECT_EQ(ask("PUT", "/files/f", "", "another's").status, 201);
  const Reply refused = append(upload, 5, "too", kWhole);
  EXPECT_EQ(refused.status, 412);
  EXPECT_EQ(refused.header("Upload-Complete"), "?1");
  EXPECT_EQ(test.world.stored("f"), "another's");
}

TEST_F(Resumable, OnlyWhatItGaveOutIsAnUpload) {
  for (const char* id :
       {"x", "0123456789abcdef0123456789abcdef", "0123456789ABCDEF0123456789ABCDEF",
        "..%2F..%2Fsecret", "0123456789abcdef0123456789abcde%00"}) {
    EXPECT_EQ(head("/uploads/" + std::string(id)).status, 404) << id;
  }
  const std::string upload = ask("PUT", "/files/f", kPart, "x").header("Location");
  EXPECT_EQ(ask("PATCH", upload, "Content-Type: text/plain\r\n", "x").status, 415);
  EXPECT_EQ(ask("PATCH", upload, "Content-Type: application/partial-upload\r\n", "x").status, 400);
  EXPECT_EQ(ask("PUT", "/files/..", kPart, "x").status, 400);
  EXPECT_EQ(ask("GET", "/files/", "Accept: text/plain\r\n").body, "");
}

TEST_F(Resumable, WhatNobodyGoesOnWithIsRemovedAfterADay) {
  const std::string upload = begin("f", content(3000), 2000);
  cut();
  const std::uint32_t blocks = test.world.storage.blocks_in_use();
  auto& loop = test.world.network.loop();
  loop.advance((test.limits.upload_max_age_s - 60) * 1000ull);
  test.world.storage.set_clock(loop.unix_time_s());
  ask("PUT", "/files/g", kPart, "");
  EXPECT_EQ(head(upload).status, 204);
  loop.advance(120 * 1000);
  test.world.storage.set_clock(loop.unix_time_s());
  ask("PUT", "/files/h", kPart, "");
  EXPECT_EQ(head(upload).status, 404);
  EXPECT_LT(test.world.storage.blocks_in_use(), blocks);
}

coro::Task<> leave_bytes(coro::Context&, storage::Storage& storage, std::string_view path) {
  storage::CreateOptions options;
  options.scope = storage::Scope::uploads;
  options.resume_at = 0;
  storage::StagedFile file = co_await storage.create(path, options);
  co_await file.write(as_bytes("bytes"));
  co_await file.sync();
}

coro::Task<> look_for(coro::Context&, storage::Storage& storage, std::string_view path) {
  const storage::File file = co_await storage.open(path, storage::Scope::uploads);
}

// The power went between the first bytes of an upload and its note.
TEST_F(Resumable, BytesWithoutANoteAreRemovedAlsoWhereThereIsNoClock) {
  test.world.storage.set_clock(std::nullopt);
  const std::string path = std::string(storage::kUploadsFolder) + '/' + std::string(32, 'a');
  const auto run = [this](auto task, std::string_view at) {
    const app::AlignedMemory memory(4096);
    coro::Arena arena(memory.bytes());
    coro::Context context(arena, test.world.network.loop().ready_list());
    Error ended = Error::internal;
    coro::Runner runner(
        context.ready_list(),
        [](void* error, Error how) noexcept { *static_cast<Error*>(error) = how; }, &ended);
    runner.start(task(context, test.world.storage, at));
    test.run();
    return ended;
  };
  ASSERT_EQ(run(&leave_bytes, path), Error::none);
  ASSERT_EQ(run(&look_for, path), Error::none);
  EXPECT_EQ(ask("PUT", "/files/a", join({kPart}), "x").status, 201);
  EXPECT_EQ(run(&look_for, path), Error::not_found);
}

TEST_F(Resumable, TooMuchIsRefusedAndTakenWhenThereIsRoom) {
  test.limits.max_unfinished_bytes = 1000;
  test.limits.upload_keep_bytes = 100;
  const std::string first = ask("PUT", "/files/a", kPart, content(600)).header("Location");
  EXPECT_EQ(ask("PUT", "/files/b", join({kPart, "Upload-Length: 500\r\n"}), "").status, 507);
  const std::string second = ask("PUT", "/files/b", kPart, content(300)).header("Location");
  EXPECT_EQ(append(second, 300, content(200), kWhole).status, 507);
  const std::uint64_t offset = std::stoull(std::string(head(second).header("Upload-Offset")));
  EXPECT_LE(offset, 400u);
  EXPECT_EQ(append(first, 600, "", kWhole).status, 201);  // it counts no longer
  EXPECT_EQ(append(second, offset, content(500).substr(offset), kWhole).status, 201);
}

TEST_F(Resumable, WhatWasCompletedIsNoReasonToRefuse) {
  for (int i = 0; i < 12; ++i) {
    const std::string path = "/files/f" + std::to_string(i % 2);
    const auto replies = test.exchange(request_text("PUT", path, join({kInterop, kWhole}), "x"));
    EXPECT_EQ(replies.back().status / 100, 2);
    EXPECT_EQ(head(replies.front().header("Location")).header("Upload-Complete"), "?1");
  }
}

TEST_F(Resumable, TooManyAreRefused) {
  test.limits.max_unfinished_uploads = 2;
  EXPECT_EQ(ask("PUT", "/files/a", kPart, "").status, 201);
  EXPECT_EQ(ask("PUT", "/files/b", kPart, "").status, 201);
  EXPECT_EQ(ask("PUT", "/files/c", kPart, "").status, 507);
  EXPECT_EQ(ask("PUT", "/files/c", "", "plain").status, 201);
}

}  // namespace
}  // namespace wherry::transfer
