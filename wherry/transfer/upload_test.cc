// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wherry/app/test_client.h"
#include "wherry/base/crc32.h"
#include "wherry/base/number.h"
#include "wherry/transfer/service.h"

namespace wherry::transfer {
namespace {

using app::chunked;
using app::Reply;
using app::request_text;
using app::TestServer;
using net::sim::Pieces;

std::string content(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i) text += std::to_string(i) + ' ';
  return text.substr(0, size);
}

std::string stored_json(std::string_view name, std::string_view body) {
  return "{\"filename\": \"" + std::string(name) + "\", \"size\": " + std::to_string(body.size()) +
         ", \"crc32\": \"" + std::string(hex32(crc32_portable(as_bytes(body))).view()) + "\"}";
}

// A part of a form; `filename` as in the header, without quotes; none: a text field.
struct Part {
  std::string name;
  std::optional<std::string> filename;
  std::string body;
};

constexpr std::string_view kFormType = "Content-Type: multipart/form-data; boundary=XyZ\r\n";

std::string form_body(const std::vector<Part>& parts) {
  std::string text;
  for (const Part& part : parts) {
    text += "--XyZ\r\nContent-Disposition: form-data; name=\"" + part.name + "\"";
    if (part.filename) text += "; filename=\"" + *part.filename + "\"";
    text += "\r\n\r\n" + part.body + "\r\n";
  }
  return text + "--XyZ--\r\n";
}

std::string form(const std::vector<Part>& parts) {
  return request_text("POST", "/upload", kFormType, form_body(parts));
}

struct Upload : testing::Test {
  Reply put(std::string_view name, std::string_view body, std::string_view fields = "") {
    return test.ask(request_text("PUT", "/upload/" + std::string(name), fields, body));
  }
  std::optional<std::string> stored(std::string_view name) { return test.world.stored(name); }
  ~Upload() override { EXPECT_EQ(test.world.leftovers(), ""); }

  TestServer test{kService};
};

TEST_F(Upload, StoresTheBodyAndTellsWhatItWas) {
  const std::string body = content(5000);
  const Reply reply = put("new.bin", body);
  EXPECT_EQ(reply.head,
            "HTTP/1.1 201 Created\r\n"
            "Date: Fri, 15 Jan 2027 08:00:00 GMT\r\n"
            "Content-Type: application/json\r\n"
            "Content-Length: " +
                std::to_string(reply.body.size()) +
                "\r\n"
                "Location: /download/file/new.bin\r\n"
                "ETag: \"0000000000000001\"");
  EXPECT_EQ(reply.body, stored_json("new.bin", body));
  EXPECT_EQ(stored("new.bin"), body);
  EXPECT_EQ(test.ask(request_text("GET", "/download/file/new.bin")).body, body);
}

TEST_F(Upload, ReplacingAnswers200) {
  EXPECT_EQ(put("a", "first").status, 201);
  const Reply reply = put("a", "second");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, stored_json("a", "second"));
  EXPECT_EQ(stored("a"), "second");
}

TEST_F(Upload, EveryWayToSendABodyStoresTheSame) {
  const std::string body = content(3000);
  const std::string in_chunks =
      request_text("PUT", "/upload/x", "Transfer-Encoding: chunked\r\n") + chunked(body, 700);
  const std::string whole = request_text("PUT", "/upload/x", "", body);
  for (const std::string& input : {in_chunks, whole}) {
    for (const Pieces pieces : {Pieces::whole, Pieces::random, Pieces::single_bytes}) {
      for (const bool has_slow_storage : {false, true}) {
        TestServer server(kService, app::small_limits(), 7, has_slow_storage);
        const auto replies = server.exchange({input}, {.reads = pieces, .writes = pieces});
        ASSERT_EQ(app::statuses(replies), "201");
        EXPECT_EQ(replies[0].body, stored_json("x", body));
        EXPECT_EQ(server.world.stored("x"), body);
      }
    }
  }
}

TEST_F(Upload, EmptyBodiesMakeEmptyFiles) {
  EXPECT_EQ(put("a", "").body, stored_json("a", ""));
  EXPECT_EQ(test.ask(request_text("PUT", "/upload/b")).status, 201);
  EXPECT_EQ(
      test.ask(request_text("PUT", "/upload/c", "Transfer-Encoding: chunked\r\n") + chunked("", 1))
          .status,
      201);
  EXPECT_EQ(stored("a"), "");
  EXPECT_EQ(stored("b"), "");
  EXPECT_EQ(stored("c"), "");
  EXPECT_NE(put("a", "").body.find("0x00000000"), std::string::npos);
}

