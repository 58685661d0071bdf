// SPDX-License-Identifier: MIT
// Cookies both ways: what Request::cookie reads, and what Response::set_cookie says.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "wherry/app/route.h"
#include "wherry/app/test_client.h"

namespace wherry::app {
namespace {

using coro::Task;
using http::SetCookie;

Task<Response> log_in(Request& request) {
  Response response = text(request, "welcome");
  SetCookie session{.name = "session", .value = "abc123"};
  session.path = "/";
  session.max_age_s = 3600;
  session.http_only = true;
  session.same_site = SetCookie::SameSite::lax;
  response.set_cookie(session).set_cookie({.name = "theme", .value = "dark"});
  co_return response;
}
Task<Response> log_out(Request& request) {
  Response response = text(request, "bye");
  response.delete_cookie("session", "/").delete_cookie("theme");
  co_return response;
}
/// Sets "c" to what the query says.
Task<Response> set(Request& request) {
  const auto value = co_await request.query("v");
  Response response = text(request, request.cookie("c").value_or("none"));
  response.set_cookie({.name = "c", .value = value.value_or("")});
  co_return response;
}

constexpr Route kRoutes[] = {post<"/in", log_in>, post<"/out", log_out>, get<"/set", set>};
constexpr App kApp{kRoutes};

Reply ask(std::string_view method, std::string_view target, std::string_view fields = "") {
  TestServer server(kApp);
  return server.ask(request_text(method, target, fields));
}

std::vector<std::string> set_cookies(const Reply& reply) {
  std::vector<std::string> values;
  for (const auto& [name, value] : reply.fields) {
    if (name == "Set-Cookie") values.push_back(value);
  }
  return values;
}

TEST(Cookies, AreSetEachInAFieldOfItsOwn) {
  EXPECT_EQ(set_cookies(ask("POST", "/in")),
            (std::vector<std::string>{
                "session=abc123; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax", "theme=dark"}));
}

TEST(Cookies, AreDeletedByADateLongAgo) {
  EXPECT_EQ(set_cookies(ask("POST", "/out")),
            (std::vector<std::string>{"session=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
                                      "theme=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"}));
}

TEST(Cookies, AreReadAndSetInOneReply) {
  const Reply reply = ask("GET", "/set?v=2", "Cookie: b=0; c=1\r\n");
  EXPECT_EQ(reply.body, "1");
  EXPECT_EQ(reply.header("Set-Cookie"), "c=2");
}

TEST(Cookies, NoValueAddsAnAttributeOrAField) {
  for (const std::string_view hostile : {"a;%20Domain=evil.test", "a%0D%0AX-Other:%20b", "a%00"}) {
    const Reply reply = ask("GET", std::string("/set?v=").append(hostile));
    EXPECT_EQ(reply.status, 500) << hostile;
    EXPECT_FALSE(reply.find("Set-Cookie")) << hostile;
    EXPECT_FALSE(reply.find("X-Other")) << hostile;
  }
}

}  // namespace
}  // namespace wherry::app
