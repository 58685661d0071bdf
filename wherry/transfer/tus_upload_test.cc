// SPDX-License-Identifier: MIT
// Tests name the section of the protocol (tus 1.0.0) that they are about.
#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wherry/app/test_client.h"
#include "wherry/base/base64.h"
#include "wherry/base/crc32.h"
#include "wherry/base/number.h"
#include "wherry/base/sha1.h"
#include "wherry/base/sha256.h"
#include "wherry/http/date.h"
#include "wherry/transfer/service.h"
#include "wherry/transfer/upload_resource.h"

namespace wherry::transfer {
namespace {

using app::Reply;
using app::request_text;
using app::TestServer;

constexpr std::string_view kVersionLine = "Tus-Resumable: 1.0.0\r\n";
constexpr std::string_view kTypeLine = "Content-Type: application/offset+octet-stream\r\n";

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

std::string base64(Bytes bytes) {
  std::string encoded(base64_size(bytes.size()), '\0');
  TextWriter writer{std::span<char>(encoded)};
  append_base64(bytes, writer);
  return encoded;
}

std::string metadata(std::string_view filename) {
  return join({"Upload-Metadata: filename ", base64(as_bytes(filename)), "\r\n"});
}

template <class Digest>
std::string checksum(std::string_view name, std::string_view text) {
  Digest digest;
  digest.update(as_bytes(text));
  return join({"Upload-Checksum: ", name, " ", base64(digest.value()), "\r\n"});
}

/// Room for a field of metadata that is too long.
app::Limits limits() {
  app::Limits limits = app::small_limits();
  limits.max_header_bytes = 4096;
  return limits;
}

struct Tus : testing::Test {
  Tus() {
    set_clock();
    test.limits.max_unfinished_uploads = 5;  // the storage has 16 names
  }
  ~Tus() override { EXPECT_EQ(test.world.leftovers(), ""); }

  void set_clock() { test.world.storage.set_clock(test.world.network.loop().unix_time_s()); }

  /// One request, with the version. Every reply to it says the same.
  Reply ask(std::string_view method, std::string_view target, std::string_view fields = "",
            std::optional<std::string_view> body = std::nullopt) {
    const Reply reply =
        test.exchange(request_text(method, target, join({kVersionLine, fields}), body)).back();
    EXPECT_EQ(reply.header("Tus-Resumable"), "1.0.0") << method << ' ' << target;
    return reply;
  }
  Reply create(std::string_view fields, std::string_view body = "") {
    return ask("POST", "/tus/", fields, body);
  }
  /// Returns: where it goes on.
  std::string created(std::string_view filename, std::size_t length) {
    const Reply reply =
        create(join({metadata(filename), "Upload-Length: ", std::to_string(length), "\r\n"}));
    EXPECT_EQ(reply.status, 201);
    return reply.header("Location");
  }
  std::string patch_fields(std::uint64_t offset, std::string_view fields) {
    return join({kTypeLine, "Upload-Offset: ", std::to_string(offset), "\r\n", fields});
  }
  Reply append(std::string_view upload, std::uint64_t offset, std::string_view body,
               std::string_view fields = "") {
    return ask("PATCH", upload, patch_fields(offset, fields), body);
  }
  Reply head(std::string_view upload) { return ask("HEAD", upload); }

  /// A request of which only the first `sent` bytes of the body come; then the link is cut.
  void cut(std::string_view method, std::string_view target, std::string_view fields,
           std::string_view body, std::size_t sent) {
    const std::string whole = request_text(method, target, join({kVersionLine, fields}), body);
    net::sim::SimPeer& peer = test.connect();
    peer.send(whole.substr(0, whole.size() - body.size() + sent));
    test.run();
    peer.reset();
    test.run();
  }

