// SPDX-License-Identifier: MIT
// The hooks of an application (route.h says in which order they run), and those of a mount.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "wherry/app/mount.h"
#include "wherry/app/test_client.h"

namespace wherry::app {
namespace {

using coro::Task;
using MaybeResponse = std::optional<Response>;

// What ran, in order. One test runs at a time.
std::string ran;

Task<MaybeResponse> see_first(Request&) {
  ran += "b1 ";
  co_return std::nullopt;
}
Task<MaybeResponse> check(Request& request) {
  ran += "b2 ";
  co_await request.loop().sleep(1);  // a hook may wait
  if (request.header("X-Deny")) co_return text(request, "denied", 401);
  if (request.header("X-Fail")) co_return Error::not_writable;
  co_return std::nullopt;
}
Task<MaybeResponse> see_last(Request&) {
  ran += "b3 ";
  co_return std::nullopt;
}

Task<> mark(Request&, Response& response) {
  ran += "a1 ";
  response.header("X-Mark", response.status() < 400 ? "good" : "bad");
  co_return;
}
Task<> change(Request& request, Response& response) {
  ran += "a2 ";
  co_await request.loop().sleep(1);
  if (request.header("X-Teapot")) response.set_status(418);
  if (request.header("X-Fail-Late")) co_await Result<>(Error::busy);
}
Task<> see_end(Request&, Response& response) {
  ran += "a3 ";
  response.header("X-Last", "yes");
  co_return;
}

Task<Response> hello(Request& request) {
  ran += "hello ";
  co_return text(request, "hello");
}
Task<Response> put_in(Request& request) {
  const std::string_view content = co_await request.text();
  Response response = text(request, content, 201);
  response.reserve_head();
  co_return response;
}
Task<Response> fail(Request&) { co_return Error::conflict; }
Task<Response> make_bad_field(Request& request) {
  Response response = text(request, "split");
  response.header("X-Name", "a\r\nX-Other: b");
  co_return response;
}
Task<Response> lack(Request& request) {
  Response response = text(request, "split");
  response.lacks_memory();
  co_return response;
}

constexpr Route kRoutes[] = {
    get<"/hello", hello>, put<"/in", put_in>, get<"/fail", fail>, get<"/bad-field", make_bad_field>,
    get<"/lack", lack>,
};
constexpr BeforeHook kBefore[] = {see_first, check, see_last};
constexpr AfterHook kAfter[] = {mark, change, see_end};

Task<Response> explain_conflict(Request& request, Error) {
  ran += "e409 ";
  co_return text(request, "taken", 409);
}
Task<Response> explain_denial(Request& request, Error error) {
  ran += "e403 ";
  co_return text(request, error == Error::not_writable ? "not for you" : "?", 403);
}
Task<Response> fail_to_explain(Request&, Error) {
  ran += "e503 ";
  co_return Error::busy;
}
constexpr ErrorHandler kErrors[] = {
    on_error<409, explain_conflict>,
    on_error<403, explain_denial>,
    on_error<503, fail_to_explain>,
};
constexpr App kApp{
    .routes = kRoutes, .error_handlers = kErrors, .before = kBefore, .after = kAfter};

struct Hooks : testing::Test {
  Hooks() { ran.clear(); }
  Reply ask(std::string_view method, std::string_view target, std::string_view fields = "",
            std::optional<std::string_view> body = std::nullopt) {
    return server.ask(request_text(method, target, fields, body));
  }
  TestServer server{kApp};
};

TEST_F(Hooks, RunInOrderAroundTheHandler) {
  const Reply reply = ask("GET", "/hello");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "hello");
  EXPECT_EQ(ran, "b1 b2 b3 hello a1 a2 a3 ");
  EXPECT_EQ(reply.header("X-Mark"), "good");
  EXPECT_EQ(reply.header("X-Last"), "yes");
}

TEST_F(Hooks, BeforeHookMayAnswerInsteadOfTheHandler) {
  const Reply reply = ask("GET", "/hello", "X-Deny: 1\r\n");
  EXPECT_EQ(reply.status, 401);
  EXPECT_EQ(reply.body, "denied");
  EXPECT_EQ(ran, "b1 b2 a1 a2 a3 ");
  EXPECT_EQ(reply.header("X-Mark"), "bad");
}

TEST_F(Hooks, BeforeHookAnswersBeforeAnyoneLearnsWhatIsThere) {
  for (const std::string_view target : {"/hello", "/fail", "/nothing"}) {
    EXPECT_EQ(ask("GET", target, "X-Deny: 1\r\n").status, 401);
  }
  EXPECT_EQ(ask("DELETE", "/hello", "X-Deny: 1\r\n").status, 401);
}

TEST_F(Hooks, BeforeHookThatFailsEndsInThatErrorsReply) {
  const Reply reply = ask("GET", "/hello", "X-Fail: 1\r\n");
  EXPECT_EQ(reply.status, 403);
  EXPECT_EQ(reply.body, "not for you");
  EXPECT_EQ(ran, "b1 b2 e403 a1 a2 a3 ");
}

TEST_F(Hooks, AfterHooksSeeTheRepliesToErrors) {
  const Reply lost = ask("GET", "/nothing");
  EXPECT_EQ(lost.status, 404);
  EXPECT_EQ(lost.body, "{\"error\": \"Not found\"}");
  EXPECT_EQ(lost.header("X-Mark"), "bad");
  const Reply wrong = ask("DELETE", "/hello");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.header("Allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(wrong.header("X-Last"), "yes");
  const Reply large = ask("PUT", "/in", "Content-Length: 300000\r\n");
  EXPECT_EQ(large.status, 413);
  EXPECT_EQ(large.header("X-Last"), "yes");
  EXPECT_TRUE(large.closes());
  ran.clear();
  const Reply failed = ask("GET", "/fail");
  EXPECT_EQ(failed.status, 409);
  EXPECT_EQ(failed.body, "taken");
  EXPECT_EQ(failed.header("X-Last"), "yes");
  EXPECT_EQ(ran, "b1 b2 b3 e409 a1 a2 a3 ");
}

TEST_F(Hooks, TheLogTellsOfTheErrorBehindAReplyThatHooksHaveSeen) {
  ask("GET", "/fail");
  ASSERT_EQ(server.world.log.records.size(), 1u);
  EXPECT_EQ(server.world.log.records[0].outcome, Error::conflict);
  EXPECT_EQ(server.world.log.records[0].status, 409);
}

TEST_F(Hooks, AfterHookMayChangeTheStatus) {
  const Reply reply = ask("GET", "/hello", "X-Teapot: 1\r\n");
  EXPECT_EQ(reply.status, 418);
  EXPECT_EQ(reply.body, "hello");
}

TEST_F(Hooks, AfterHookThatFailsEndsInThatErrorsReplyOnce) {
  const Reply reply = ask("GET", "/hello", "X-Fail-Late: 1\r\n");
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.body, "{\"error\": \"The file is in use; try again\"}");
  EXPECT_EQ(ran, "b1 b2 b3 hello a1 a2 e503 a3 ");
  EXPECT_FALSE(reply.find("X-Mark"));  // that was the reply which is dropped
  EXPECT_EQ(reply.header("X-Last"), "yes");
}

TEST_F(Hooks, FieldsAreAddedToAHeadForWhichMemoryWasTaken) {
  const Reply reply = ask("PUT", "/in", "", "content");
  EXPECT_EQ(reply.status, 201);
  EXPECT_EQ(reply.body, "content");
  EXPECT_EQ(reply.header("X-Last"), "yes");
}

TEST_F(Hooks, AreOutsideOfRefusals) {
  EXPECT_EQ(server.ask("GET /hello HTTP/1.1\r\n\r\n").status, 400);  // no Host
  EXPECT_EQ(ran, "");
  EXPECT_EQ(ask("GET", "/bad-field").status, 500);
  EXPECT_EQ(ran, "b1 b2 b3 a1 a2 a3 ");
  ran.clear();
  EXPECT_EQ(ask("GET", "/lack").status, 503);
  EXPECT_EQ(ran, "b1 b2 b3 ");
}

TEST_F(Hooks, ClientThatGoesWhileAHookWaitsEndsTheRequest) {
  net::sim::SimPeer& peer = server.connect();
  peer.send(request_text("PUT", "/in", "Content-Length: 10\r\n") + "01");
  peer.finish_sending();
  server.world.network.loop().run_until([&] { return peer.is_closed(); });
  EXPECT_EQ(ran, "b1 b2 b3 ");  // the body never came: no reply, so none to change
  EXPECT_EQ(server.world.leftovers(), "");
}

TEST(HookTables, OneOfThemIsEnough) {
  ran.clear();
  constexpr static App kBeforeAlone{.routes = kRoutes, .before = kBefore};
  TestServer first(kBeforeAlone);
  EXPECT_EQ(first.ask(request_text("GET", "/fail")).status, 409);
  EXPECT_EQ(ran, "b1 b2 b3 ");
  ran.clear();
  constexpr static App kAfterAlone{.routes = kRoutes, .after = kAfter};
  TestServer second(kAfterAlone);
  EXPECT_EQ(second.ask(request_text("GET", "/fail")).status, 409);
  EXPECT_EQ(ran, "a1 a2 a3 ");
}

// The n-th allocation of a request fails, for each n: there is a well-formed answer, or none could
// be kept; nothing is left over.
TEST(HookTables, MemoryThatRunsOutIsToldAs503) {
  int good_count = 0;
  for (std::uint32_t n = 0; good_count == 0 && n < 100; ++n) {
    TestWorld world;
    LoneSession session(kApp, small_limits(), world);
    net::sim::SimPeer& peer = world.network.connect(session);
    world.network.loop().run_until_idle();
    session.arena().fail_from(n);
    peer.send(request_text("GET", "/hello"));
    peer.finish_sending();
    world.network.loop().run_until([&] { return peer.is_closed(); });
    const auto replies = read_replies(peer.received(), {"GET"}, true);
    if (replies.empty()) continue;  // no memory at all: not even to refuse
    ASSERT_EQ(replies.size(), 1u);
    EXPECT_TRUE(replies[0].status == 503 || replies[0].status == 200) << n;
    if (replies[0].status == 200) ++good_count;
  }
  EXPECT_EQ(good_count, 1);
}

// ---------------------------------------------------------------- of a mount

constexpr BeforeHook kMountBefore[] = {check};
constexpr AfterHook kMountAfter[] = {mark, see_end};
constexpr MountHooks kMountHooks{.before = kMountBefore, .after = kMountAfter};
constexpr BeforeHook kOuterBefore[] = {see_first};
constexpr MountHooks kOuterHooks{.before = kOuterBefore};

constexpr auto kMounted = join(mount<"/api", kRoutes, kMountHooks>, get<"/hello", hello>);
constexpr auto kNested = mount<"/v1", kMounted, kOuterHooks>;
constexpr App kMountedApp{.routes = kMounted};
constexpr App kNestedApp{.routes = kNested};

TEST(HooksOfAMount, RunForItsRoutesAlone) {
  TestServer server(kMountedApp);
  ran.clear();
  EXPECT_EQ(server.ask(request_text("GET", "/hello", "X-Deny: 1\r\n")).status, 200);
  EXPECT_EQ(ran, "hello ");
  ran.clear();
  const Reply reply = server.ask(request_text("GET", "/api/hello"));
  EXPECT_EQ(reply.body, "hello");
  EXPECT_EQ(reply.header("X-Last"), "yes");
  EXPECT_EQ(ran, "b2 hello a1 a3 ");
  EXPECT_FALSE(server.ask(request_text("GET", "/api/fail")).find("X-Last"));
  EXPECT_EQ(server.ask(request_text("GET", "/api/nothing", "X-Deny: 1\r\n")).status, 404);
}

TEST(HooksOfAMount, NoSpellingOfAPathGetsAroundThem) {
  TestServer server(kMountedApp);
  for (const std::string_view target : {"/api/hello", "/%61pi/hello", "/api/h%65llo"}) {
    const Reply reply = server.ask(request_text("GET", target, "X-Deny: 1\r\n"));
    EXPECT_EQ(reply.status, 401) << target;
    EXPECT_EQ(reply.header("X-Mark"), "bad");
  }
}

TEST(HooksOfAMount, NestFromTheOutside) {
  TestServer server(kNestedApp);
  ran.clear();
  EXPECT_EQ(server.ask(request_text("GET", "/v1/api/hello")).status, 200);
  EXPECT_EQ(ran, "b1 b2 hello a1 a3 ");
}

}  // namespace
}  // namespace wherry::app