TEST_F(Upload, NamesAreDecodedStoredAndEncodedAgain) {
  struct Row {
    std::string_view sent;
    std::string_view name;
    std::string_view in_json;
    std::string_view location;
  };
  constexpr Row kRows[] = {
      {"a%20b.txt", "a b.txt", "a b.txt", "/download/file/a%20b.txt"},
      {"dir/sub/c", "dir/sub/c", "dir/sub/c", "/download/file/dir/sub/c"},
      {"x%2Fy", "x/y", "x/y", "/download/file/x/y"},
      {"%C3%BC", "\xC3\xBC", "\xC3\xBC", "/download/file/%C3%BC"},
      {"\xC3\xA4", "\xC3\xA4", "\xC3\xA4", "/download/file/%C3%A4"},
      {"%22quoted%22", "\"quoted\"", "\\\"quoted\\\"", "/download/file/%22quoted%22"},
      {"100%25", "100%", "100%", "/download/file/100%25"},
      {"a%3Fb%23c", "a?b#c", "a?b#c", "/download/file/a%3Fb%23c"},
      {"plus+", "plus+", "plus+", "/download/file/plus+"},
  };
  for (const Row& row : kRows) {
    const Reply reply = put(row.sent, "content");
    EXPECT_EQ(reply.status, 201) << row.sent;
    EXPECT_EQ(reply.body, stored_json(row.in_json, "content"));
    EXPECT_EQ(reply.header("Location"), row.location);
    EXPECT_EQ(stored(row.name), "content");
    EXPECT_EQ(test.ask(request_text("GET", row.location)).body, "content");
  }
}

TEST_F(Upload, LongestNameHasRoomInEveryReply) {
  std::string name(250, '"');
  while (name.size() + 251 <= 1024) name += "/" + std::string(250, '"');
  std::string sent;
  for (const char c : name) sent += c == '/' ? "/" : "%22";
  app::Limits limits = app::small_limits();
  limits.max_readline = 4096;
  limits.max_header_bytes = 8192;
  TestServer large(kService, limits);
  const Reply reply = large.ask(request_text("PUT", "/upload/" + sent, "", "x"));
  EXPECT_EQ(reply.status, 201);
  EXPECT_GT(reply.body.size(), 2000u);
  EXPECT_EQ(reply.header("Location"), "/download/file/" + sent);
}

TEST_F(Upload, NamesThatLeadElsewhereAreRefusedAndTheConnectionGoesOn) {
  for (const std::string_view name : {"../a", "..%2Fa", "a/../b", "a//b", "/a", "a/", "%00",
                                      "a%0Ab", "a%5Cb", "%FF", ".wherry/a", ".Wherry/a", "."}) {
    const std::string input =
        request_text("PUT", "/upload/" + std::string(name), "", "body") + request_text("GET", "/");
    const auto replies = test.exchange(input);
    EXPECT_EQ(app::statuses(replies), "400 200") << name;
    EXPECT_EQ(replies.at(0).body, "{\"error\": \"The file name is not allowed\"}");
  }
  EXPECT_EQ(test.world.storage.file_count(), 0u);
}

TEST_F(Upload, WhatIsNoWholeFileIsRefused) {
  const Reply part = put("a", "x", "Content-Range: bytes 0-0/5\r\n");
  EXPECT_EQ(part.status, 400);
  EXPECT_EQ(part.body, "{\"error\": \"Content-Range is not allowed on PUT: send the whole file\"}");
  EXPECT_EQ(put("a", "x", "Content-Encoding: gzip\r\n").body,
            "{\"error\": \"Content-Encoding is not allowed: send the file as it is\"}");
  EXPECT_EQ(put("a", "x", "Content-Encoding: Identity\r\n").status, 201);
  EXPECT_EQ(put("a", "y", "Content-Range: bytes 0-0/5\r\n").status, 400);
  EXPECT_EQ(stored("a"), "x");
}

TEST_F(Upload, NameThatIsAFolderOrBelowAFileIsAConflict) {
  EXPECT_EQ(put("folder/file", "x").status, 201);
  EXPECT_EQ(put("folder", "x").status, 409);
  EXPECT_EQ(put("folder/file/x", "x").status, 409);
}

