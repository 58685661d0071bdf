// SPDX-License-Identifier: MIT
#include "wherry/http/framing.h"

#include <gtest/gtest.h>

#include <string>

#include "wherry/http/framing_vectors.h"

namespace wherry::http {
namespace {

/// A request with these field lines, each with its CRLF.
class Request {
 public:
  explicit Request(std::string_view fields, std::string_view version = "1.1") {
    text_.append("POST / HTTP/").append(version).append("\r\n").append(fields).append("\r\n");
  }
  RequestHead head() const {
    const Result<RequestHead> head = RequestHead::parse(text_);
    EXPECT_TRUE(head.has_value()) << text_;
    return *head;
  }

 private:
  std::string text_;
};

TEST(BodyFraming, EachRuleHolds) {
  for (const FramingVector& row : kFramingVectors) {
    const Request request(row.fields, row.http_1_0 ? "1.0" : "1.1");
    const Result<BodyFraming> framing = body_framing(request.head());
    EXPECT_EQ(error_of(framing), row.error) << row.rule;
    if (!framing) continue;
    EXPECT_EQ(framing->kind, row.framing.kind) << row.rule;
    EXPECT_EQ(framing->length, row.framing.length) << row.rule;
  }
}

TEST(Host, AnHttp11RequestNeedsExactlyOne) {
  EXPECT_EQ(error_of(check_host(Request("Host: a\r\n").head())), Error::none);
  EXPECT_EQ(error_of(check_host(Request("").head())), Error::malformed);
  EXPECT_EQ(error_of(check_host(Request("Host: a\r\nHost: a\r\n").head())), Error::malformed);
}

TEST(Host, AnHttp10RequestNeedsAtMostOne) {
  EXPECT_EQ(error_of(check_host(Request("", "1.0").head())), Error::none);
  EXPECT_EQ(error_of(check_host(Request("Host: a\r\n", "1.0").head())), Error::none);
  EXPECT_EQ(error_of(check_host(Request("Host: a\r\nhost: b\r\n", "1.0").head())),
            Error::malformed);
  EXPECT_EQ(error_of(check_host(Request("Host: a b\r\n", "1.0").head())), Error::malformed);
}

TEST(Host, AnEmptyOneIsValid) {
  EXPECT_EQ(error_of(check_host(Request("Host:\r\n").head())), Error::none);
}

TEST(Host, OneThatIsNoHostIsMalformed) {
  for (const char* host : {"a b", "a/b", "user@a", "a, b", "http://a"}) {
    const Request request("Host: " + std::string(host) + "\r\n");
    EXPECT_EQ(error_of(check_host(request.head())), Error::malformed) << host;
  }
}

TEST(KeepAlive, Http11GoesOnUnlessClosed) {
  EXPECT_TRUE(keeps_alive(Request("").head()));
  EXPECT_TRUE(keeps_alive(Request("Connection: keep-alive\r\n").head()));
  EXPECT_TRUE(keeps_alive(Request("Connection: upgrade, closed\r\n").head()));
  EXPECT_FALSE(keeps_alive(Request("Connection: close\r\n").head()));
  EXPECT_FALSE(keeps_alive(Request("Connection: Close\r\n").head()));
  EXPECT_FALSE(keeps_alive(Request("Connection: te ,\tclose\r\n").head()));
  EXPECT_FALSE(keeps_alive(Request("Connection: te\r\nConnection: close\r\n").head()));
}

TEST(KeepAlive, Http10ClosesUnlessKept) {
  EXPECT_FALSE(keeps_alive(Request("", "1.0").head()));
  EXPECT_FALSE(keeps_alive(Request("Connection: te\r\n", "1.0").head()));
  EXPECT_TRUE(keeps_alive(Request("Connection: Keep-Alive\r\n", "1.0").head()));
  EXPECT_TRUE(keeps_alive(Request("Connection: te, keep-alive\r\n", "1.0").head()));
}

TEST(KeepAlive, CloseWinsOverKeepAlive) {
  for (const char* version : {"1.0", "1.1"}) {
    EXPECT_FALSE(keeps_alive(Request("Connection: keep-alive, close\r\n", version).head()));
    EXPECT_FALSE(keeps_alive(Request("Connection: close, keep-alive\r\n", version).head()));
  }
}

TEST(Expect, OnlyAContinueIsWaitedFor) {
  EXPECT_EQ(expects_continue(Request("").head()).value(), false);
  EXPECT_EQ(expects_continue(Request("Expect:\r\n").head()).value(), false);
  EXPECT_EQ(expects_continue(Request("Expect: 100-continue\r\n").head()).value(), true);
  EXPECT_EQ(expects_continue(Request("Expect: 100-Continue\r\n").head()).value(), true);
}

TEST(Expect, AnythingElseCannotBeMet) {
  for (const char* value : {"200-ok", "100-continued", "100-continue, b", "a,100-continue",
                            "100-continue;q=1", "\"100-continue\""}) {
    const Request request("Expect: " + std::string(value) + "\r\n");
    EXPECT_EQ(error_of(expects_continue(request.head())), Error::expectation_failed) << value;
  }
  const Request two("Expect: 100-continue\r\nExpect: x\r\n");
  EXPECT_EQ(error_of(expects_continue(two.head())), Error::expectation_failed);
}

TEST(Expect, Http10HasNoExpectations) {
  EXPECT_EQ(expects_continue(Request("Expect: 100-continue\r\n", "1.0").head()).value(), false);
  EXPECT_EQ(expects_continue(Request("Expect: x\r\n", "1.0").head()).value(), false);
}

}  // namespace
}  // namespace wherry::http
