// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "wherry/app/test_client.h"
#include "wherry/base/crc32c.h"
#include "wherry/http/digest.h"
#include "wherry/transfer/service.h"

namespace wherry::transfer {
namespace {

using app::Reply;
using app::request_text;
using app::TestServer;

struct Files : testing::Test {
  Reply ask(std::string_view method, std::string_view path, std::string_view fields = "",
            std::optional<std::string_view> body = std::nullopt) {
    return test.ask(request_text(method, "/files/" + std::string(path), fields, body));
  }
  Reply put(std::string_view path, std::string_view body, std::string_view fields = "") {
    return ask("PUT", path, fields, body);
  }
  std::string list(std::string_view path) {
    return ask("GET", path, "Accept: text/plain\r\n").body;
  }

  TestServer test{kService};
};

TEST_F(Files, AreStoredFetchedAndRemovedUnderOneAddress) {
  const Reply stored = put("a/b%20c.txt", "hello");
  EXPECT_EQ(stored.status, 201);
  EXPECT_EQ(stored.header("Location"), "/files/a/b%20c.txt");
  EXPECT_EQ(stored.body, "{\"filename\": \"a/b c.txt\", \"size\": 5, \"crc32\": \"0x3610a686\"}");
  EXPECT_EQ(ask("GET", "a/b%20c.txt").body, "hello");
  EXPECT_EQ(ask("HEAD", "a/b%20c.txt").header("Content-Length"), "5");
  EXPECT_EQ(put("a/b%20c.txt", "there").status, 200);
  EXPECT_EQ(ask("DELETE", "a/b%20c.txt").status, 204);
  EXPECT_EQ(ask("GET", "a/b%20c.txt").status, 404);
  EXPECT_EQ(ask("DELETE", "a/b%20c.txt").status, 404);
  EXPECT_EQ(test.world.leftovers(), "");
}

TEST_F(Files, AFolderGoesOnlyWhenThatIsMeant) {
  put("folder/a", "1");
  put("folder/deep/b", "2");
  put("folderx", "3");
  EXPECT_EQ(ask("DELETE", "folder/").status, 409);
  EXPECT_EQ(ask("DELETE", "folder").body, "{\"error\": \"The folder is not empty\"}");
  EXPECT_EQ(ask("DELETE", "folder?recursive=0").status, 409);
  EXPECT_EQ(ask("DELETE", "folder?recursive=yes").status, 400);
  EXPECT_EQ(ask("GET", "folder/a").body, "1");
  EXPECT_EQ(ask("DELETE", "folder/?recursive=1").status, 204);
  EXPECT_EQ(ask("GET", "folder/a").status, 404);
  EXPECT_EQ(ask("GET", "folder/deep/b").status, 404);
  EXPECT_EQ(ask("GET", "folderx").body, "3");
  EXPECT_EQ(ask("DELETE", "folderx/").status, 404);  // no folder
  EXPECT_EQ(ask("DELETE", "").status, 405);
}

TEST_F(Files, AreMovedInOneStep) {
  put("old/a", "1");
  put("taken", "2");
  const Reply moved = ask("POST", "old/a?move=new/b%20c");
  EXPECT_EQ(moved.status, 201);
  EXPECT_EQ(moved.header("Location"), "/files/new/b%20c");
  EXPECT_EQ(moved.body, "{\"filename\": \"new/b c\"}");
  EXPECT_EQ(ask("GET", "new/b%20c").body, "1");
  EXPECT_EQ(ask("GET", "old/a").status, 404);
  const Reply refused = ask("POST", "new/b%20c?move=taken");
  EXPECT_EQ(refused.status, 409);
  EXPECT_NE(refused.body.find("?replace=1"), std::string::npos) << refused.body;
  EXPECT_EQ(ask("GET", "taken").body, "2");
  EXPECT_EQ(ask("POST", "new/b%20c?move=taken&replace=1").status, 201);
  EXPECT_EQ(ask("GET", "taken").body, "1");
  EXPECT_EQ(ask("POST", "nothing?move=x").status, 404);
  EXPECT_EQ(ask("POST", "taken").status, 400);
  for (const char* bad : {"", "..%2Fx", "a%2F..%2Fx", "%00", "/x", ".wherry/x", "a%5Cb", "%FF"}) {
    EXPECT_EQ(ask("POST", "taken?move=" + std::string(bad)).status, 400) << bad;
  }
  EXPECT_EQ(ask("GET", "taken").body, "1");
}

TEST_F(Files, ConditionsGuardWhatIsThere) {
  const std::string first = put("f", "1").header("ETag");
  EXPECT_EQ(first.size(), 18u);
  EXPECT_EQ(put("f", "x", "If-None-Match: *\r\n").status, 412);
  const std::string second = put("f", "2", "If-Match: " + first + "\r\n").header("ETag");
  EXPECT_NE(second, first);
  EXPECT_EQ(put("f", "x", "If-Match: " + first + "\r\n").status, 412);
  EXPECT_EQ(ask("DELETE", "f", "If-Match: " + first + "\r\n").status, 412);
  EXPECT_EQ(ask("POST", "f?move=g", "If-Match: " + first + "\r\n").status, 412);
  EXPECT_EQ(put("new", "x", "If-Match: *\r\n").status, 412);
  EXPECT_EQ(put("f", "x", "If-Match: garbage\r\n").status, 412);
  EXPECT_EQ(ask("GET", "f").body, "2");
  EXPECT_EQ(put("new", "n", "If-None-Match: *\r\n").status, 201);
  EXPECT_EQ(ask("POST", "f?move=g", "If-Match: " + second + "\r\n").status, 201);
  EXPECT_EQ(ask("DELETE", "g", "If-Match: *\r\n").status, 204);
  EXPECT_EQ(test.world.leftovers(), "");
}

TEST_F(Files, ConditionsAreAskedAfterAllThatMayGoWrongWithoutThem) {
  put("folder/f", "1");
  const std::string never = "If-Match: \"never\"\r\n";
  EXPECT_EQ(ask("DELETE", "nothing", never).status, 404);
  EXPECT_EQ(ask("POST", "nothing?move=x", never).status, 404);
  EXPECT_EQ(ask("DELETE", "folder?recursive=1", never).status, 412);
  EXPECT_EQ(ask("POST", "folder?move=x", never).status, 412);
  EXPECT_EQ(put("folder", "x", never).status, 409);
  EXPECT_EQ(ask("GET", "folder/f").body, "1");
  EXPECT_EQ(test.world.leftovers(), "");
}

TEST_F(Files, ConditionIsJudgedAgainWhenTheFileIsCommitted) {
  const std::string tag = put("f", "old").header("ETag");
  const std::string slow = request_text("PUT", "/files/f", "If-Match: " + tag + "\r\n", "slow");
  app::Reply reply;
  net::sim::SimPeer& peer = test.connect();
  peer.send(slow.substr(0, slow.size() - 2));
  test.run();
  EXPECT_EQ(put("f", "fast", "If-Match: " + tag + "\r\n").status, 200);
  peer.send(slow.substr(slow.size() - 2));
  test.run();
  const std::vector<Reply> replies = test.replies_to(peer);
  ASSERT_EQ(replies.size(), 1u);
  EXPECT_EQ(replies[0].status, 412);
  EXPECT_EQ(ask("GET", "f").body, "fast");
}

TEST_F(Files, ContentIsCheckedAgainstWhatItsSenderSays) {
  const std::string body = "hello";
  const std::string sha256 = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";
  const std::string crc32c = "mnG7TA==";
  put("f", "old");
  const std::string right[] = {
      "X-Checksum-CRC32: 0x3610a686\r\n",
      "X-Checksum-CRC32: 3610A686\r\n",
      "Repr-Digest: sha-256=:" + sha256 + ":\r\n",
      "Content-Digest: crc32c=:" + crc32c + ":, sha-256=:" + sha256 + ":\r\n",
      "Content-Digest: md5=:AAAA:\r\n",
      "X-Checksum-CRC32: 0x3610a686\r\nX-Checksum-CRC32: 3610A686\r\n",
  };
  for (const std::string& fields : right) EXPECT_EQ(put("f", body, fields).status, 200) << fields;
  EXPECT_EQ(put("f?crc32=0x3610a686", body).status, 200);
  EXPECT_EQ(put("f?crc32=%30%783610a686&x=&crc32=3610a686", body).status, 200);

  put("f", "old");
  const Reply wrong = put("f?crc32=0x3610a687", body);
  EXPECT_EQ(wrong.status, 422);
  EXPECT_EQ(wrong.body,
            "{\"error\": \"The content is not what its digest says\", \"filename\": \"f\", "
            "\"algorithm\": \"crc32\", \"expected\": \"0x3610a687\", \"found\": \"0x3610a686\"}");
  const Reply wrong_sha = put("f", "hellO", "Repr-Digest: sha-256=:" + sha256 + ":\r\n");
  EXPECT_EQ(wrong_sha.status, 422);
  EXPECT_NE(wrong_sha.body.find("\"expected\": \"" + sha256 + "\""), std::string::npos);
  EXPECT_EQ(put("f", body, "Content-Digest: crc32c=:AAAAAA==:\r\n").status, 422);

  const std::string malformed[] = {
      "X-Checksum-CRC32: hello\r\n",
      "X-Checksum-CRC32: 0x123456789\r\n",
      "Repr-Digest: sha-256=:AAAA:\r\n",
      "Repr-Digest: sha-256=" + sha256 + "\r\n",
      "X-Checksum-CRC32: 3610a686\r\nX-Checksum-CRC32: 2\r\n",
      "X-Checksum-CRC32: 2\r\nX-Checksum-CRC32: 3610a686\r\n",
      "X-Checksum-CRC32: 3610a686\r\nX-Checksum-CRC32: none\r\n",
  };
  for (const std::string& fields : malformed) {
    EXPECT_EQ(put("f", body, fields).status, 400) << fields;
  }
  EXPECT_EQ(put("f?crc32=3610a686", body, "X-Checksum-CRC32: 1\r\n").status, 400);
  for (const char* query : {"crc32=3610a686&crc32=1", "crc32=1&x=2&crc32=3610a686",
                            "crc32=3610a686&crc%332=none", "crc32=3610a686&crc32="}) {
    EXPECT_EQ(put("f?" + std::string(query), body).status, 400) << query;
  }
  EXPECT_EQ(ask("GET", "f").body, "old");
  EXPECT_EQ(test.world.leftovers(), "");
}

TEST_F(Files, BytesThatAreOnlyCountedAreCheckedToo) {
  const auto discard = [&](std::string_view query, std::string_view fields) {
    return test.ask(request_text("PUT", "/discard/f" + std::string(query), fields, "hello"));
  };
  EXPECT_EQ(discard("?crc32=3610a686", "X-Checksum-CRC32: 0x3610a686\r\n").status, 200);
  EXPECT_EQ(discard("", "Content-Digest: crc32c=:mnG7TA==:\r\n").status, 200);
  EXPECT_EQ(discard("?crc32=1", "").status, 422);
  EXPECT_EQ(discard("", "X-Checksum-CRC32: 1\r\n").status, 422);
  EXPECT_EQ(discard("", "Repr-Digest: crc32c=:AAAAAA==:\r\n").status, 422);
  EXPECT_EQ(discard("", "Content-Digest: crc32c=:AAAA:\r\n").status, 400);
  EXPECT_EQ(test.world.stored("f"), std::nullopt);
}

struct Forms : Files {
  Reply form(std::string_view parts, std::string_view fields = "", std::string_view query = "") {
    return test.ask(request_text(
        "POST", "/upload" + std::string(query),
        "Content-Type: multipart/form-data; boundary=b\r\n" + std::string(fields), whole(parts)));
  }
  static std::string whole(std::string_view parts) { return std::string(parts) + "--b--\r\n"; }
  static std::string field(std::string_view crc32) {
    return "--b\r\nContent-Disposition: form-data; name=\"crc32\"\r\n\r\n" + std::string(crc32) +
           "\r\n";
  }
  static std::string file(std::string_view name, std::string_view content,
                          std::string_view lines = "") {
    return "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + std::string(name) +
           "\"\r\n" + std::string(lines) + "\r\n" + std::string(content) + "\r\n";
  }
};

constexpr const char* kCrc32OfHello = "3610a686";
constexpr const char* kCrc32cOfHello = "crc32c=:mnG7TA==:";

TEST_F(Forms, PartsOfAFormAreCheckedToo) {
  const std::string sha256 = "sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:";
  EXPECT_EQ(form(field("0x3610a686") + file("a", "hello")).status, 201);
  EXPECT_EQ(form(field(" 3610a686 ") + file("a", "hello") + file("b", "other")).status, 201);
  EXPECT_EQ(form(field(kCrc32OfHello) + field("0x3610A686") + file("a", "hello")).status, 201);
  for (const std::string& said :
       {std::string("X-Checksum-CRC32: 3610a686\r\n"), std::string("crc32: 0x3610a686\r\n"),
        "Repr-Digest: " + sha256 + "\r\n", "Content-Digest: " + sha256 + "\r\n",
        "content-digest: " + std::string(kCrc32cOfHello) + ", " + sha256 + "\r\n"}) {
    EXPECT_EQ(form(file("a", "hello", said)).status, 201) << said;
    EXPECT_EQ(form(file("a", "hellO", said)).status, 422) << said;
    EXPECT_EQ(form(file("n", "new") + file("a", "hellO", said)).status, 422) << said;
  }
  EXPECT_EQ(form(field("1") + file("a", "hellO")).status, 422);
  EXPECT_EQ(form(field("none") + file("a", "hellO")).status, 400);
  EXPECT_EQ(form(field("0x00000000000000001") + file("a", "hellO")).status, 400);
  EXPECT_EQ(form(field(kCrc32OfHello) + field("1") + file("a", "hello")).status, 400);
  EXPECT_EQ(form(field("1") + field(kCrc32OfHello) + file("a", "hello")).status, 400);
  EXPECT_EQ(form(field("1") + file("a", "hello", "crc32: 3610a686\r\n")).status, 400);
  EXPECT_EQ(form(file("a", "hello", "crc32: none\r\n")).status, 400);
  EXPECT_EQ(form(file("a", "hello", "Repr-Digest: crc32c=:AAAA:\r\n")).status, 400);
  EXPECT_EQ(form(file("a", "hello",
                      "Repr-Digest: crc32c=:AAAAAA==:\r\nContent-Digest: " +
                          std::string(kCrc32cOfHello) + "\r\n"))
                .status,
            400);
  EXPECT_EQ(form(file("c", "first") + field("1") + file("a", "hellO")).status, 422);
  EXPECT_EQ(test.world.stored("a"), "hello");
  EXPECT_EQ(test.world.stored("c"), "first");
  EXPECT_EQ(test.world.leftovers(), "");
}

TEST_F(Forms, ACrc32BehindTheLastFileIsOfThatFile) {
  form(file("a", "old"));
  const Reply wrong = form(file("a", "hello") + field("0xdeadbeef"));
  EXPECT_EQ(wrong.status, 422);
  EXPECT_EQ(wrong.body,
            "{\"error\": \"The content is not what its digest says\", \"filename\": \"a\", "
            "\"algorithm\": \"crc32\", \"expected\": \"0xdeadbeef\", \"found\": \"0x3610a686\"}");
  EXPECT_EQ(form(file("b", "hello") + file("a", "hello") + field("1")).status, 422);
  EXPECT_EQ(form(field(kCrc32OfHello) + file("a", "hello") + field("1")).status, 400);
  EXPECT_EQ(form(file("a", "hello") + field(kCrc32OfHello) + field("1")).status, 400);
  EXPECT_EQ(form(file("a", "hello") + field("none")).status, 400);
  EXPECT_EQ(test.world.stored("a"), "old");
  EXPECT_EQ(test.world.stored("b"), "hello");
  EXPECT_EQ(form(file("a", "hello") + field(kCrc32OfHello)).status, 201);
  EXPECT_EQ(form(file("b", "other") + file("a", "hello") + field(kCrc32OfHello)).status, 201);
  EXPECT_EQ(form(field(kCrc32OfHello) + file("a", "hello") + field(kCrc32OfHello)).status, 201);
  EXPECT_EQ(test.world.stored("a"), "hello");
  EXPECT_EQ(test.world.leftovers(), "");
}

TEST_F(Forms, ACrc32OfTheWholeFormIsOfItsOneFile) {
  const std::string one = file("a", "hello");
  form(file("a", "old"));
  EXPECT_EQ(form(one, "", "?crc32=1").status, 422);
  EXPECT_EQ(form(one, "X-Checksum-CRC32: 1\r\n").status, 422);
  EXPECT_EQ(form(one, "X-Checksum-CRC32: 1\r\n", "?crc32=3610a686").status, 400);
  EXPECT_EQ(form(field("1") + one, "", "?crc32=3610a686").status, 400);
  EXPECT_EQ(form(one, "", "?crc32=none").status, 400);
  const Reply several = form(one + file("b", "hello"), "", "?crc32=3610a686");
  EXPECT_EQ(several.status, 400);
  EXPECT_NE(several.body.find("Several files cannot share"), std::string::npos) << several.body;
  EXPECT_EQ(test.world.stored("a"), "old");
  EXPECT_EQ(test.world.stored("b"), std::nullopt);
  EXPECT_EQ(form(one, "X-Checksum-CRC32: 3610a686\r\n", "?crc32=0x3610a686").status, 201);
  EXPECT_EQ(test.world.stored("a"), "hello");
  EXPECT_EQ(test.world.leftovers(), "");
}

// RFC 9530 §2, §3: of the content of the request, which is the form as it is sent.
TEST_F(Forms, ADigestOfTheWholeFormIsOfAllItsBytes) {
  const std::string one = file("a", "hello");
  const auto digest_of = [](std::string_view bytes) {
    Crc32c crc;
    crc.update(as_bytes(bytes));
    return "Digest: " + std::string(http::digest_field(crc.value()).view()) + "\r\n";
  };
  form(file("a", "old"));
  for (const char* name : {"Content-", "Repr-"}) {
    const std::string right = name + digest_of(whole(one));
    EXPECT_EQ(form(one, name + digest_of("hello")).status, 422) << name;
    EXPECT_EQ(form(file("a", "hellO"), right).status, 422) << name;
    EXPECT_EQ(form(one + file("b", "x"), name + digest_of(whole(one + file("b", "x")))).status,
              400);
    EXPECT_EQ(test.world.stored("a"), "old");
    EXPECT_EQ(test.world.stored("b"), std::nullopt);
    EXPECT_EQ(form(one, right, "?crc32=3610a686").status, 201) << name;
    EXPECT_EQ(test.world.stored("a"), "hello");
    form(file("a", "old"));
  }
  EXPECT_EQ(test.world.leftovers(), "");
}

TEST_F(Files, AFolderIsListed) {
  test.world.storage.set_clock(1'700'000'000);
  put("b%26b/%3Cscript%3E", "hello");
  put("b%26b/sub/x", "1");
  put("b%26b/a", "");
  EXPECT_EQ(list("b%26b/"), "<script>\na\nsub/\n");
  const Reply json = ask("GET", "b%26b/", "Accept: application/json\r\n");
  EXPECT_EQ(json.header("Content-Type"), "application/json");
  EXPECT_EQ(json.header("Listing-Order"), "name");
  EXPECT_EQ(json.body,
            "{\"path\": \"b&b\", \"order\": \"name\", \"entries\": [{\"name\": \"<script>\", "
            "\"type\": \"file\", \"size\": 5, \"modified_s\": 1700000000, \"crc32\": "
            "\"0x3610a686\"}, {\"name\": \"a\", \"type\": \"file\", \"size\": 0, \"modified_s\": "
            "1700000000, \"crc32\": \"0x00000000\"}, {\"name\": \"sub\", \"type\": \"folder\"}]}");
  const Reply page = ask("GET", "b%26b/");
  EXPECT_EQ(page.header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(page.header("Content-Security-Policy"), "default-src 'none'; frame-ancestors 'none'");
  EXPECT_EQ(page.body.find("<script"), std::string::npos);
  EXPECT_NE(page.body.find("<a href=\"%3Cscript%3E\">&lt;script&gt;</a><td>5<td>Tue, 14 Nov 2023"),
            std::string::npos)
      << page.body;
  EXPECT_NE(page.body.find("<title>b&amp;b</title>"), std::string::npos);
  EXPECT_EQ(ask("GET", "b%26b").status, 308);
  EXPECT_EQ(ask("GET", "b%26b").header("Location"), "/files/b%26b/");
  EXPECT_EQ(ask("GET", "b%26b?limit=1&x=\xC3\xBC").header("Location"),
            "/files/b%26b/?limit=1&x=%C3%BC");
  EXPECT_EQ(ask("GET", "nothing/").status, 404);
  EXPECT_EQ(ask("GET", "nothing").status, 404);
  EXPECT_EQ(list(""), "b&b/\n");
  EXPECT_EQ(test.world.leftovers(), "");
}

TEST_F(Files, AListIsTurnedPageByPage) {
  for (const char* name : {"e", "d", "c", "b", "a%20%26"}) put("f/" + std::string(name), name);
  std::string target = "f/?limit=2";
  std::string all;
  int pages = 0;
  for (; !target.empty() && pages < 10; ++pages) {
    const Reply page = ask("GET", target, "Accept: text/plain\r\n");
    ASSERT_EQ(page.status, 200) << target;
    all += page.body + '|';
    const std::string link = page.header("Link");
    target = link.empty() ? "" : "f/" + link.substr(1, link.find('>') - 1);
  }
  EXPECT_EQ(all, "a &\nb\n|c\nd\n|e\n|");
  EXPECT_EQ(ask("GET", "f/?limit=5", "Accept: text/plain\r\n").find("Link"), std::nullopt);
  const Reply json = ask("GET", "f/?limit=1", "Accept: application/json\r\n");
  EXPECT_NE(json.body.find("\"next\": \"?limit=1&cursor=na%20%26\""), std::string::npos)
      << json.body;
  for (const char* bad : {"limit=0", "limit=x", "limit=-1", "cursor=", "cursor=x", "cursor=c",
                          "cursor=c0", "cursor=cxyz", "cursor=n"}) {
    EXPECT_EQ(ask("GET", "f/?" + std::string(bad)).status, 400) << bad;
  }
}

TEST_F(Files, AFolderIsSentAsAnArchive) {
  test.world.storage.set_clock(1'700'000'000);
  put("top/f/a", std::string(513, 'a'));
  put("top/f/sub/deep/b", "b");
  put("top/f/z", "");
  const Reply reply = ask("GET", "top/f/?archive=tar");
  ASSERT_EQ(reply.status, 200);
  EXPECT_TRUE(reply.is_whole);
  EXPECT_EQ(reply.header("Content-Type"), "application/x-tar");
  EXPECT_EQ(reply.header("Content-Disposition"), "attachment; filename=\"f.tar\"");
  EXPECT_EQ(reply.header("Content-Length"), std::to_string(reply.body.size()));
  std::vector<std::string> names;
  std::size_t at = 0;
  while (reply.body[at] != '\0') {
    names.push_back(reply.body.substr(at, reply.body.find('\0', at) - at));
    const std::size_t size = std::stoul(reply.body.substr(at + 124, 11), nullptr, 8);
    at += 512 + (size + 511) / 512 * 512;
    ASSERT_LT(at, reply.body.size());
  }
  EXPECT_EQ(names,
            (std::vector<std::string>{"f/a", "f/sub/", "f/sub/deep/", "f/sub/deep/b", "f/z"}));
  EXPECT_EQ(reply.body.substr(512, 513), std::string(513, 'a'));
  EXPECT_EQ(reply.body.size() - at, 1024u);
  EXPECT_EQ(reply.body.find_first_not_of('\0', at), std::string::npos);
  EXPECT_EQ(ask("GET", "top/f/?archive=zip").status, 400);
  EXPECT_EQ(ask("GET", "nothing/?archive=tar").status, 404);
  EXPECT_EQ(ask("GET", "?archive=tar").header("Content-Disposition"),
            "attachment; filename=\"files.tar\"");
  EXPECT_EQ(test.world.leftovers(), "");
}

}  // namespace
}  // namespace wherry::transfer
