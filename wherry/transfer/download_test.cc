// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "wherry/app/test_client.h"
#include "wherry/base/crc32.h"
#include "wherry/transfer/pattern.h"
#include "wherry/transfer/service.h"

namespace wherry::transfer {
namespace {

using app::Reply;
using app::request_text;
using app::TestServer;

constexpr std::int64_t kModified = 1'700'000'000;  // Tue, 14 Nov 2023 22:13:20 GMT

std::string content(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i) text += std::to_string(i) + ' ';
  return text.substr(0, size);
}

struct Download : testing::Test {
  Download() {
    test.world.storage.set_clock(kModified);
    test.world.store("data.bin", content(3000));
    test.world.store("large.bin", content(100'000));
    test.world.store("empty.bin", "");
    test.world.store("folder/page.html", "<script>");
    test.world.storage.set_clock(std::nullopt);
    test.world.store("timeless.txt", "0123456789");
  }

  Reply get(std::string_view name, std::string_view fields = "", std::string_view method = "GET") {
    return test.ask(request_text(method, "/download/file/" + std::string(name), fields));
  }

  TestServer test{kService};
};

TEST_F(Download, SendsAStoredFile) {
  const Reply reply = get("data.bin");
  EXPECT_EQ(reply.head,
            "HTTP/1.1 200 OK\r\n"
            "Date: Fri, 15 Jan 2027 08:00:00 GMT\r\n"
            "Content-Type: application/octet-stream\r\n"
            "Content-Length: 3000\r\n"
            "ETag: \"0000000000000001\"\r\n"
            "Last-Modified: Tue, 14 Nov 2023 22:13:20 GMT\r\n"
            "Accept-Ranges: bytes\r\n"
            "X-Content-Type-Options: nosniff");
  EXPECT_EQ(reply.body, content(3000));
  EXPECT_TRUE(get("large.bin").body == content(100'000));
  EXPECT_EQ(get("empty.bin").body, "");
  EXPECT_EQ(get("empty.bin").header("Content-Length"), "0");
}

TEST_F(Download, TypeFollowsTheNameAndWhatCouldRunIsSandboxed) {
  const Reply page = get("folder/page.html");
  EXPECT_EQ(page.header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(page.header("Content-Security-Policy"), "sandbox; default-src 'none'");
  EXPECT_EQ(get("timeless.txt").find("Content-Security-Policy"), std::nullopt);
}

TEST_F(Download, WithoutATimeNoneIsInvented) {
  EXPECT_EQ(get("timeless.txt").find("Last-Modified"), std::nullopt);
  EXPECT_EQ(get("timeless.txt", "If-Modified-Since: Tue, 14 Nov 2023 22:13:20 GMT\r\n").status,
            200);
  EXPECT_EQ(get("timeless.txt", "If-Modified-Since: Wed, 14 Nov 2029 22:13:20 GMT\r\n").status,
            200);
}

TEST_F(Download, WhatIsNotThereIsNotFound) {
  const Reply reply = get("none.bin");
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.body, "{\"error\": \"File not found\"}");
  EXPECT_EQ(get("folder").status, 404);
  EXPECT_EQ(get("data.bin/x").status, 404);
}

TEST_F(Download, NamesThatLeadElsewhereAreRefused) {
  for (const std::string_view name :
       {"../data.bin", "folder/../data.bin", "%2e%2e/data.bin", "..%2Fdata.bin", "/data.bin",
        "folder//page.html", "./data.bin", "data.bin/", "folder%5Cpage.html", "data.bin%00", "%FF",
        "a%0Ab", ".wherry/x", "%2Ewherry/x"}) {
    const Reply reply = get(name);
    EXPECT_EQ(reply.status, 400) << name;
    EXPECT_EQ(reply.body, "{\"error\": \"The file name is not allowed\"}");
  }
}

TEST_F(Download, HeadTellsWhatGetWould) {
  for (const std::string_view name : {"data.bin", "empty.bin", "large.bin", "none.bin"}) {
    const Reply head = get(name, "", "HEAD");
    EXPECT_EQ(head.head, get(name).head);
    EXPECT_EQ(head.body, "");
  }
  EXPECT_EQ(get("data.bin", "Range: bytes=0-1\r\n", "HEAD").status, 200);
}

TEST_F(Download, SendsOneRange) {
  struct Row {
    std::string_view range;
    int status;
    std::string_view content_range;
    std::string_view body;
  };
  constexpr Row kRows[] = {
      {"bytes=0-0", 206, "bytes 0-0/10", "0"},
      {"bytes=2-5", 206, "bytes 2-5/10", "2345"},
      {"bytes=7-", 206, "bytes 7-9/10", "789"},
      {"bytes=-3", 206, "bytes 7-9/10", "789"},
      {"bytes=-100", 206, "bytes 0-9/10", "0123456789"},
      {"bytes=5-100", 206, "bytes 5-9/10", "56789"},
      {"BYTES=9-9", 206, "bytes 9-9/10", "9"},
      {"bytes=10-", 416, "bytes */10", "{\"error\": \"No byte of the range exists\"}"},
      {"bytes=10-20", 416, "bytes */10", "{\"error\": \"No byte of the range exists\"}"},
      {"bytes=-0", 416, "bytes */10", "{\"error\": \"No byte of the range exists\"}"},
      {"bytes=5-2", 200, "", "0123456789"},
      {"bytes=0-1,2-5", 206, "bytes 0-5/10", "012345"},
      {"bytes=99-,4-5", 206, "bytes 4-5/10", "45"},
      {"bytes=99-,-0", 416, "bytes */10", "{\"error\": \"No byte of the range exists\"}"},
      {"bytes=0-1,4-5,x", 200, "", "0123456789"},
      {"lines=0-1", 200, "", "0123456789"},
      {"bytes=x", 200, "", "0123456789"},
      {"0-1", 200, "", "0123456789"},
  };
  for (const Row& row : kRows) {
    const Reply reply = get("timeless.txt", "Range: " + std::string(row.range) + "\r\n");
    EXPECT_EQ(reply.status, row.status) << row.range;
    EXPECT_EQ(reply.header("Content-Range"), row.content_range) << row.range;
    EXPECT_EQ(reply.body, row.body) << row.range;
  }
  EXPECT_EQ(get("empty.bin", "Range: bytes=0-\r\n").status, 416);
  EXPECT_EQ(get("large.bin", "Range: bytes=10000-69999\r\n").body,
            content(100'000).substr(10'000, 60'000));
}

TEST_F(Download, RangeAppliesOnlyToTheVersionThatItIsMeantFor) {
  const std::string range = "Range: bytes=0-1\r\n";
  EXPECT_EQ(get("data.bin", range + "If-Range: Tue, 14 Nov 2023 22:13:20 GMT\r\n").status, 206);
  EXPECT_EQ(get("data.bin", range + "If-Range: Tue, 14 Nov 2023 22:13:19 GMT\r\n").status, 200);
  EXPECT_EQ(get("data.bin", range + "If-Range: Tue, 14 Nov 2023 22:13:21 GMT\r\n").status, 200);
  EXPECT_EQ(get("data.bin", range + "If-Range: \"tag\"\r\n").status, 200);
  EXPECT_EQ(get("timeless.txt", range + "If-Range: Tue, 14 Nov 2023 22:13:20 GMT\r\n").status, 200);
  const std::string tag = get("data.bin").header("ETag");
  EXPECT_EQ(get("data.bin", range + "If-Range: " + tag + "\r\n").status, 206);
  EXPECT_EQ(get("data.bin", range + "If-Range: W/" + tag + "\r\n").status, 200);
  test.world.store("data.bin", content(3000));
  EXPECT_EQ(get("data.bin", range + "If-Range: " + tag + "\r\n").status, 200);
  test.world.storage.set_clock(kModified);
  test.world.store("data.bin", content(3000));
  // A date of this very second tells too little.
  test.world.network.loop().set_unix_time_s(kModified + 1);
  EXPECT_EQ(get("data.bin", range + "If-Range: Tue, 14 Nov 2023 22:13:20 GMT\r\n").status, 200);
}

TEST_F(Download, UnmodifiedFileIsNotSentAgain) {
  const Reply reply = get("data.bin", "If-Modified-Since: Tue, 14 Nov 2023 22:13:20 GMT\r\n");
  EXPECT_EQ(reply.status, 304);
  EXPECT_EQ(reply.header("Last-Modified"), "Tue, 14 Nov 2023 22:13:20 GMT");
  EXPECT_EQ(get("data.bin", "If-Modified-Since: Tue, 14 Nov 2023 22:13:19 GMT\r\n").status, 200);
  EXPECT_EQ(get("data.bin", "If-Modified-Since: yesterday\r\n").status, 200);
  EXPECT_EQ(get("data.bin",
                "If-None-Match: \"x\"\r\n"
                "If-Modified-Since: Tue, 14 Nov 2023 22:13:20 GMT\r\n")
                .status,
            200);
  EXPECT_EQ(get("data.bin", "If-Modified-Since: Tue, 14 Nov 2023 22:13:20 GMT\r\n", "HEAD").status,
            304);
}

// One opened file a response: what is stored meanwhile is for the next.
TEST_F(Download, ReplacingDuringADownloadNeverMixesVersions) {
  net::sim::SimPeer& peer = test.connect({.window_size = 1000});
  peer.stop_reading();
  peer.send(request_text("GET", "/download/file/large.bin"));
  test.run();
  EXPECT_EQ(test.ask(request_text("PUT", "/upload/large.bin", "", "new")).status, 200);
  EXPECT_EQ(get("large.bin").body, "new");
  peer.read_again();
  test.run();
  const std::vector<Reply> replies = app::read_replies(peer.received(), {}, false);
  ASSERT_EQ(replies.size(), 1u);
  EXPECT_TRUE(replies[0].body == content(100'000));
}

TEST_F(Download, GeneratedFilesAreOfferedUnderTheirNames) {
  const Reply generated = test.ask(request_text("GET", "/download/generate/5"));
  EXPECT_EQ(generated.header("Content-Type"), "application/octet-stream");
  EXPECT_EQ(generated.header("Content-Length"), "5");
  EXPECT_EQ(generated.header("Content-Disposition"), "attachment; filename=\"generated_5.bin\"");
  EXPECT_EQ(generated.body, std::string("\0\1\2\3\4", 5));
  EXPECT_EQ(test.ask(request_text("GET", "/download/generate/18446744073709551616")).status, 400);
  EXPECT_EQ(test.ask(request_text("GET", "/download/generate/x")).status, 404);
}

struct Report : Download {
  Reply report(std::string_view parameters,
               std::string_view type = "Content-Type: application/json\r\n") {
    return test.ask(request_text("POST", "/download/report", type, parameters));
  }
};

TEST_F(Report, ParametersHaveDefaults) {
  const Reply reply = report("{}");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body.size(), 1024u);
  EXPECT_EQ(reply.header("Content-Disposition"), "attachment; filename=\"report_sequential.bin\"");
  EXPECT_EQ(report("{\"pattern\": \"random\", \"other\": []}").header("Content-Disposition"),
            "attachment; filename=\"report_random.bin\"");
  EXPECT_EQ(report("{\"size\": 3}", "Content-Type: Application/JSON; charset=utf-8\r\n").body,
            std::string("\0\1\2", 3));
  EXPECT_EQ(report("{\"size\": 0}").body, "");
}

TEST_F(Report, BadParametersAreNamed) {
  for (const std::string_view parameters :
       {"{\"size\": -1}", "{\"size\": 1.5}", "{\"size\": \"5\"}", "{\"size\": null}",
        "{\"size\": 18446744073709551616}", "{\"size\": 1, \"size\": 2}", "{\"size\": []}"}) {
    const Reply reply = report(parameters);
    EXPECT_EQ(reply.status, 400) << parameters;
    EXPECT_EQ(reply.body,
              "{\"error\": \"\\\"size\\\" must be one integer from 0 to 18446744073709551615\"}");
    EXPECT_FALSE(reply.closes());
  }
  for (const std::string_view parameters :
       {"{\"pattern\": \"zeros\"}", "{\"pattern\": 1}", "{\"pattern\": null}",
        "{\"pattern\": \"random\", \"pattern\": \"random\"}"}) {
    const Reply reply = report(parameters);
    EXPECT_EQ(reply.status, 400) << parameters;
    EXPECT_EQ(reply.body,
              "{\"error\": \"\\\"pattern\\\" must be \\\"sequential\\\" or \\\"random\\\"\"}");
  }
}

TEST_F(Report, WhatIsNoJsonIsRefused) {
  EXPECT_EQ(report("").body, "{\"error\": \"The body is not valid JSON\"}");
  EXPECT_EQ(report("size=5").status, 400);
  EXPECT_EQ(report("{\"size\": 5").status, 400);
  EXPECT_EQ(report("{}", "").status, 415);
  EXPECT_EQ(report("{}", "Content-Type: text/plain\r\n").body,
            "{\"error\": \"The Content-Type must be application/json\"}");
  EXPECT_EQ(report(std::string(200, ' ')).status, 413);
  EXPECT_EQ(test.ask(request_text("GET", "/download/report")).status, 405);
}

TEST_F(Download, LogTellsWhatWentOut) {
  get("data.bin");
  get("data.bin", "Range: bytes=0-9\r\n");
  get("data.bin", "", "HEAD");
  test.ask(request_text("GET", "/download/generate/300"));
  test.ask(request_text("HEAD", "/download/generate/300"));
  const auto& records = test.world.log.records;
  ASSERT_EQ(records.size(), 5u);
  EXPECT_EQ(records[0].size, 3000u);
  EXPECT_EQ(records[0].crc32, std::nullopt);  // not known without reading it all
  EXPECT_EQ(records[0].path, "/download/file/data.bin");
  EXPECT_EQ(records[1].size, 10u);
  EXPECT_EQ(records[1].status, 206);
  EXPECT_EQ(records[2].size, 0u);
  EXPECT_EQ(records[3].size, 300u);
  EXPECT_EQ(records[3].crc32, pattern_crc32(Pattern::sequential, 300));
  EXPECT_EQ(records[4].size, 0u);
  EXPECT_EQ(records[4].crc32, std::nullopt);
}

TEST_F(Download, ChecksumOfAWholeIsNotThatOfAPart) {
  net::sim::SimPeer& peer = test.connect({.window_size = 100});
  peer.stop_reading();
  peer.send(request_text("GET", "/download/generate/300"));
  test.run();
  peer.reset();
  test.run();
  ASSERT_EQ(test.world.log.records.size(), 1u);
  EXPECT_EQ(test.world.log.records[0].size, 100u);
  EXPECT_EQ(test.world.log.records[0].crc32, std::nullopt);
}

TEST_F(Download, RootSaysThatTheServerIsThere) {
  EXPECT_EQ(test.ask(request_text("GET", "/")).body, "OK");
}

}  // namespace
}  // namespace wherry::transfer
