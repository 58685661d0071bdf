// SPDX-License-Identifier: MIT
// The draft's rules one by one, beside those that a transfer as such shows (resumable_upload_test).
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "wherry/app/test_client.h"
#include "wherry/transfer/service.h"

namespace wherry::transfer {
namespace {

using app::Reply;
using app::request_text;
using app::statuses;
using app::TestServer;

constexpr std::string_view kInterop = "Upload-Draft-Interop-Version: 8\r\n";
constexpr std::string_view kWhole = "Upload-Complete: ?1\r\n";
constexpr std::string_view kPart = "Upload-Complete: ?0\r\n";

std::string join(std::initializer_list<std::string_view> fields) {
  std::string text;
  for (const std::string_view field : fields) text += field;
  return text;
}

bool is_problem(const Reply& reply, std::string_view type) {
  return reply.status == 400 && reply.header("Upload-Complete") == "?0" &&
         reply.header("Content-Type") == "application/problem+json" &&
         reply.body.find("#" + std::string(type) + "\"") != std::string::npos;
}

struct ResumableRules : testing::Test {
  ResumableRules() {
    test.world.storage.set_clock(test.world.network.loop().unix_time_s());
    test.limits.max_unfinished_uploads = 5;  // the storage has 16 names
  }
  ~ResumableRules() override { EXPECT_EQ(test.world.leftovers(), ""); }

  Reply ask(std::string_view method, std::string_view target, std::string_view fields = "",
            std::optional<std::string_view> body = std::nullopt) {
    return test.exchange(request_text(method, target, fields, body)).back();
  }
  std::string append_text(std::string_view upload, std::uint64_t offset, std::string_view fields,
                          std::string_view body) {
    return request_text("PATCH", upload,
                        join({"Content-Type: application/partial-upload\r\nUpload-Offset: ",
                              std::to_string(offset), "\r\n", fields}),
                        body);
  }
  Reply append(std::string_view upload, std::uint64_t offset, std::string_view body,
               std::string_view fields) {
    return test.exchange(append_text(upload, offset, fields, body)).back();
  }
  std::string created(std::string_view path, std::string_view body, std::string_view fields = "") {
    const Reply reply = ask("PUT", path, join({kPart, fields}), body);
    EXPECT_EQ(reply.status, 201);
    return reply.header("Location");
  }

