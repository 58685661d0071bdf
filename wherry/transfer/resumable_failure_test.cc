// SPDX-License-Identifier: MIT
// An upload that goes on, while each operation of the storage fails in turn: what was told holds,
// the upload comes to its end, and nothing of it stays for longer than it may.
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
using app::TestServer;

std::string content() {
  std::string text;
  for (int i = 0; text.size() < 2000; ++i) text += std::to_string(i) + ' ';
  return text;
}

/// A client that does what the draft says: it asks where to go on after each failure.
class PatientClient {
 public:
  explicit PatientClient(TestServer& server) : server_(server) {}

  /// Sends `body` in three requests, and whatever else it takes. Returns: the last reply.
  Reply send(const std::string& body) {
    Reply last;
    for (int tries = 0; tries < 10; ++tries) {
      if (upload_.empty() && !create(body.substr(0, 700))) continue;
      const Reply head = ask("HEAD", upload_, "");
      EXPECT_NE(head.status, 404);  // a failure is no reason to give an upload up
      if (head.status != 204) continue;
      const std::uint64_t offset = std::stoull(std::string(head.header("Upload-Offset")));
      EXPECT_GE(offset, told_);
      EXPECT_LE(offset, body.size());
      told_ = offset;
      if (head.header("Upload-Complete") == "?1") return head;
      const bool is_last = offset >= 700;
      const std::string rest = is_last ? body.substr(offset) : body.substr(offset, 600);
      last = ask(
          "PATCH", upload_,
          "Content-Type: application/partial-upload\r\nUpload-Offset: " + std::to_string(offset) +
              (is_last ? "\r\nUpload-Complete: ?1\r\n" : "\r\nUpload-Complete: ?0\r\n"),
          rest);
      EXPECT_NE(last.status, 409);
    }
    ADD_FAILURE() << "it comes to no end";
    return last;
  }

 private:
  /// Returns: whether it is known where the upload is.
  bool create(std::string_view body) {
    told_ = 0;
    const auto replies = server_.exchange(request_text(
        "PUT", "/files/f", "Upload-Draft-Interop-Version: 8\r\nUpload-Complete: ?0\r\n", body));
    for (const Reply& reply : replies) {
      if (reply.find("Location")) upload_ = reply.header("Location");
    }
    return !upload_.empty();
  }
  Reply ask(std::string_view method, std::string_view target, std::string_view fields,
            std::optional<std::string_view> body = std::nullopt) {
    return server_.exchange(request_text(method, target, fields, body)).back();
  }

  TestServer& server_;
  std::string upload_;
  std::uint64_t told_ = 0;  // may be lost no more
};

TEST(ResumableFailure, OfAnyOperationOfTheStorageIsOvercome) {
  const std::string body = content();
  for (const bool has_slow_storage : {false, true}) {
    for (const Error error : {Error::disk_failed, Error::no_space, Error::busy}) {
      bool was_met = true;
      for (std::uint64_t index = 0; was_met; ++index) {
        ASSERT_LT(index, 300u);
        SCOPED_TRACE(std::to_string(index) + " " + std::string(describe(error).text));
        TestServer server(kService, app::small_limits(), 1, has_slow_storage);
        server.limits.max_unfinished_uploads = 5;
        server.limits.upload_keep_bytes = 500;
        auto& storage = server.world.storage;
        auto& loop = server.world.network.loop();
        storage.set_clock(loop.unix_time_s());
        server.world.store("f", body);
        const std::uint32_t blocks = storage.blocks_in_use();
        const std::uint64_t first = storage.operation_count();
        storage.fail_operation(index, error);
        PatientClient(server).send(body);
        was_met = storage.operation_count() - first > index;
        storage.fail_operation(0, Error::none);
        EXPECT_EQ(server.world.stored("f"), body);
        // What was begun in vain is removed when its time is over.
        loop.advance(std::uint64_t{server.limits.upload_max_age_s} * 1000);
        storage.set_clock(loop.unix_time_s());
        server.exchange(request_text("PUT", "/files/f", "Upload-Complete: ?1\r\n", body));
        EXPECT_EQ(storage.blocks_in_use(), blocks);
        EXPECT_EQ(server.world.leftovers(), "");
      }
    }
  }
}

}  // namespace
}  // namespace wherry::transfer
