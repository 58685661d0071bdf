// SPDX-License-Identifier: MIT
#include "wherry/app/app_client.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

#include "wherry/app/event_stream.h"
#include "wherry/app/route.h"

namespace wherry::app {
namespace {

using coro::AsyncGenerator;
using coro::Task;

/// "PUT /echo?a=b [X-Name] body".
Task<Response> echo(Request& request) {
  const std::string_view body = co_await request.text();
  const auto memory = co_await request.scratch().text(400);
  TextWriter said(memory);
  said.append(request.head().method_text()).append(' ').append(request.path()).append('?');
  said.append(request.query_text()).append(" [").append(request.header("X-Name").value_or("none"));
  said.append("] ").append(body);
  co_return text(request, said.view());
}
Task<Response> store(Request& request, std::string_view name) {
  storage::StagedFile file = co_await request.storage().create(name);
  std::array<std::byte, 100> buffer;
  while (true) {
    const Bytes part = co_await request.body().read(buffer);
    if (part.empty()) break;
    co_await file.write(part);
  }
  co_await file.commit();
  co_return text(request, "stored", 201);
}
Task<Response> load(Request& request, std::string_view name) { return send_file(request, name); }

Task<Response> log_in(Request& request) {
  Response response = text(request, "welcome");
  response.set_cookie({.name = "session", .value = "a=b", .path = "/", .max_age_s = 60});
  response.set_cookie({.name = "theme", .value = "dark"});
  co_return response;
}
Task<Response> log_out(Request& request) {
  Response response = text(request, "bye");
  response.delete_cookie("session", "/");
  http::SetCookie gone{.name = "theme", .value = "dark"};
  gone.max_age_s = 0;
  response.set_cookie(gone);
  co_return response;
}
Task<Response> tell_cookies(Request& request) {
  co_return text(request, request.header("Cookie").value_or("none"));
}

AsyncGenerator<Bytes> tick_for_ever(Request& request) {
  std::array<char, 64> memory;
  EventWriter event(memory);
  for (std::uint64_t n = 0;; ++n) {
    co_yield event.id(n).data("tick").finish();
    co_await request.loop().sleep(1000);
  }
}
Task<Response> ticks(Request& request) { co_return event_stream(request, tick_for_ever(request)); }
Task<Response> sleep(Request& request) {
  co_await request.loop().sleep(10 * 60'000);
  co_return text(request, "late");
}
AsyncGenerator<Bytes> make_and_fail(Request& request) {
  co_yield as_bytes("abc");
  co_await request.loop().sleep(1);
  co_await Result<>(Error::disk_failed);
}
Task<Response> fail_late(Request& request) {
  co_return stream(request, make_and_fail(request), std::nullopt, "text/plain");
}

constexpr Route kRoutes[] = {
    get<"/echo", echo>,
    put<"/echo", echo>,
    post<"/echo", echo>,
    patch<"/echo", echo>,
    delete_<"/echo", echo>,
    put<"/file/<path:name>", store>,
    get<"/file/<path:name>", load>,
    post<"/in", log_in>,
    post<"/out", log_out>,
    get<"/cookies", tell_cookies>,
    get<"/ticks", ticks>,
    get<"/sleep", sleep>,
    get<"/fail-late", fail_late>,
};
constexpr App kApp{kRoutes};

struct AppClient : testing::Test {
  TestClient client{kApp};
};

TEST_F(AppClient, SendsEachMethodWithItsFieldsAndItsBody) {
  EXPECT_EQ(client.get("/echo?a=b").body, "GET /echo?a=b [none] ");
  EXPECT_EQ(client.get("/echo", {{"X-Name", "x"}}).body, "GET /echo? [x] ");
  EXPECT_EQ(client.put("/echo", "one").body, "PUT /echo? [none] one");
  EXPECT_EQ(client.post("/echo", "two", {{"X-Other", "y"}, {"X-Name", "x"}}).body,
            "POST /echo? [x] two");
  EXPECT_EQ(client.patch("/echo", "").body, "PATCH /echo? [none] ");
  EXPECT_EQ(client.delete_("/echo").body, "DELETE /echo? [none] ");
  EXPECT_EQ(client.request("DELETE", "/echo", "three").body, "DELETE /echo? [none] three");
  EXPECT_EQ(client.options("/echo").header("allow"),
            "GET, HEAD, PUT, POST, DELETE, OPTIONS, PATCH");
  EXPECT_EQ(client.request("BREW", "/echo").status, 405);
}

TEST_F(AppClient, GivesTheReplyInItsParts) {
  const Reply reply = client.head("/echo");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("content-length"), "19");
  EXPECT_EQ(reply.header("X-None"), "");
  EXPECT_FALSE(reply.find("X-None"));
  EXPECT_EQ(reply.body, "");
  EXPECT_TRUE(reply.is_whole);
  EXPECT_TRUE(reply.head.starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST_F(AppClient, SharesItsStorageWithTheApplication) {
  const std::string large(300'000, 'x');
  EXPECT_EQ(client.put("/file/a", large).status, 201);
  EXPECT_EQ(client.stored("a"), large);
  EXPECT_FALSE(client.stored("b"));
  client.store("b", std::string(600'000, 'y'));
  const Reply reply = client.get("/file/b", {{"Range", "bytes=0-2"}});
  EXPECT_EQ(reply.status, 206);
  EXPECT_EQ(reply.body, "yyy");
  EXPECT_NE(reply.header("Last-Modified"), "");
  EXPECT_EQ(client.get("/file/b", {{"If-None-Match", reply.header("ETag")}}).status, 304);
  EXPECT_THROW(client.store("../c", "z"), std::runtime_error);
}

TEST_F(AppClient, GivesTheFinalReplyBehindAnInterimOne) {
  const Reply reply = client.put("/echo", "body", {{"Expect", "100-continue"}});
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "PUT /echo? [none] body");
}

TEST_F(AppClient, SendsTheCookiesThatWereSetUntilTheyAreDeleted) {
  using Cookies = std::map<std::string, std::string>;
  EXPECT_EQ(client.get("/cookies").body, "none");
  EXPECT_EQ(client.post("/in", "").all("set-cookie").size(), 2u);
  EXPECT_EQ(client.cookies(), (Cookies{{"session", "a=b"}, {"theme", "dark"}}));
  EXPECT_EQ(client.get("/cookies").body, "session=a=b; theme=dark");
  client.cookies()["theme"] = "light";
  EXPECT_EQ(client.get("/cookies").body, "session=a=b; theme=light");
  client.post("/out", "");
  EXPECT_EQ(client.cookies(), Cookies());
  EXPECT_EQ(client.get("/cookies").body, "none");
}

TEST_F(AppClient, BreaksOffWhatHasNoEnd) {
  client.set_patience_ms(2500);
  const Reply reply = client.get("/ticks");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "id: 0\ndata: tick\n\nid: 1\ndata: tick\n\nid: 2\ndata: tick\n\n");
  EXPECT_FALSE(reply.is_whole);
  EXPECT_EQ(client.get("/echo").status, 200);  // the next one finds a free server
}

TEST_F(AppClient, WaitsInSimulatedTimeForAsLongAsItIsTold) {
  EXPECT_THROW(client.get("/sleep"), std::runtime_error);
  client.set_patience_ms(11 * 60'000);
  EXPECT_EQ(client.get("/sleep").body, "late");
}

TEST_F(AppClient, TellsABodyThatWasCutFromAWholeOne) {
  const Reply reply = client.get("/fail-late");
  EXPECT_EQ(reply.body, "abc");
  EXPECT_FALSE(reply.is_whole);
  EXPECT_TRUE(client.get("/echo").is_whole);
}

TEST(AppClientLimits, AreThoseThatItIsGiven) {
  TestClient client(kApp, {.max_readline = 100, .max_content_length = 3});
  EXPECT_EQ(client.put("/echo", "abc").status, 200);
  EXPECT_EQ(client.put("/echo", "abcd").status, 413);
  EXPECT_EQ(client.get("/" + std::string(200, 'a')).status, 414);
}

TEST(AppClientCors, LetsPagesOfOtherOriginsInWhereItIsTold) {
  constexpr std::string_view kOrigins[] = {"https://app.example.org"};
  const Cors cors({.allow_origins = kOrigins});
  TestClient client(kApp);
  const HeaderFields from_page = {{"Origin", "https://app.example.org"}};
  EXPECT_EQ(client.get("/echo", from_page).header("Access-Control-Allow-Origin"), "");
  client.allow_origins(cors);
  EXPECT_EQ(client.get("/echo", from_page).header("Access-Control-Allow-Origin"),
            "https://app.example.org");
}

}  // namespace
}  // namespace wherry::app