  TestServer test{kService};
};

// Section "Draft Version Identification".
TEST_F(ResumableRules, AnInterimResponseSaysItsVersion) {
  const auto replies =
      test.exchange(request_text("PUT", "/files/a", join({kInterop, kWhole}), "x"));
  ASSERT_EQ(statuses(replies), "104 201");
  EXPECT_EQ(replies[0].header("Upload-Draft-Interop-Version"), "8");
  EXPECT_EQ(replies[1].find("Upload-Draft-Interop-Version"), std::nullopt);
}

// Sections "Upload Creation" and "Upload Append": 104 with the offset while content comes.
TEST_F(ResumableRules, ProgressIsToldToWhoUnderstandsIt) {
  test.limits.upload_keep_bytes = 500;
  const std::string body(2000, 'x');
  const auto first = test.exchange(request_text("PUT", "/files/a", join({kInterop, kPart}), body));
  ASSERT_GT(first.size(), 3u);
  const std::string upload = first[0].header("Location");
  std::uint64_t told = 0;
  for (std::size_t i = 1; i + 1 < first.size(); ++i) {
    EXPECT_EQ(first[i].status, 104);
    const std::uint64_t offset = std::stoull(std::string(first[i].header("Upload-Offset")));
    EXPECT_GE(offset, told + 500);
    told = offset;
  }
  EXPECT_EQ(first.back().header("Upload-Offset"), "2000");
  EXPECT_EQ(first.back().header("Location"), upload);  // identical in all
  const auto second = test.exchange(append_text(upload, 2000, join({kInterop, kPart}), body));
  ASSERT_GT(second.size(), 2u);
  EXPECT_EQ(second[0].status, 104);
  EXPECT_EQ(second[0].find("Location"), std::nullopt);
  EXPECT_EQ(statuses(test.exchange(append_text(upload, 4000, kWhole, body))), "201");
}

// Section "Status Code 104": it does not stand for 100.
TEST_F(ResumableRules, WhoWaitsToBeToldToContinueIsTold) {
  auto& peer = test.connect();
  peer.send(
      request_text("PUT", "/files/a",
                   join({kInterop, kWhole, "Expect: 100-continue\r\nContent-Length: 5\r\n"})));
  test.run();
  EXPECT_EQ(statuses(test.replies_to(peer)), "104 100");
  peer.send("hello");
  test.run();
  EXPECT_EQ(statuses(test.replies_to(peer)), "104 100 201");
  peer.reset();
  test.run();
}

// Section "Limits".
TEST_F(ResumableRules, OptionsTellWhereUploadsMayBeResumedAndWithinWhat) {
  test.limits.max_content_length = 1000;
  for (const char* target : {"/files/a", "/files/folder/", "/upload/a", "/upload"}) {
    const Reply reply = ask("OPTIONS", target);
    EXPECT_EQ(reply.status, 204);
    EXPECT_EQ(reply.header("Accept-Patch"), "application/partial-upload");
    EXPECT_EQ(reply.header("Upload-Limit"), "max-age=86400, max-size=1000");
  }
  EXPECT_EQ(ask("OPTIONS", "/files/a").header("Allow"), "GET, HEAD, PUT, POST, DELETE, OPTIONS");
  const std::string upload = created("/files/a", "");
  const Reply reply = ask("OPTIONS", upload);
  EXPECT_EQ(reply.header("Accept-Patch"), "application/partial-upload");
  EXPECT_EQ(reply.header("Allow"), "GET, HEAD, DELETE, OPTIONS, PATCH");
  EXPECT_EQ(ask("OPTIONS", "/status").find("Accept-Patch"), std::nullopt);
}

TEST_F(ResumableRules, AnUploadLargerThanTheLimitIsRefusedHoweverItComes) {
  test.limits.max_content_length = 10;
  const auto refused = [](const Reply& reply) {
    return reply.status == 413 && reply.header("Upload-Complete") == "?0" &&
           reply.header("Upload-Limit") == "max-age=86400, max-size=10";
  };
  EXPECT_TRUE(refused(ask("PUT", "/files/f", join({kPart, "Upload-Length: 11\r\n"}), "12345")));
  const std::string upload = created("/files/f", "12345");
  EXPECT_TRUE(refused(append(upload, 5, "6", join({kPart, "Upload-Length: 11\r\n"}))));
  EXPECT_TRUE(refused(append(upload, 5, "678901", kPart)));
  EXPECT_EQ(ask("HEAD", upload).status, 404);  // it has ended there
  const std::string chunked = created("/files/g", "12345");
  EXPECT_TRUE(
      refused(test.exchange(request_text("PATCH", chunked,
                                         join({"Content-Type: application/partial-upload\r\n"
                                               "Upload-Offset: 5\r\nTransfer-Encoding: chunked\r\n",
                                               kPart})) +
                            app::chunked("678901", 2))
                  .back()));
  // What is too large for any request, too.
  EXPECT_TRUE(refused(ask("PUT", "/files/h", kWhole, "12345678901")));
}

TEST_F(ResumableRules, AnUploadThatIsAsLargeAsTheLimitIsTaken) {
  test.limits.max_content_length = 10;
  const std::string upload = created("/files/f", "12345");
  EXPECT_EQ(append(upload, 5, "67890", kWhole).status, 201);
}

TEST_F(ResumableRules, TheTimeThatIsLeftIsTold) {
  const std::string upload = created("/files/f", "12345");
  EXPECT_EQ(ask("HEAD", upload).header("Upload-Limit"), "max-age=86400, max-size=200000");
  auto& loop = test.world.network.loop();
  loop.advance(1'000'000);
  test.world.storage.set_clock(loop.unix_time_s());
  EXPECT_EQ(ask("HEAD", upload).header("Upload-Limit"), "max-age=85400, max-size=200000");
  EXPECT_EQ(append(upload, 5, "6", kPart).status, 204);
  EXPECT_EQ(ask("HEAD", upload).header("Upload-Limit"), "max-age=86400, max-size=200000");
}

// Section "Upload Creation": any method that has content.
TEST_F(ResumableRules, PostCreatesToo) {
  const Reply whole = ask("POST", "/files/a/b", kWhole, "hello");
  EXPECT_EQ(whole.status, 201);
  EXPECT_EQ(whole.header("Upload-Complete"), "?1");
  EXPECT_EQ(test.world.stored("a/b"), "hello");
  const Reply part = ask("POST", "/files/c", kPart, "hel");
  EXPECT_EQ(part.status, 201);
  EXPECT_EQ(append(part.header("Location"), 3, "lo", kWhole).status, 201);
  EXPECT_EQ(test.world.stored("c"), "hello");
  // What POST means here otherwise.
  EXPECT_EQ(ask("POST", "/files/c?move=d", kWhole, "").status, 201);
  EXPECT_EQ(test.world.stored("d"), "hello");
  EXPECT_EQ(ask("POST", "/files/d", "", "hello").status, 400);
}

TEST_F(ResumableRules, PostNamesTheFileInItsDisposition) {
  const auto post = [&](std::string_view target, std::string_view disposition) {
    return ask("POST", target, join({kWhole, "Content-Disposition: ", disposition, "\r\n"}),
               "hello");
  };
  EXPECT_EQ(post("/upload", "inline; filename=\"a b.txt\"").header("Location"), "/files/a%20b.txt");
  EXPECT_EQ(test.world.stored("a b.txt"), "hello");
  EXPECT_EQ(post("/files/folder/", "attachment; filename=x; filename*=UTF-8''%C3%A4").status, 201);
  EXPECT_EQ(test.world.stored("folder/\u00e4"), "hello");
  EXPECT_EQ(post("/upload", "inline; filename=\"../../c\"").status, 201);  // its last segment
  EXPECT_EQ(test.world.stored("c"), "hello");
  for (const char* nothing : {"inline", "inline; filename=\"\"", "inline; filename=\"..\"", "=",
                              "inline; filename*=latin1''x", "inline; filename=a; filename=b"}) {
    EXPECT_EQ(post("/upload", nothing).status, 400) << nothing;
  }
  // A form stays a form.
  const Reply form =
      ask("POST", "/upload", join({kWhole, "Content-Type: multipart/form-data; boundary=x\r\n"}),
          "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"g\"\r\n\r\n"
          "content\r\n--x--\r\n");
  EXPECT_EQ(form.status, 201);
  EXPECT_EQ(test.world.stored("g"), "content");
}

// Section "Upload Append", to an upload that is complete.
TEST_F(ResumableRules, WhatIsAddedToACompleteUploadIsAnInconsistentLength) {
  const std::string upload = created("/files/f", "hello");
  EXPECT_EQ(append(upload, 5, "", kWhole).status, 201);
  EXPECT_TRUE(is_problem(append(upload, 5, "more", kWhole), "inconsistent-upload-length"));
  EXPECT_TRUE(is_problem(append(upload, 5, "more", kPart), "inconsistent-upload-length"));
  EXPECT_TRUE(is_problem(append(upload, 5, "", join({kPart, "Upload-Length: 6\r\n"})),
                         "inconsistent-upload-length"));
  const std::string chunks =
      request_text("PATCH", upload,
                   join({"Content-Type: application/partial-upload\r\nUpload-Offset: 5\r\n",
                         "Transfer-Encoding: chunked\r\n", kWhole}));
  EXPECT_TRUE(is_problem(test.exchange(chunks + app::chunked("more", 2)).back(),
                         "inconsistent-upload-length"));
  EXPECT_EQ(ask("HEAD", upload).header("Upload-Length"), "5");
  EXPECT_EQ(test.world.stored("f"), "hello");
}

TEST_F(ResumableRules, AnotherOffsetOfACompleteUploadIsAConflictToo) {
  const std::string upload = created("/files/f", "hello");
  EXPECT_EQ(append(upload, 5, "", kWhole).status, 201);
  for (const std::uint64_t offset : {0u, 4u, 6u}) {
    for (const std::string_view body : {"", "x"}) {
      const Reply refused = append(upload, offset, body, kWhole);
      EXPECT_EQ(refused.status, 409) << offset;
      EXPECT_EQ(refused.header("Upload-Offset"), "5");
      EXPECT_EQ(refused.header("Upload-Complete"), "?0");
    }
  }
  EXPECT_EQ(test.world.stored("f"), "hello");
}

TEST_F(ResumableRules, WhoHasMissedTheLastReplyIsToldAgain) {
  const std::string upload = created("/files/a%20b", "hello", "Want-Repr-Digest: sha-256=5\r\n");
  const Reply first = append(upload, 5, "", kWhole);
  EXPECT_EQ(first.status, 201);
  test.world.store("a b", "another's");
  const Reply again = append(upload, 5, "", kWhole);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.body, first.body);
  for (const char* field : {"Location", "Upload-Complete", "X-Checksum-CRC32", "Repr-Digest"}) {
    EXPECT_EQ(again.header(field), first.header(field)) << field;
  }
  EXPECT_EQ(again.find("ETag"), std::nullopt);  // of what is there now nothing is said
  EXPECT_EQ(test.world.stored("a b"), "another's");
}

TEST_F(ResumableRules, ARefusalOfTheWholeIsToldApart) {
  ask("PUT", "/files/taken/x", "", "a folder is in the way");
  const std::string upload = created("/files/free", "hello", "If-None-Match: *\r\n");
  ask("PUT", "/files/free", "", "not any more");
  const Reply refused = append(upload, 5, "", kWhole);
  EXPECT_EQ(refused.status, 412);
  EXPECT_EQ(refused.header("Upload-Complete"), "?1");
  EXPECT_EQ(ask("HEAD", upload).status, 404);
}

// Section "Upload Creation": what can never be stored is told before its bytes are sent.
TEST_F(ResumableRules, WhatCouldNotBeStoredIsRefusedAtOnce) {
  test.world.store("folder/file", "old");
  const std::uint32_t blocks = test.world.storage.blocks_in_use();
  for (const char* path : {"/files/folder", "/files/folder/file/below"}) {
    const auto replies = test.exchange(request_text("PUT", path, join({kInterop, kPart}), "x"));
    EXPECT_EQ(statuses(replies), "409") << path;
  }
  test.limits.max_content_length = UINT64_MAX;
  EXPECT_EQ(ask("PUT", "/files/f", join({kPart, "Upload-Length: 10000000\r\n"}), "").status, 507);
  EXPECT_EQ(test.world.storage.blocks_in_use(), blocks);
}

// Sections "State": what is no structured field of its kind is ignored.
TEST_F(ResumableRules, FieldsOfOtherTypesAreIgnored) {
  for (const char* field :
       {"Upload-Complete: true", "Upload-Complete: \"?1\"", "Upload-Complete:"}) {
    const Reply plain = ask("PUT", "/files/f", join({kInterop, field, "\r\n"}), "hello");
    EXPECT_EQ(plain.status / 100, 2) << field;
    EXPECT_EQ(plain.find("Upload-Complete"), std::nullopt) << field;
  }
  const std::string upload = created("/files/f", "12345", "Upload-Length: -1\r\n");
  EXPECT_EQ(ask("HEAD", upload).find("Upload-Length"), std::nullopt);
  for (const char* offset : {"-5", "5.0", "five", "1000000000000000"}) {
    const Reply refused =
        ask("PATCH", upload,
            join({"Content-Type: application/partial-upload\r\nUpload-Offset: ", offset, "\r\n",
                  kWhole}),
            "x");
    EXPECT_EQ(refused.status, 400) << offset;
  }
  EXPECT_EQ(ask("HEAD", upload).header("Upload-Offset"), "5");
}

// Section "Offset Retrieval": by either.
TEST_F(ResumableRules, GetTellsWhatHeadTells) {
  const std::string upload = created("/files/f", "12345", "Upload-Length: 8\r\n");
  for (const char* method : {"HEAD", "GET"}) {
    const Reply told = ask(method, upload);
    EXPECT_EQ(told.status, 204) << method;
    EXPECT_EQ(told.header("Upload-Complete"), "?0");
    EXPECT_EQ(told.header("Upload-Offset"), "5");
    EXPECT_EQ(told.header("Upload-Length"), "8");
    EXPECT_EQ(told.header("Upload-Limit"), "max-age=86400, max-size=200000");
    EXPECT_EQ(told.header("Cache-Control"), "no-store");
    EXPECT_EQ(told.body, "");
  }
}

// Section "Upload Append": each refusal says whether it is of the whole.
TEST_F(ResumableRules, WhatIsNoAppendIsRefusedWithoutAnEnd) {
  const std::string upload = created("/files/f", "x");
  const std::string type = "Content-Type: application/partial-upload\r\n";
  for (const std::string& fields :
       {type, type + "Upload-Offset: 1\r\n", type + std::string(kPart)}) {
    const Reply refused = ask("PATCH", upload, fields, "y");
    EXPECT_EQ(refused.status, 400) << fields;
    EXPECT_EQ(refused.header("Upload-Complete"), "?0");
  }
  EXPECT_EQ(ask("HEAD", upload).header("Upload-Offset"), "1");
}

// Section "Media Type"; RFC 5789 §2.2.
TEST_F(ResumableRules, AnotherMediaTypeIsToldWhichOneIsTaken) {
  const Reply refused = ask("PATCH", created("/files/f", "x"), "Content-Type: text/plain\r\n", "x");
  EXPECT_EQ(refused.status, 415);
  EXPECT_EQ(refused.header("Upload-Complete"), "?0");
  EXPECT_EQ(refused.header("Accept-Patch"), "application/partial-upload");
}

// Section "Content Codings".
TEST_F(ResumableRules, CodedContentIsRefusedInEachRequest) {
  const Reply creation = ask("PUT", "/files/f", join({kPart, "Content-Encoding: gzip\r\n"}), "x");
  EXPECT_EQ(creation.status, 400);
  EXPECT_EQ(creation.header("Upload-Complete"), "?1");  // example D of section "Upload Creation"
  EXPECT_EQ(creation.find("Location"), std::nullopt);
  const std::string upload = created("/files/f", "x");
  const Reply refused = append(upload, 1, "y", join({kPart, "Content-Encoding: gzip\r\n"}));
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.header("Upload-Complete"), "?0");
  EXPECT_EQ(append(upload, 1, "y", join({kPart, "Content-Encoding: identity\r\n"})).status, 204);
}

// Section "Representation Digests".
TEST_F(ResumableRules, TheDigestThatIsWantedOfTheWholeIsTold) {
  // printf 'hello' | openssl dgst -sha256 -binary | base64
  constexpr std::string_view kSha256 = "sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:";
  const std::string_view wants = "Want-Repr-Digest: sha-256=5\r\n";
  EXPECT_EQ(ask("PUT", "/files/f", join({kWhole, wants}), "hello").header("Repr-Digest"), kSha256);
  const std::string first = created("/files/g", "hel", wants);
  EXPECT_EQ(append(first, 3, "lo", kWhole).header("Repr-Digest"), kSha256);
  const std::string second = created("/files/h", "hel");
  const Reply last = append(second, 3, "lo", join({kWhole, "Want-Repr-Digest: crc32c=1\r\n"}));
  EXPECT_EQ(last.header("Repr-Digest"), "crc32c=:mnG7TA==:");
  EXPECT_EQ(last.header("X-Checksum-CRC32"), "0x3610a686");
  const std::string third = created("/files/i", "hel");
  EXPECT_EQ(append(third, 3, "lo", kWhole).find("Repr-Digest"), std::nullopt);
}

}  // namespace
}  // namespace wherry::transfer
