// SPDX-License-Identifier: MIT
// Cookies both ways: what Request::cookie reads, and what Response::set_cookie says.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "wherry/app/app_client.h"
#include "wherry/app/route.h"

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

struct Cookies : testing::Test {
  TestClient client{kApp};
};

TEST_F(Cookies, AreSetEachInAFieldOfItsOwn) {
  EXPECT_EQ(client.post("/in", "").all("Set-Cookie"),
            (std::vector<std::string>{
                "session=abc123; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax", "theme=dark"}));
}

TEST_F(Cookies, AreDeletedByADateLongAgo) {
  EXPECT_EQ(client.post("/out", "").all("Set-Cookie"),
            (std::vector<std::string>{"session=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
                                      "theme=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"}));
}

TEST_F(Cookies, AreReadAndSetInOneReply) {
  const Reply reply = client.get("/set?v=2", {{"Cookie", "b=0; c=1"}});
  EXPECT_EQ(reply.body, "1");
  EXPECT_EQ(reply.header("Set-Cookie"), "c=2");
}

TEST_F(Cookies, NoValueAddsAnAttributeOrAField) {
  for (const std::string_view hostile : {"a;%20Domain=evil.test", "a%0D%0AX-Other:%20b", "a%00"}) {
    const Reply reply = client.get(std::string("/set?v=").append(hostile));
    EXPECT_EQ(reply.status, 500) << hostile;
    EXPECT_FALSE(reply.find("Set-Cookie")) << hostile;
    EXPECT_FALSE(reply.find("X-Other")) << hostile;
  }
}

}  // namespace
}  // namespace wherry::app
