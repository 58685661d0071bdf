// SPDX-License-Identifier: MIT
#include "wherry/app/cors.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "wherry/app/test_client.h"

namespace wherry::app {
namespace {

using coro::Task;

Task<Response> hello(Request& request) { co_return text(request, "hello"); }
Task<Response> store(Request& request) {
  Response response = text(request, "stored", 201);
  response.header("Vary", "Accept").reserve_head();
  co_return response;
}
Task<std::optional<Response>> deny(Request& request) {
  if (request.header("Authorization")) co_return std::nullopt;
  co_return text(request, "denied", 401);
}

constexpr Route kRoutes[] = {get<"/a", hello>, put<"/a", store>};
constexpr BeforeHook kBefore[] = {deny};
constexpr App kApp{kRoutes};
constexpr App kGuardedApp{.routes = kRoutes, .before = kBefore};

constexpr std::string_view kTwo[] = {"https://one.test", "http://two.test:8080"};
constexpr std::string_view kAll[] = {"*"};
const std::string kPreflight = "Origin: https://one.test\r\nAccess-Control-Request-Method: PUT\r\n";

struct CorsTest : testing::Test {
  Reply ask(const CorsOptions& options, std::string_view method, std::string_view target,
            std::string_view fields, const App& app = kApp) {
    TestServer server(app);
    const Cors cors(options);
    server.server->allow_origins(cors);
    return server.ask(request_text(method, target, fields));
  }
  CorsOptions two{.allow_origins = kTwo};
  CorsOptions all{.allow_origins = kAll};
};

TEST_F(CorsTest, PreflightIsAnsweredWithTheMethodsOfTheRoute) {
  const Reply reply = ask(two, "OPTIONS", "/a", kPreflight);
  EXPECT_EQ(reply.status, 204);
  EXPECT_EQ(reply.header("Access-Control-Allow-Origin"), "https://one.test");
  EXPECT_EQ(reply.header("Access-Control-Allow-Methods"), "GET, HEAD, PUT, OPTIONS");
  EXPECT_EQ(reply.header("Access-Control-Allow-Headers"), "*, Authorization");
  EXPECT_EQ(reply.header("Access-Control-Max-Age"), "600");
  EXPECT_EQ(reply.header("Vary"), "Origin");
  EXPECT_FALSE(reply.find("Access-Control-Allow-Private-Network"));
}

TEST_F(CorsTest, PreflightComesBeforeTheHooks) {
  EXPECT_EQ(ask(two, "OPTIONS", "/a", kPreflight, kGuardedApp).status, 204);
  const Reply denied = ask(two, "GET", "/a", "Origin: https://one.test\r\n", kGuardedApp);
  EXPECT_EQ(denied.status, 401);
  EXPECT_EQ(denied.header("Access-Control-Allow-Origin"), "https://one.test");
}

TEST_F(CorsTest, RepliesCanBeReadByAllowedOrigins) {
  for (const std::string_view origin : kTwo) {
    const Reply reply = ask(two, "GET", "/a", "Origin: " + std::string(origin) + "\r\n");
    EXPECT_EQ(reply.body, "hello");
    EXPECT_EQ(reply.header("Access-Control-Allow-Origin"), origin);
    EXPECT_EQ(reply.header("Access-Control-Expose-Headers"), "*");
    EXPECT_EQ(reply.header("Vary"), "Origin");
  }
}

TEST_F(CorsTest, OthersGetTheirReplyWithoutTheFields) {
  for (const std::string_view fields :
       {"", "Origin: https://three.test\r\n", "Origin: https://one.test.evil.test\r\n",
        "Origin: null\r\n", "Origin: HTTPS://ONE.TEST\r\n"}) {
    const Reply reply = ask(two, "GET", "/a", fields);
    EXPECT_EQ(reply.status, 200);
    EXPECT_FALSE(reply.find("Access-Control-Allow-Origin")) << fields;
    EXPECT_EQ(reply.header("Vary"), "Origin");
  }
  const Reply preflight = ask(
      two, "OPTIONS", "/a", "Origin: https://three.test\r\nAccess-Control-Request-Method: PUT\r\n");
  EXPECT_EQ(preflight.header("Allow"), "GET, HEAD, PUT, OPTIONS");
  EXPECT_FALSE(preflight.find("Access-Control-Allow-Methods"));
}

TEST_F(CorsTest, AnyOriginIsAllowedByAStar) {
  const Reply reply = ask(all, "GET", "/a", "Origin: null\r\n");
  EXPECT_EQ(reply.header("Access-Control-Allow-Origin"), "*");
  EXPECT_FALSE(reply.find("Vary"));
}

TEST_F(CorsTest, ErrorsCanBeReadToo) {
  for (const auto& [method, target, status] :
       {std::tuple("GET", "/none", 404), std::tuple("DELETE", "/a", 405)}) {
    const Reply reply = ask(two, method, target, "Origin: https://one.test\r\n");
    EXPECT_EQ(reply.status, status);
    EXPECT_EQ(reply.header("Access-Control-Allow-Origin"), "https://one.test");
  }
  EXPECT_EQ(ask(two, "OPTIONS", "/none", kPreflight).status, 404);
}

TEST_F(CorsTest, FieldsFindTheirRoomInAHeadForWhichMemoryWasTaken) {
  TestServer server(kApp);
  const Cors cors(two);
  server.server->allow_origins(cors);
  const auto replies =
      server.exchange(request_text("PUT", "/a", "Origin: https://one.test\r\n", "x"));
  ASSERT_EQ(replies.size(), 1u);
  EXPECT_EQ(replies[0].status, 201);
  EXPECT_NE(replies[0].head.find("Access-Control-Allow-Origin: https://one.test"),
            std::string::npos);
  EXPECT_NE(replies[0].head.find("Vary: Accept"), std::string::npos);
  EXPECT_NE(replies[0].head.find("Vary: Origin"), std::string::npos);
}

TEST_F(CorsTest, PrivateNetworkIsAllowedWhereTheServerSaysSo) {
  CorsOptions options = two;
  options.allow_private_network = true;
  const std::string asks = kPreflight + "Access-Control-Request-Private-Network: true\r\n";
  EXPECT_EQ(ask(options, "OPTIONS", "/a", asks).header("Access-Control-Allow-Private-Network"),
            "true");
  EXPECT_FALSE(ask(two, "OPTIONS", "/a", asks).find("Access-Control-Allow-Private-Network"));
}

TEST(WithoutCors, NothingIsSaid) {
  TestServer server(kApp);
  const Reply reply = server.ask(request_text("OPTIONS", "/a", kPreflight));
  EXPECT_EQ(reply.header("Allow"), "GET, HEAD, PUT, OPTIONS");
  EXPECT_EQ(reply.head.find("Access-Control"), std::string::npos);
  EXPECT_FALSE(reply.find("Vary"));
}

}  // namespace
}  // namespace wherry::app
