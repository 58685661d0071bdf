// SPDX-License-Identifier: MIT
// Uploads that go on beside others, whichever protocol they speak: who gets the upload, a slot of
// the storage, and room.
#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wherry/app/test_client.h"
#include "wherry/base/base64.h"
#include "wherry/base/sha1.h"
#include "wherry/transfer/service.h"

namespace wherry::transfer {
namespace {

using app::Reply;
using app::request_text;
using app::TestServer;

constexpr std::string_view kPart = "Upload-Complete: ?0\r\n";

app::Limits limits() {
  app::Limits limits = app::small_limits();
  limits.max_connections = 8;
  limits.max_unfinished_uploads = 5;  // the storage has 16 names
  return limits;
}

std::string sha1_of(std::string_view text) {
  Sha1 sha1;
  sha1.update(as_bytes(text));
  std::string encoded(base64_size(sha1.value().size()), '\0');
  TextWriter writer{std::span<char>(encoded)};
  append_base64(sha1.value(), writer);
  return encoded;
}

/// Of a storage whose operations end later.
struct UploadsAtOnce : testing::Test {
  UploadsAtOnce() { set_clock(); }
  ~UploadsAtOnce() override { EXPECT_EQ(test.world.leftovers(), ""); }

  void set_clock() { test.world.storage.set_clock(test.world.network.loop().unix_time_s()); }

  net::sim::SimPeer& send(std::string_view request) {
    net::sim::SimPeer& peer = test.connect();
    peer.send(request);
    return peer;
  }
  Reply ask(std::string_view method, std::string_view target, std::string_view fields = "",
            std::optional<std::string_view> body = std::nullopt) {
    return test.exchange(request_text(method, target, fields, body)).back();
  }
  std::string created(std::string_view path, std::string_view body) {
    const Reply reply = ask("PUT", path, kPart, body);
    EXPECT_EQ(reply.status, 201);
    return reply.header("Location");
  }
  /// 0: none yet.
  int status(net::sim::SimPeer& peer) {
    const std::vector<Reply> replies = test.replies_to(peer);
    return replies.empty() ? 0 : replies.back().status;
  }
  void end(std::initializer_list<net::sim::SimPeer*> peers) {
    for (net::sim::SimPeer* peer : peers) peer->reset();
    test.run();
  }

  TestServer test{kService, limits(), 1, true};
};

// Section "Concurrency" of the draft: it is no fault of the server's.
TEST_F(UploadsAtOnce, WhoIsOvertakenWhileWaitingIsToldNothing) {
  const std::string upload = created("/files/f", "12345");
  net::sim::SimPeer& first =
      send(request_text("PATCH", upload,
                        "Content-Type: application/partial-upload\r\nUpload-Offset: 5\r\n"
                        "Upload-Complete: ?1\r\nContent-Length: 5\r\n") +
           "678");
  test.run();
  net::sim::SimPeer& second = send(request_text("HEAD", upload));
  net::sim::SimPeer& third = send(request_text("HEAD", upload));
  test.run();
  EXPECT_EQ(status(first), 0);
  EXPECT_EQ(status(second), 0);
  EXPECT_EQ(status(third), 204);
  EXPECT_TRUE(second.has_seen_end());
  end({&first, &second, &third});
}

TEST_F(UploadsAtOnce, OfThoseThatBeginTogetherNoMoreStayThanMay) {
  test.limits.max_unfinished_uploads = 1;
  std::vector<net::sim::SimPeer*> peers;
  for (int i = 0; i < 2; ++i) {
    peers.push_back(&send(request_text("PUT", "/files/f" + std::to_string(i), kPart, "12345")));
  }
  int refused = 0;
  for (net::sim::SimPeer* peer : peers) {
    ASSERT_TRUE(test.world.network.loop().run_until([&] { return status(*peer) != 0; }));
    refused += status(*peer) != 201 ? 1 : 0;
    EXPECT_TRUE(status(*peer) == 201 || status(*peer) == 507 || status(*peer) == 503);
  }
  for (net::sim::SimPeer* peer : peers) end({peer});
  EXPECT_GE(refused, 1);
  if (refused == 2) created("/files/g", "12345");
  EXPECT_EQ(ask("PUT", "/files/h", kPart, "12345").status, 507);
}

// There are three slots: one for each upload, and one for a note.
TEST_F(UploadsAtOnce, WhoHasNoSlotForTheNoteWaitsForOne) {
  std::vector<net::sim::SimPeer*> peers;
  for (int i = 0; i < 2; ++i) {
    peers.push_back(&send(request_text("PUT", "/files/f" + std::to_string(i),
                                       "Upload-Complete: ?0\r\nContent-Length: 5\r\n")));
    test.run();
  }
  for (net::sim::SimPeer* peer : peers) peer->send("12345");
  for (net::sim::SimPeer* peer : peers) {
    ASSERT_TRUE(test.world.network.loop().run_until([&] { return status(*peer) != 0; }));
    EXPECT_EQ(status(*peer), 201);
    end({peer});
  }
}

// Nothing counts of a request with a checksum before its end, and its bytes take room all the same.
TEST_F(UploadsAtOnce, APartWithAChecksumTakesNoMoreThanThereIs) {
  test.limits.max_unfinished_bytes = 1000;
  test.limits.upload_keep_bytes = 100;
  const std::string tus = "Tus-Resumable: 1.0.0\r\n";
  const std::string upload =
      ask("POST", "/tus/", tus + "Upload-Defer-Length: 1\r\n", "").header("Location");
  const std::string body(800, 'x');
  net::sim::SimPeer& peer =
      send(request_text("PATCH", upload,
                        tus + "Content-Type: application/offset+octet-stream\r\n" +
                            "Upload-Offset: 0\r\nContent-Length: 800\r\nUpload-Checksum: sha1 " +
                            sha1_of(body) + "\r\n") +
           body.substr(0, 150));
  test.run();
  const std::string other = created("/files/other", std::string(600, 'y'));
  for (std::size_t sent = 150; sent < body.size(); sent += 50) {
    peer.send(body.substr(sent, 50));
    test.run();
  }
  EXPECT_EQ(status(peer), 507);
  EXPECT_EQ(ask("HEAD", upload, tus).header("Upload-Offset"), "0");
  end({&peer});
}

TEST_F(UploadsAtOnce, WhatIsTooOldMakesRoomForAPlainPut) {
  const std::string upload = created("/files/old", std::string(190'000, 'x'));
  const auto& storage = test.world.storage;
  for (int i = 0; storage.block_count() - storage.blocks_in_use() > 380; ++i) {
    test.world.store("filler" + std::to_string(i), std::string(90'000, 'y'));
  }
  EXPECT_EQ(ask("PUT", "/files/new", "", std::string(199'000, 'z')).status, 507);
  test.world.network.loop().advance(std::uint64_t{test.limits.upload_max_age_s} * 1000);
  set_clock();
  EXPECT_EQ(ask("PUT", "/files/new", "", std::string(199'000, 'z')).status, 201);
  EXPECT_EQ(ask("HEAD", upload).status, 404);
}

}  // namespace
}  // namespace wherry::transfer