  TestServer test{kService, limits()};
};

// ---------------------------------------------------------------- "Core Protocol"

TEST_F(Tus, AFileComesInPartsAndIsServedWhenItIsWhole) {
  const std::string upload = created("a/b.bin", 12);
  EXPECT_EQ(upload.substr(0, 5), "/tus/");
  EXPECT_EQ(upload.size(), 5u + 32u);
  const Reply first = append(upload, 0, "hello ");
  EXPECT_EQ(first.status, 204);
  EXPECT_EQ(first.header("Upload-Offset"), "6");
  EXPECT_EQ(first.find("Content-Location"), std::nullopt);
  EXPECT_EQ(test.world.stored("a/b.bin"), std::nullopt);
  const Reply last = append(upload, 6, "world!");
  EXPECT_EQ(last.status, 204);
  EXPECT_EQ(last.header("Upload-Offset"), "12");
  EXPECT_EQ(last.header("Content-Location"), "/files/a/b.bin");
  EXPECT_EQ(last.header("X-Checksum-CRC32"), hex32(crc32(as_bytes("hello world!"))).view());
  EXPECT_EQ(test.world.stored("a/b.bin"), "hello world!");
}

TEST_F(Tus, HeadTellsTheOffsetAndTheLengthAlsoOfWhatIsWhole) {
  const std::string upload = created("f", 5);
  const Reply begun = head(upload);
  EXPECT_EQ(begun.status, 200);
  EXPECT_EQ(begun.header("Upload-Offset"), "0");
  EXPECT_EQ(begun.header("Upload-Length"), "5");
  EXPECT_EQ(begun.header("Cache-Control"), "no-store");
  EXPECT_EQ(begun.find("Upload-Defer-Length"), std::nullopt);
  EXPECT_EQ(append(upload, 0, "hello").status, 204);
  const Reply done = head(upload);
  EXPECT_EQ(done.status, 200);
  EXPECT_EQ(done.header("Upload-Offset"), "5");
  EXPECT_EQ(done.header("Upload-Length"), "5");
  EXPECT_EQ(done.header("Cache-Control"), "no-store");
  EXPECT_EQ(done.header("X-Checksum-CRC32"), "0x3610a686");
  EXPECT_EQ(done.header("Content-Location"), "/files/f");
}

TEST_F(Tus, AnUploadThatWasCutGoesOnWhereItWasCut) {
  const std::string body = content(5000);
  test.world.store("f", "old");
  const std::string upload = created("f", body.size());
  cut("PATCH", upload, patch_fields(0, ""), body, 1234);
  EXPECT_EQ(head(upload).header("Upload-Offset"), "1234");
  cut("PATCH", upload, patch_fields(1234, ""), body.substr(1234), 2000);
  EXPECT_EQ(head(upload).header("Upload-Offset"), "3234");
  EXPECT_EQ(test.world.stored("f"), "old");
  EXPECT_EQ(append(upload, 3234, body.substr(3234)).status, 204);
  EXPECT_EQ(test.world.stored("f"), body);
}

TEST_F(Tus, AnotherOffsetIsAConflictThatChangesNothing) {
  const std::string upload = created("f", 10);
  EXPECT_EQ(append(upload, 0, "12345").status, 204);
  for (const std::uint64_t offset : {0u, 4u, 6u, 10u}) {
    const Reply refused = append(upload, offset, "x");
    EXPECT_EQ(refused.status, 409) << offset;
    EXPECT_EQ(refused.header("Upload-Offset"), "5");
  }
  EXPECT_EQ(head(upload).header("Upload-Offset"), "5");
}

TEST_F(Tus, AnotherMediaTypeOrNoOffsetIsRefused) {
  const std::string upload = created("f", 10);
  EXPECT_EQ(ask("PATCH", upload, "Upload-Offset: 0\r\n", "x").status, 415);
  EXPECT_EQ(ask("PATCH", upload, "Upload-Offset: 0\r\nContent-Type: text/plain\r\n", "x").status,
            415);
  EXPECT_EQ(ask("PATCH", upload, kTypeLine, "x").status, 400);
  for (const char* offset : {"-1", "+0", "1.0", "0x0", "", "99999999999999999999"}) {
    EXPECT_EQ(
        ask("PATCH", upload, join({kTypeLine, "Upload-Offset: ", offset, "\r\n"}), "x").status, 400)
        << offset;
  }
  EXPECT_EQ(head(upload).header("Upload-Offset"), "0");
}

TEST_F(Tus, MoreThanTheLengthIsRefused) {
  const std::string upload = created("f", 5);
  EXPECT_EQ(append(upload, 0, "123456").status, 413);
  EXPECT_EQ(head(upload).header("Upload-Offset"), "0");
  const std::string chunks = request_text(
      "PATCH", upload, join({kVersionLine, patch_fields(0, ""), "Transfer-Encoding: chunked\r\n"}));
  EXPECT_EQ(test.exchange(chunks + app::chunked("123456", 2)).back().status, 413);
  EXPECT_EQ(test.world.stored("f"), std::nullopt);
  const Reply there = head(upload);
  const std::size_t offset = std::stoul(there.header("Upload-Offset"));
  EXPECT_LE(offset, 5u);
  EXPECT_EQ(append(upload, offset, std::string_view("12345").substr(offset)).status, 204);
  EXPECT_EQ(test.world.stored("f"), "12345");
  EXPECT_EQ(append(upload, 5, "6").status, 413);
  EXPECT_EQ(append(upload, 5, "").status, 204);
  const std::string rest = request_text(
      "PATCH", upload, join({kVersionLine, patch_fields(5, ""), "Transfer-Encoding: chunked\r\n"}));
  EXPECT_EQ(test.exchange(rest + app::chunked("6", 1)).back().status, 413);
  EXPECT_EQ(test.world.stored("f"), "12345");
}

TEST_F(Tus, OnlyWhatItGaveOutIsAnUpload) {
  for (const char* id : {"x", "0123456789abcdef0123456789abcdef", "..%2F..%2Fsecret"}) {
    const std::string upload = "/tus/" + std::string(id);
    EXPECT_EQ(head(upload).status, 404) << id;
    EXPECT_EQ(head(upload).find("Upload-Offset"), std::nullopt);
    EXPECT_EQ(append(upload, 0, "x").status, 404) << id;
    EXPECT_EQ(ask("DELETE", upload).status, 404) << id;
  }
}

TEST_F(Tus, AnotherVersionIsRefusedAndNothingIsDone) {
  const std::string upload = created("f", 5);
  for (const std::string_view version : {"", "Tus-Resumable: 0.2.2\r\n"}) {
    const auto ask_so = [&](std::string_view method, std::string_view target,
                            std::string_view fields, std::optional<std::string_view> body) {
      const Reply reply =
          test.exchange(request_text(method, target, join({version, fields}), body)).back();
      EXPECT_EQ(reply.header("Tus-Resumable"), "1.0.0");
      EXPECT_EQ(reply.header("Tus-Version"), "1.0.0");
      return reply.status;
    };
    const int refused = version.empty() ? 400 : 412;
    EXPECT_EQ(ask_so("POST", "/tus/", "Upload-Length: 5\r\n", ""), refused);
    EXPECT_EQ(ask_so("HEAD", upload, "", std::nullopt), refused);
    EXPECT_EQ(ask_so("PATCH", upload, patch_fields(0, ""), "hello"), refused);
    EXPECT_EQ(ask_so("DELETE", upload, "", std::nullopt), refused);
  }
  EXPECT_EQ(head(upload).header("Upload-Offset"), "0");
}

TEST_F(Tus, OptionsTellsWhatThereIsWhateverTheVersion) {
  test.limits.max_content_length = UINT64_MAX;
  for (const char* target : {"/tus/", "/tus", "/tus/0123456789abcdef0123456789abcdef"}) {
    for (const std::string_view version : {"", "Tus-Resumable: 0.2.2\r\n"}) {
      const Reply told = test.exchange(request_text("OPTIONS", target, version)).back();
      EXPECT_EQ(told.status, 204);
      EXPECT_EQ(told.header("Tus-Resumable"), "1.0.0");
      EXPECT_EQ(told.header("Tus-Version"), "1.0.0");
      EXPECT_EQ(told.header("Tus-Extension"),
                "creation,creation-with-upload,creation-defer-length,checksum,termination,"
                "expiration");
      EXPECT_EQ(told.header("Tus-Checksum-Algorithm"), "sha1,sha256,crc32");
      EXPECT_EQ(told.find("Tus-Max-Size"), std::nullopt);
    }
  }
  test.limits.max_content_length = 1000;
  EXPECT_EQ(test.exchange(request_text("OPTIONS", "/tus/")).back().header("Tus-Max-Size"), "1000");
}

TEST_F(Tus, AMethodCanBeNamedInAField) {
  const std::string upload = created("f", 5);
  const auto post_as = [&](std::string_view method, std::string_view fields,
                           std::string_view body = "") {
    return ask("POST", upload, join({"X-HTTP-Method-Override: ", method, "\r\n", fields}), body);
  };
  EXPECT_EQ(post_as("PATCH", patch_fields(0, ""), "he").header("Upload-Offset"), "2");
  EXPECT_EQ(post_as("HEAD", "").header("Upload-Offset"), "2");
  EXPECT_EQ(post_as("OPTIONS", "").header("Tus-Version"), "1.0.0");
  EXPECT_EQ(post_as("patch", patch_fields(2, ""), "llo").status, 405);
  EXPECT_EQ(ask("PATCH", upload, "X-HTTP-Method-Override: HEAD\r\n", "").status, 200);
  EXPECT_EQ(ask("GET", upload, "X-HTTP-Method-Override: HEAD\r\n").header("Upload-Offset"), "2");
  EXPECT_EQ(
      ask("PUT", upload, join({"X-HTTP-Method-Override: PATCH\r\n", patch_fields(2, "")}), "l")
          .header("Upload-Offset"),
      "3");
  EXPECT_EQ(ask("GET", upload, "X-HTTP-Method-Override: DELETE\r\n").status, 204);
  EXPECT_EQ(head(upload).status, 404);
  EXPECT_EQ(post_as("DELETE", "").status, 404);
}

TEST_F(Tus, OtherMethodsAreRefused) {
  const std::string upload = created("f", 5);
  const Reply refused = ask("POST", upload, "Upload-Length: 5\r\n", "");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.header("Allow"), "GET, HEAD, PUT, POST, DELETE, OPTIONS, PATCH");
  EXPECT_EQ(ask("PUT", upload, "", "x").status, 405);
  EXPECT_EQ(ask("GET", upload).status, 405);
}

// "Tus-Resumable": also where no handler is asked; ask() looks.
TEST_F(Tus, AlsoWhatIsRefusedBeforeItIsLookedAtSaysTheVersion) {
  test.limits.max_content_length = 10;
  const std::string upload = created("f", 5);
  EXPECT_EQ(ask("PATCH", "/tus/", "", "x").status, 405);
  EXPECT_EQ(ask("GET", "/tus").status, 405);
  EXPECT_EQ(ask("PATCH", upload, patch_fields(0, ""), "more than ten").status, 413);
  EXPECT_EQ(create("Upload-Length: 10\r\n", "more than ten").status, 413);
  const Reply elsewhere =
      test.exchange(request_text("PUT", "/files/f", "", "more than ten")).back();
  EXPECT_EQ(elsewhere.status, 413);
  EXPECT_EQ(elsewhere.find("Tus-Resumable"), std::nullopt);
}

// ---------------------------------------------------------------- "Creation"

TEST_F(Tus, ALengthIsNeededOrSaidToBeUnknown) {
  const auto status = [&](std::string_view fields) { return create(fields).status; };
  EXPECT_EQ(status(""), 400);
  EXPECT_EQ(status("Upload-Length: x\r\n"), 400);
  EXPECT_EQ(status("Upload-Length: -1\r\n"), 400);
  EXPECT_EQ(status("Upload-Length: \r\n"), 400);
  EXPECT_EQ(status("Upload-Defer-Length: 2\r\n"), 400);
  EXPECT_EQ(status("Upload-Defer-Length: 0\r\nUpload-Length: 5\r\n"), 400);
  EXPECT_EQ(status("Upload-Defer-Length: 1\r\nUpload-Length: 5\r\n"), 400);
  EXPECT_EQ(status("Upload-Defer-Length: 1\r\n"), 201);
}

TEST_F(Tus, ALengthThatWasDeferredComesLater) {
  const Reply reply = create(join({metadata("f"), "Upload-Defer-Length: 1\r\n"}));
  EXPECT_EQ(reply.status, 201);
  const std::string upload = reply.header("Location");
  EXPECT_EQ(append(upload, 0, "hel").status, 204);
  const Reply unknown = head(upload);
  EXPECT_EQ(unknown.header("Upload-Defer-Length"), "1");
  EXPECT_EQ(unknown.find("Upload-Length"), std::nullopt);
  EXPECT_EQ(append(upload, 3, "", "Upload-Length: 2\r\n").status, 400);  // less than there is
  EXPECT_EQ(append(upload, 3, "l", "Upload-Length: 5\r\n").status, 204);
  EXPECT_EQ(head(upload).header("Upload-Length"), "5");
  EXPECT_EQ(head(upload).find("Upload-Defer-Length"), std::nullopt);
  EXPECT_EQ(append(upload, 4, "o", "Upload-Length: 6\r\n").status, 400);  // it must not change
  EXPECT_EQ(append(upload, 4, "o", "Upload-Length: 5\r\n").status, 204);
  EXPECT_EQ(test.world.stored("f"), "hello");
}

TEST_F(Tus, ALengthThatIsThereAlreadyMakesItWhole) {
  const std::string upload =
      create(join({metadata("f"), "Upload-Defer-Length: 1\r\n"})).header("Location");
  EXPECT_EQ(append(upload, 0, "hello").status, 204);
  EXPECT_EQ(test.world.stored("f"), std::nullopt);
  const Reply last = append(upload, 5, "", "Upload-Length: 5\r\n");
  EXPECT_EQ(last.status, 204);
  EXPECT_EQ(last.header("Content-Location"), "/files/f");
  EXPECT_EQ(test.world.stored("f"), "hello");
}

TEST_F(Tus, AnEmptyFileIsWholeWhenItIsCreated) {
  const Reply reply = create(join({metadata("empty"), "Upload-Length: 0\r\n"}));
  EXPECT_EQ(reply.status, 201);
  EXPECT_EQ(reply.header("Content-Location"), "/files/empty");
  EXPECT_EQ(test.world.stored("empty"), "");
  EXPECT_EQ(head(reply.header("Location")).header("Upload-Offset"), "0");
}

TEST_F(Tus, ALengthBeyondTheLargestIsRefused) {
  test.limits.max_content_length = 100;
  EXPECT_EQ(create("Upload-Length: 101\r\n").status, 413);
  EXPECT_EQ(create("Upload-Length: 100\r\n").status, 201);
  const std::string upload = create("Upload-Defer-Length: 1\r\n").header("Location");
  EXPECT_EQ(append(upload, 0, "", "Upload-Length: 101\r\n").status, 413);
  EXPECT_EQ(append(upload, 0, content(60)).status, 204);
  EXPECT_EQ(append(upload, 60, content(41)).status, 413);
  EXPECT_EQ(append(upload, 60, content(40)).status, 204);
}

TEST_F(Tus, TheSlashBehindTheFolderMayBeLeftOut) {
  EXPECT_EQ(ask("POST", "/tus", "Upload-Length: 5\r\n", "").status, 201);
}

TEST_F(Tus, MetadataAreToldAsTheyWereGiven) {
  const std::string_view given =
      "filename YS9iLmJpbg==,filetype YXBwbGljYXRpb24vb2N0ZXQtc3RyZWFt,x,y ";
  const std::string upload =
      create(join({"Upload-Length: 5\r\nUpload-Metadata: ", given, "\r\n"})).header("Location");
  const std::string_view kept = given.substr(0, given.size() - 1);  // white space at a field's end
  EXPECT_EQ(head(upload).header("Upload-Metadata"), kept);
  EXPECT_EQ(append(upload, 0, "hel").status, 204);
  EXPECT_EQ(head(upload).header("Upload-Metadata"), kept);
  EXPECT_EQ(append(upload, 3, "lo").status, 204);
  EXPECT_EQ(head(upload).header("Upload-Metadata"), kept);
  EXPECT_EQ(test.world.stored("a/b.bin"), "hello");
}

TEST_F(Tus, WithoutANameTheFileIsNamedAfterItsId) {
  const std::string upload = create("Upload-Length: 2\r\n").header("Location");
  EXPECT_EQ(head(upload).find("Upload-Metadata"), std::nullopt);
  EXPECT_EQ(append(upload, 0, "hi").status, 204);
  EXPECT_EQ(test.world.stored(upload.substr(5)), "hi");
}

TEST_F(Tus, NamesGoThroughTheRulesForPaths) {
  for (const std::string_view name :
       {"", "..", "../x", "/x", "a//b", "a/", ".wherry/uploads/x", "a\nb", "\xFF"}) {
    const Reply refused = create(join({metadata(name), "Upload-Length: 1\r\n"}));
    EXPECT_EQ(refused.status, 400) << name;
    EXPECT_EQ(refused.body, "{\"error\": \"The file name is not allowed\"}");
  }
  for (const char* field : {"a,a", "filename x", "filename YQ==,", ","}) {
    const Reply refused = create(join({"Upload-Length: 1\r\nUpload-Metadata: ", field, "\r\n"}));
    EXPECT_EQ(refused.status, 400) << field;
    EXPECT_EQ(refused.body, "{\"error\": \"Upload-Metadata is not valid\"}");
  }
  const std::string long_field(UploadResource::kMaxMetadataBytes + 1, 'k');
  EXPECT_EQ(create(join({"Upload-Length: 1\r\nUpload-Metadata: ", long_field, "\r\n"})).status,
            431);
}

TEST_F(Tus, PartsThatWouldBePutTogetherAreRefused) {
  EXPECT_EQ(create("Upload-Length: 5\r\nUpload-Concat: partial\r\n").status, 400);
  EXPECT_EQ(create("Upload-Concat: final;/tus/a /tus/b\r\n").status, 400);
}

TEST_F(Tus, ConditionsOfTheCreationHoldToTheLast) {
  test.world.store("f", "old");
  EXPECT_EQ(create(join({metadata("f"), "Upload-Length: 5\r\nIf-None-Match: *\r\n"})).status, 412);
  const std::string upload =
      create(join({metadata("g"), "Upload-Length: 5\r\nIf-None-Match: *\r\n"})).header("Location");
  test.world.store("g", "another's");
  EXPECT_EQ(append(upload, 0, "hello").status, 412);
  EXPECT_EQ(test.world.stored("g"), "another's");
  EXPECT_EQ(head(upload).status, 404);
}

TEST_F(Tus, ANameThatAFolderHasIsRefused) {
  // Not by 409: that is about offsets.
  const std::string upload = created("folder", 5);
  test.world.store("folder/in", "x");
  EXPECT_EQ(append(upload, 0, "hello").status, 400);
  EXPECT_EQ(head(upload).status, 404);
  const std::uint32_t blocks = test.world.storage.blocks_in_use();
  for (const char* name : {"folder", "folder/in/below"}) {
    EXPECT_EQ(create(join({metadata(name), "Upload-Length: 5\r\n"})).status, 400) << name;
  }
  EXPECT_EQ(test.world.storage.blocks_in_use(), blocks);
}

TEST_F(Tus, TheChecksumOfTheWholeMayBeToldAtItsCreation) {
  const std::string right = "X-Checksum-CRC32: 0x3610a686\r\n";
  const std::string good =
      create(join({metadata("f"), "Upload-Length: 5\r\n", right})).header("Location");
  EXPECT_EQ(append(good, 0, "hello").status, 204);
  const std::string bad =
      create(join({metadata("g"), "Upload-Length: 5\r\n", right})).header("Location");
  EXPECT_EQ(append(bad, 0, "hullo").status, 422);
  EXPECT_EQ(test.world.stored("g"), std::nullopt);
}

// ---------------------------------------------------------------- "Creation With Upload"

TEST_F(Tus, TheFirstBytesMayComeWithTheCreation) {
  const Reply part = create(join({metadata("f"), kTypeLine, "Upload-Length: 11\r\n"}), "hello");
  EXPECT_EQ(part.status, 201);
  EXPECT_EQ(part.header("Upload-Offset"), "5");
  EXPECT_EQ(append(part.header("Location"), 5, " world").status, 204);
  EXPECT_EQ(test.world.stored("f"), "hello world");
  const Reply whole = create(join({metadata("g"), kTypeLine, "Upload-Length: 5\r\n"}), "hello");
  EXPECT_EQ(whole.status, 201);
  EXPECT_EQ(whole.header("Upload-Offset"), "5");
  EXPECT_EQ(whole.header("Content-Location"), "/files/g");
  EXPECT_EQ(whole.header("X-Checksum-CRC32"), "0x3610a686");
  EXPECT_EQ(test.world.stored("g"), "hello");
}

TEST_F(Tus, BytesOfAnotherTypeOrTooManyComeWithNoCreation) {
  EXPECT_EQ(create("Upload-Length: 5\r\n", "hello").status, 415);
  EXPECT_EQ(create(join({kTypeLine, "Upload-Length: 4\r\n"}), "hello").status, 413);
}

TEST_F(Tus, ACreationThatIsCutLeavesNothing) {
  const std::uint32_t blocks = test.world.storage.blocks_in_use();
  cut("POST", "/tus/", join({kTypeLine, "Upload-Length: 3000\r\n"}), content(3000), 2000);
  EXPECT_EQ(test.world.storage.blocks_in_use(), blocks);
}

// ---------------------------------------------------------------- "Expiration"

TEST_F(Tus, ItTellsUntilWhenItKeepsWhatIsNotWhole) {
  const auto expires = [&] {
    return std::string(
        http::http_date(*test.world.network.loop().unix_time_s() + test.limits.upload_max_age_s)
            .view());
  };
  const Reply reply = create(join({metadata("f"), "Upload-Length: 5\r\n"}));
  EXPECT_EQ(reply.header("Upload-Expires"), expires());
  test.world.network.loop().advance(60 * 60 * 1000);
  set_clock();
  const Reply part = append(reply.header("Location"), 0, "hel");
  EXPECT_EQ(part.header("Upload-Expires"), expires());
  const std::string upload = reply.header("Location");
  const auto refused = [&](int status, const Reply& refusal) {
    return refusal.status == status && refusal.header("Upload-Expires") == expires();
  };
  EXPECT_TRUE(refused(409, append(upload, 2, "x")));
  EXPECT_TRUE(refused(460, append(upload, 3, "lO", checksum<Sha1>("sha1", "lo"))));
  EXPECT_TRUE(refused(400, append(upload, 3, "lo", "Upload-Length: 6\r\n")));
  EXPECT_TRUE(refused(413, append(upload, 3, "long")));
  const std::string chunks = request_text(
      "PATCH", upload, join({kVersionLine, patch_fields(3, ""), "Transfer-Encoding: chunked\r\n"}));
  EXPECT_TRUE(refused(413, test.exchange(chunks + app::chunked("long", 4)).back()));
  const Reply last = append(upload, 3, "lo");
  EXPECT_EQ(last.status, 204);
  EXPECT_EQ(last.find("Upload-Expires"), std::nullopt);
  EXPECT_EQ(append(upload, 3, "lo").find("Upload-Expires"), std::nullopt);
}

TEST_F(Tus, WhatNobodyGoesOnWithIsRemovedAfterADay) {
  const std::string upload = created("f", 5);
  test.world.network.loop().advance((test.limits.upload_max_age_s + 60) * 1000ull);
  set_clock();
  EXPECT_NE(created("g", 5), upload);
  EXPECT_EQ(head(upload).status, 404);
  EXPECT_EQ(append(upload, 0, "hello").status, 404);
}

// ---------------------------------------------------------------- "Checksum"

TEST_F(Tus, EachAlgorithmTellsDamageFromWhatIsRight) {
  const std::string_view body = "hello world";
  const auto crc = [&](std::string_view text) {
    const std::uint32_t value = crc32(as_bytes(text));
    const std::array<std::byte, 4> bytes{
        static_cast<std::byte>(value >> 24), static_cast<std::byte>(value >> 16 & 0xFF),
        static_cast<std::byte>(value >> 8 & 0xFF), static_cast<std::byte>(value & 0xFF)};
    return join({"Upload-Checksum: crc32 ", base64(bytes), "\r\n"});
  };
  const std::string checksums[] = {checksum<Sha1>("sha1", body), checksum<Sha256>("sha256", body),
                                   crc(body)};
  EXPECT_EQ(checksums[0], "Upload-Checksum: sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=\r\n");
  for (const std::string& said : checksums) {
    const std::string upload = created("f", 16);
    EXPECT_EQ(append(upload, 0, "good ").status, 204);
    const Reply refused = append(upload, 5, "hello wor1d", said);
    EXPECT_EQ(refused.status, 460) << said;
    EXPECT_EQ(refused.head.substr(0, 30), "HTTP/1.1 460 Checksum Mismatch");
    EXPECT_EQ(head(upload).header("Upload-Offset"), "5");
    EXPECT_EQ(append(upload, 5, body, said).status, 204) << said;
    EXPECT_EQ(test.world.stored("f"), "good hello world");
  }
}

TEST_F(Tus, WhatIsCutBeforeItsChecksumCouldBeSeenDoesNotCount) {
  const std::string body = content(3000);
  const std::string upload = created("f", body.size());
  const std::string said = checksum<Sha1>("sha1", body);
  cut("PATCH", upload, patch_fields(0, said), body, 2999);
  EXPECT_EQ(head(upload).header("Upload-Offset"), "0");
  EXPECT_EQ(append(upload, 0, body, said).status, 204);
  EXPECT_EQ(test.world.stored("f"), body);
}

TEST_F(Tus, AnotherAlgorithmIsRefusedAndNothingIsTaken) {
  const std::string upload = created("f", 5);
  for (const char* said : {"md5 XUFAKrxLKna5cZ2REBfFkg==", "sha1", "sha1 AAAA", ""}) {
    EXPECT_EQ(append(upload, 0, "hello", join({"Upload-Checksum: ", said, "\r\n"})).status, 400)
        << said;
  }
  EXPECT_EQ(head(upload).header("Upload-Offset"), "0");
}

TEST_F(Tus, ADamagedCreationLeavesNothing) {
  const std::uint32_t blocks = test.world.storage.blocks_in_use();
  const std::string fields =
      join({metadata("f"), kTypeLine, "Upload-Length: 5\r\n", checksum<Sha1>("sha1", "hello")});
  EXPECT_EQ(create(fields, "hullo").status, 460);
  EXPECT_EQ(test.world.storage.blocks_in_use(), blocks);
  EXPECT_EQ(create(fields, "hello").status, 201);
  EXPECT_EQ(test.world.stored("f"), "hello");
}

// ---------------------------------------------------------------- "Termination"

TEST_F(Tus, DeletingGivesAllBack) {
  const std::uint32_t blocks = test.world.storage.blocks_in_use();
  const std::string upload = created("f", 3000);
  cut("PATCH", upload, patch_fields(0, ""), content(3000), 2000);
  EXPECT_GT(test.world.storage.blocks_in_use(), blocks);
  EXPECT_EQ(ask("DELETE", upload).status, 204);
  EXPECT_EQ(test.world.storage.blocks_in_use(), blocks);
  EXPECT_EQ(head(upload).status, 404);
  EXPECT_EQ(append(upload, 0, "x").status, 404);
  EXPECT_EQ(ask("DELETE", upload).status, 404);
}

TEST_F(Tus, DeletingWhatIsWholeLeavesTheFile) {
  const std::string upload = created("f", 5);
  EXPECT_EQ(append(upload, 0, "hello").status, 204);
  EXPECT_EQ(ask("DELETE", upload).status, 204);
  EXPECT_EQ(head(upload).status, 404);
  EXPECT_EQ(test.world.stored("f"), "hello");
}

// ---------------------------------------------------------------- both protocols

TEST_F(Tus, AnUploadOfTheIetfsProtocolIsTheSameUpload) {
  const std::string id = created("f", 10).substr(5);
  EXPECT_EQ(append("/tus/" + id, 0, "hello").status, 204);
  const Reply state = test.exchange(request_text("HEAD", "/uploads/" + id)).back();
  EXPECT_EQ(state.header("Upload-Offset"), "5");
  EXPECT_EQ(state.header("Upload-Length"), "10");
  const std::string append_fields =
      "Content-Type: application/partial-upload\r\nUpload-Offset: 5\r\nUpload-Complete: ?1\r\n";
  EXPECT_EQ(
      test.exchange(request_text("PATCH", "/uploads/" + id, append_fields, "world")).back().status,
      201);
  EXPECT_EQ(test.world.stored("f"), "helloworld");
  EXPECT_EQ(head("/tus/" + id).header("Upload-Offset"), "10");
}

TEST_F(Tus, WhatHasAllItsBytesTakesItsPlaceWhenItIsAskedFor) {
  // The other protocol keeps it open until its sender says that it is whole.
  const Reply other =
      test.exchange(request_text("PUT", "/files/f", "Upload-Complete: ?0\r\nUpload-Length: 5\r\n",
                                 "hello"))
          .back();
  EXPECT_EQ(other.status, 201);
  EXPECT_EQ(test.world.stored("f"), std::nullopt);
  const Reply state = head("/tus/" + other.header("Location").substr(9));
  EXPECT_EQ(state.status, 200);
  EXPECT_EQ(state.header("Upload-Offset"), "5");
  EXPECT_EQ(state.header("Content-Location"), "/files/f");
  EXPECT_EQ(test.world.stored("f"), "hello");
}

}  // namespace
}  // namespace wherry::transfer
