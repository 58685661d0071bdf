// SPDX-License-Identifier: MIT
#include "wherry/app/mount.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "wherry/app/router.h"
#include "wherry/app/test_client.h"
#include "wherry/base/number.h"

namespace wherry::app {
namespace {

using coro::Task;

Task<Response> home(Request& request) { co_return text(request, "home"); }
Task<Response> user(Request& request, std::uint64_t id) { co_return json(request, {{"user", id}}); }
Task<Response> file(Request& request, std::string_view name) {
  co_return json(request, {{"file", name}});
}

constexpr Route kUsers[] = {get<"/", home>, get<"/users/<int:id>", user>,
                            put<"/files/<path:name>", file>};
constexpr auto kApi = mount<"/api", kUsers>;
constexpr auto kRoutes = join(get<"/", home>, kApi, mount<"/v1/beta", kApi>, mount<"/api", kUsers>);
constexpr App kApp{.routes = kRoutes};

static_assert(kRoutes.size() == 10);
static_assert(kRoutes[2].pattern == "/api/users/<int:id>");
static_assert(kRoutes[6].pattern == "/v1/beta/api/files/<path:name>");
static_assert(kRoutes[3].method == http::Method::put);

static_assert(internal::is_prefix<"/a/b.c">());
static_assert(!internal::is_prefix<"">());
static_assert(!internal::is_prefix<"/">());
static_assert(!internal::is_prefix<"api">());
static_assert(!internal::is_prefix<"/api/">());
static_assert(!internal::is_prefix<"/a//b">());
static_assert(!internal::is_prefix<"/<name>">());

std::string ask(std::string_view method, std::string_view target) {
  TestServer server(kApp);
  const Reply reply = server.ask(request_text(method, target));
  return std::to_string(reply.status) + " " + reply.body;
}

TEST(Mount, PutsATableUnderAPrefix) {
  EXPECT_EQ(ask("GET", "/api/users/7"), "200 {\"user\": 7}");
  EXPECT_EQ(ask("GET", "/api/"), "200 home");
  EXPECT_EQ(ask("PUT", "/api/files/a%20b/c"), "200 {\"file\": \"a b/c\"}");
  EXPECT_EQ(ask("GET", "/"), "200 home");
}

TEST(Mount, Nests) { EXPECT_EQ(ask("GET", "/v1/beta/api/users/9"), "200 {\"user\": 9}"); }

TEST(Mount, MatchesWholeSegments) {
  for (const std::string_view target :
       {"/api", "/apiusers/7", "/apifoo", "/ap/users/7", "/api%2Fusers/7", "/users/7",
        "/v1/users/7", "/v1/betaapi/users/7", "//api/users/7"}) {
    EXPECT_EQ(ask("GET", target), "404 {\"error\": \"Not found\"}") << target;
  }
}

TEST(Mount, AllowNamesTheMethodsOfTheMountedRoute) {
  TestServer server(kApp);
  const Reply reply = server.ask(request_text("DELETE", "/api/users/7"));
  EXPECT_EQ(reply.status, 405);
  EXPECT_EQ(reply.header("Allow"), "GET, HEAD, OPTIONS");
}

// ---------------------------------------------------------------- types of one's own

struct Hex {
  static constexpr std::string_view kName = "hex";
  static Result<std::uint32_t> parse(std::string_view text) noexcept {
    const auto value = parse_hex(text);
    if (!value || *value > UINT32_MAX) return Error::not_found;
    return static_cast<std::uint32_t>(*value);
  }
};

enum class Color { red, green };

struct ColorName {
  static constexpr std::string_view kName = "color";
  static Result<Color> parse(std::string_view text) noexcept {
    if (text == "red") return Color::red;
    if (text == "green") return Color::green;
    return Error::not_found;
  }
};

Task<Response> sensor(Request& request, std::uint32_t id) {
  co_return json(request, {{"sensor", id}});
}
Task<Response> paint(Request& request, std::string_view name, Color color, std::uint32_t id,
                     std::uint64_t number) {
  co_return json(request,
                 {{"name", name}, {"green", color == Color::green}, {"id", id}, {"n", number}});
}
Task<Response> other(Request& request, std::string_view name) {
  co_return json(request, {{"other", name}});
}

constexpr Route kTyped[] = {
    get<"/x/<hex:id>", sensor, Hex>,
    get<"/x/<name>", other>,
    get<"/<name>/<color:c>/<hex:id>/<int:n>", paint, Hex, ColorName>,
};
constexpr auto kTypedRoutes = join(kTyped, mount<"/m", kTyped>);
constexpr App kTypedApp{.routes = kTypedRoutes};

static_assert(internal::is_pattern<"/x/<hex:id>", Hex>());
static_assert(!internal::is_pattern<"/x/<hex:id>">());
static_assert(!internal::is_pattern<"/x/<color:id>", Hex>());
static_assert(!internal::is_pattern<"/x/<:id>", Hex>());
static_assert(!internal::is_pattern<"/x/<hex:>", Hex>());
static_assert(!internal::is_pattern<"/x/a<hex:id>", Hex>());
static_assert(kTyped[1].takes == nullptr);
static_assert(PathType<Hex> && !PathType<int>);

std::string ask_typed(std::string_view target) {
  TestServer server(kTypedApp);
  const Reply reply = server.ask(request_text("GET", target));
  return std::to_string(reply.status) + " " + reply.body;
}

TEST(OwnPathTypes, GiveTheHandlerTheirValue) {
  EXPECT_EQ(ask_typed("/x/fF"), "200 {\"sensor\": 255}");
  EXPECT_EQ(ask_typed("/x/ffffffff"), "200 {\"sensor\": 4294967295}");
  EXPECT_EQ(ask_typed("/a%20b/green/10/7"),
            "200 {\"name\": \"a b\", \"green\": true, \"id\": 16, \"n\": 7}");
  EXPECT_EQ(ask_typed("/m/x/10"), "200 {\"sensor\": 16}");
}

TEST(OwnPathTypes, WhatTheyDoNotTakeGoesToTheNextRoute) {
  EXPECT_EQ(ask_typed("/x/100000000"), "200 {\"other\": \"100000000\"}");
  EXPECT_EQ(ask_typed("/x/xyz"), "200 {\"other\": \"xyz\"}");
  EXPECT_EQ(ask_typed("/x/%31"), "200 {\"other\": \"1\"}");
  EXPECT_EQ(ask_typed("/a/blue/10/7"), "404 {\"error\": \"Not found\"}");
  EXPECT_EQ(ask_typed("/a/red/xyz/7"), "404 {\"error\": \"Not found\"}");
}

}  // namespace
}  // namespace wherry::app