TEST_F(Upload, FileThatCannotFitIsRefusedBeforeItIsSent) {
  app::Limits limits = app::small_limits();
  limits.max_content_length = UINT64_MAX;
  TestServer server(kService, limits);
  net::sim::SimPeer& peer = server.connect();
  peer.send(request_text("PUT", "/upload/large",
                         "Expect: 100-continue\r\n"
                         "Content-Length: 100000000\r\n"));
  server.run();
  EXPECT_EQ(app::statuses(server.replies_to(peer)), "507");
}

TEST_F(Upload, FullStorageKeepsTheOldFile) {
  app::Limits limits = app::small_limits();
  limits.max_content_length = UINT64_MAX;
  TestServer server(kService, limits);
  EXPECT_EQ(server.ask(request_text("PUT", "/upload/a", "", "old")).status, 201);
  const Reply reply =
      server.ask(request_text("PUT", "/upload/a", "Transfer-Encoding: chunked\r\n") +
                 chunked(std::string(1'500'000, 'x'), 10'000));
  EXPECT_EQ(reply.status, 507);
  EXPECT_TRUE(reply.closes());
  EXPECT_EQ(server.world.stored("a"), "old");
  EXPECT_EQ(server.world.storage.blocks_in_use(), 1u);
}

TEST_F(Upload, LimitHoldsForChunksToo) {
  const Reply reply = test.ask(request_text("PUT", "/upload/a", "Transfer-Encoding: chunked\r\n") +
                               chunked(std::string(200'001, 'x'), 10'000));
  EXPECT_EQ(reply.status, 413);
  EXPECT_EQ(stored("a"), std::nullopt);
  EXPECT_EQ(test.world.storage.blocks_in_use(), 0u);
}

TEST_F(Upload, LastCommitWins) {
  net::sim::SimPeer& slow = test.connect();
  slow.send(request_text("PUT", "/upload/a", "Content-Length: 4\r\n") + "sl");
  test.run();
  EXPECT_EQ(put("a", "quick").status, 201);
  slow.send("ow");
  test.run();
  EXPECT_EQ(stored("a"), "slow");
  slow.finish_sending();
  test.run();
}

TEST_F(Upload, BusyStorageSaysSo) {
  std::vector<net::sim::SimPeer*> slow;
  app::Limits limits = app::small_limits();
  limits.max_connections = 5;
  TestServer server(kService, limits);
  for (int i = 0; i < 3; ++i) {
    slow.push_back(&server.connect());
    slow.back()->send(request_text("PUT", "/upload/a", "Content-Length: 4\r\n") + "a");
  }
  server.run();
  const auto replies =
      server.exchange(request_text("PUT", "/upload/b", "", "x") + request_text("GET", "/"));
  EXPECT_EQ(app::statuses(replies), "503 200");
}

TEST_F(Upload, PeerThatIsGoneAtAnyByteLeavesTheOldFileAndNoDebris) {
  const std::string in_chunks = request_text("PUT", "/upload/a", "Transfer-Encoding: chunked\r\n") +
                                chunked(content(1200), 500);
  const std::string in_form = form({{"f", "a", content(700)}});
  for (const std::string& input :
       {request_text("PUT", "/upload/a", "", content(1200)), in_chunks, in_form}) {
    for (const bool has_slow_storage : {false, true}) {
      TestServer server(kService, app::small_limits(), 1, has_slow_storage);
      server.world.store("a", "old");
      for (std::size_t size = 0; size < input.size(); ++size) {
        net::sim::SimPeer& peer = server.connect();
        peer.send(input.substr(0, size));
        if (size % 3 != 0) server.run();
        if (size % 2 == 0) {
          peer.finish_sending();
        } else {
          peer.reset();
        }
        server.run();
        ASSERT_TRUE(peer.is_closed()) << size;
        ASSERT_EQ(server.world.leftovers(), "") << size;
        ASSERT_EQ(server.world.storage.blocks_in_use(), 1u) << size;
        ASSERT_EQ(server.world.stored("a"), "old") << size;
      }
      ASSERT_EQ(server.exchange(input).size(), 1u);
      EXPECT_NE(server.world.stored("a"), "old");
    }
  }
}

TEST_F(Upload, LogTellsWhatCame) {
  const std::string body = content(1000);
  put("a", body);
  put("../a", body);
  test.ask(form({{"f", "one", "1"}}));
  test.ask(form({{"f", "one", "1"}, {"g", "two", "22"}}));
  net::sim::SimPeer& peer = test.connect();
  peer.send(request_text("PUT", "/upload/a", "", body).substr(0, 300));
  peer.finish_sending();
  test.run();
  const auto& records = test.world.log.records;
  ASSERT_EQ(records.size(), 5u);
  EXPECT_EQ(records[0].size, 1000u);
  EXPECT_EQ(records[0].crc32, crc32_portable(as_bytes(body)));
  EXPECT_EQ(records[0].status, 201);
  EXPECT_EQ(records[1].size, 0u);
  EXPECT_EQ(records[1].crc32, std::nullopt);
  EXPECT_EQ(records[1].outcome, Error::bad_path);
  EXPECT_EQ(records[2].size, 1u);
  EXPECT_EQ(records[2].crc32, crc32_portable(as_bytes("1")));
  EXPECT_EQ(records[3].size, 3u);
  EXPECT_EQ(records[3].crc32, std::nullopt);
  EXPECT_EQ(records[4].status, 0);
  EXPECT_EQ(records[4].outcome, Error::closed);
  EXPECT_EQ(records[4].crc32, std::nullopt);
  EXPECT_LT(records[4].size, 300u);
  EXPECT_GT(records[4].size, 200u);
}

// ---------------------------------------------------------------- forms

struct Form : Upload {};

TEST_F(Form, OneFileIsAnsweredAsAPutIs) {
  const std::string body = content(3000);
  const Reply reply = test.ask(form({{"file", "my file.bin", body}}));
  EXPECT_EQ(reply.status, 201);
  EXPECT_EQ(reply.body, stored_json("my file.bin", body));
  EXPECT_EQ(reply.header("Location"), "/download/file/my%20file.bin");
  EXPECT_EQ(stored("my file.bin"), body);
  EXPECT_EQ(test.ask(form({{"file", "my file.bin", "x"}})).status, 201);
  EXPECT_EQ(stored("my file.bin"), "x");
}

TEST_F(Form, SeveralFilesAreListedInOrder) {
  const Reply reply = test.ask(form({{"f", "a", "first"},
                                     {"text", std::nullopt, "ignored"},
                                     {"g", "b", ""},
                                     {"f", "c", content(600)}}));
  EXPECT_EQ(reply.status, 201);
  EXPECT_EQ(reply.body, "{\"files\": [" + stored_json("a", "first") + ", " + stored_json("b", "") +
                            ", " + stored_json("c", content(600)) + "]}");
  EXPECT_EQ(reply.find("Location"), std::nullopt);
  EXPECT_EQ(stored("a"), "first");
  EXPECT_EQ(stored("b"), "");
  EXPECT_EQ(stored("c"), content(600));
}

TEST_F(Form, FoldersOfTheClientAreCutOff) {
  struct Row {
    std::string_view sent;
    std::string_view name;
  };
  constexpr Row kRows[] = {
      {"C:\\Users\\me\\photo.jpg", "photo.jpg"},
      {"/home/me/photo.png", "photo.png"},
      {"../../etc/passwd", "passwd"},
      {"..\\..\\evil.txt", "evil.txt"},
      {"mixed\\dir/name", "name"},
  };
  for (const Row& row : kRows) {
    const Reply reply = test.ask(form({{"f", std::string(row.sent), "x"}}));
    EXPECT_EQ(reply.status, 201) << row.sent;
    EXPECT_EQ(reply.body, stored_json(row.name, "x"));
    EXPECT_EQ(stored(row.name), "x");
  }
}

TEST_F(Form, NamesThatAreNoneAreRefused) {
  for (const std::string_view name : {"..", "a/..", ".", ".wherry", "a\x01"}) {
    const Reply reply = test.ask(form({{"f", std::string(name), "x"}}));
    EXPECT_EQ(reply.status, 400) << name;
  }
  EXPECT_EQ(test.world.storage.file_count(), 0u);
}

TEST_F(Form, WithoutAFileIsABadRequest) {
  constexpr std::string_view kAnswer = "{\"error\": \"The form has no part with a file name\"}";
  for (const auto& parts : {std::vector<Part>{},
                            {{"text", std::nullopt, "x"}},
                            {{"f", "", ""}},
                            {{"f", "dir/", "x"}}}) {
    const auto replies = test.exchange(form(parts) + request_text("GET", "/"));
    ASSERT_EQ(app::statuses(replies), "400 200");
    EXPECT_EQ(replies[0].body, kAnswer);
  }
}

TEST_F(Form, MoreFilesThanItsReplyHoldsAreTooMany) {
  std::vector<Part> parts;
  for (int i = 0; i < 12; ++i) parts.push_back({"f", "file" + std::to_string(i), "x"});
  const Reply reply = test.ask(form(parts));
  EXPECT_EQ(reply.status, 413);
  EXPECT_EQ(reply.body, "{\"error\": \"Too many files in one form; the first are stored\"}");
  const std::uint32_t count = test.world.storage.file_count();
  EXPECT_GT(count, 3u);
  EXPECT_LT(count, 12u);
  // As many as were stored are not too many.
  parts.resize(count);
  EXPECT_EQ(test.ask(form(parts)).status, 201);
}

TEST_F(Form, WhatIsNoFormIsRefused) {
  const std::string body = form_body({{"f", "a", "x"}});
  EXPECT_EQ(test.ask(request_text("POST", "/upload", "", body)).status, 415);
  EXPECT_EQ(test.ask(request_text("POST", "/upload", "Content-Type: text/plain\r\n", body)).status,
            415);
  EXPECT_EQ(test.ask(request_text("POST", "/upload", "Content-Type: multipart/form-data\r\n", body))
                .status,
            400);
  EXPECT_EQ(test.ask(request_text("POST", "/upload", kFormType, "")).status, 400);
  EXPECT_EQ(test.ask(request_text("POST", "/upload", kFormType, "no delimiter")).status, 400);
  EXPECT_EQ(
      test.ask(request_text("POST", "/upload", kFormType, body.substr(0, body.size() - 4))).status,
      400);
  EXPECT_EQ(
      test.ask(request_text("POST", "/upload", kFormType, "--XyZ\r\nX: y\r\n\r\nx\r\n--XyZ--\r\n"))
          .status,
      400);
  EXPECT_EQ(test.ask(request_text("POST", "/upload", kFormType,
                                  "--XyZ\r\nX: " + std::string(2000, 'y') + "\r\n\r\nx\r\n"))
                .status,
            431);
  EXPECT_EQ(stored("a"), std::nullopt);
}

TEST_F(Form, TruncatedFormStoresNoPartOfItsLastFile) {
  const std::string body = form_body({{"f", "a", "whole"}, {"f", "b", content(600)}});
  for (std::size_t size = 0; size < body.size() - 2; ++size) {
    const Reply reply = test.ask(request_text("POST", "/upload", kFormType, body.substr(0, size)));
    ASSERT_EQ(reply.status, 400) << size;
    ASSERT_EQ(stored("b"), std::nullopt) << size;
  }
}

TEST_F(Form, ReadsTheSameHoweverItIsCut) {
  const std::vector<Part> parts = {
      {"f", "a", content(700)}, {"t", std::nullopt, "text"}, {"g", "b", "\r\n--Xy\r\n--X\r"}};
  const std::string input = form(parts);
  const std::string whole = test.ask(input).body;
  EXPECT_EQ(whole, "{\"files\": [" + stored_json("a", parts[0].body) + ", " +
                       stored_json("b", parts[2].body) + "]}");
  for (std::size_t cut = 1; cut < input.size(); ++cut) {
    TestServer server(kService);
    const auto replies = server.exchange({input.substr(0, cut), input.substr(cut)});
    ASSERT_EQ(app::statuses(replies), "201") << cut;
    EXPECT_EQ(replies[0].body, whole) << cut;
    EXPECT_EQ(server.world.stored("a"), parts[0].body);
    EXPECT_EQ(server.world.stored("b"), parts[2].body);
  }
}

// ---------------------------------------------------------------- discard

TEST_F(Upload, DiscardCountsAndStoresNothing) {
  const std::string body = content(5000);
  const Reply reply = test.ask(request_text("PUT", "/discard/x%20y", "", body));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, stored_json("x y", body));
  EXPECT_EQ(reply.find("Location"), std::nullopt);
  EXPECT_EQ(test.world.storage.file_count(), 0u);
  EXPECT_EQ(test.world.log.records.back().crc32, crc32_portable(as_bytes(body)));
  EXPECT_EQ(test.ask(request_text("PUT", "/discard/%FF", "", "x")).status, 400);
  EXPECT_EQ(test.ask(request_text("PUT", "/discard/..", "", "x")).status, 400);
}

}  // namespace
}  // namespace wherry::transfer
