// SPDX-License-Identifier: MIT
#include "wherry/app/router.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "wherry/app/test_client.h"

namespace wherry::app {
namespace {

using coro::Task;

// Each handler says which route it is, and what it was given.
std::string_view kept(Request& request, const std::string& said) {
  const auto memory = request.scratch().text(said.size());
  said.copy(memory->data(), said.size());
  return {memory->data(), memory->size()};
}

Task<Response> root(Request& request) { co_return text(request, "root"); }
Task<Response> literal(Request& request) { co_return text(request, "literal"); }
Task<Response> one(Request& request, std::string_view name) {
  co_return text(request, kept(request, "one:" + std::string(name)));
}
Task<Response> number(Request& request, std::uint64_t value) {
  co_return text(request, kept(request, "number:" + std::to_string(value)));
}
Task<Response> rest(Request& request, std::string_view path) {
  co_return text(request, kept(request, "rest:" + std::string(path)));
}
Task<Response> mixed(Request& request, std::string_view a, std::uint64_t b, std::string_view c,
                     std::string_view d) {
  co_return text(request, kept(request, std::string(a) + "," + std::to_string(b) + "," +
                                            std::string(c) + "," + std::string(d)));
}
Task<Response> first(Request& request, std::string_view) { co_return text(request, "first"); }
Task<Response> second(Request& request) { co_return text(request, "second"); }
Task<Response> removed(Request& request) { co_return Response(request, 204); }

constexpr Route kRoutes[] = {
    get<"/", root>,
    get<"/a b/literal", literal>,
    get<"/one/<name>", one>,
    get<"/number/<int:value>", number>,
    put<"/files/<path:name>", rest>,
    get<"/files/<path:name>", rest>,
    post<"/mixed/<a>/x/<int:b>/<c>/<path:d>", mixed>,
    get<"/order/<name>", first>,
    get<"/order/literal", second>,
    delete_<"/thing", removed>,
    patch<"/thing", removed>,
    options<"/own/options", second>,
};
constexpr App kApp{kRoutes};

Reply ask(std::string_view method, std::string_view target) {
  TestServer server(kApp);
  return server.ask(request_text(method, target, "Connection: close\r\n"));
}

std::string outcome(std::string_view method, std::string_view target) {
  const Reply reply = ask(method, target);
  return reply.status == 200 ? reply.body : std::to_string(reply.status);
}

TEST(Router, EachPatternMatchesTheWholePathAndNothingElse) {
  struct Row {
    std::string_view method;
    std::string_view target;
    std::string_view outcome;
  };
  constexpr Row kRows[] = {
      {"GET", "/", "root"},
      {"GET", "/?a=b", "root"},
      {"GET", "http://wherry.test", "root"},
      {"GET", "http://wherry.test/one/x", "one:x"},
      {"GET", "//", "404"},
      {"GET", "/nothing", "404"},
      // literals, whatever of them is encoded
      {"GET", "/a%20b/literal", "literal"},
      {"GET", "/%61%20%62/l%69teral", "literal"},
      {"GET", "/a%20b%2Fliteral", "404"},
      {"GET", "/a%20b/literal/", "404"},
      {"GET", "/a%20b/litera", "404"},
      {"GET", "/a%20b/Literal", "404"},
      {"GET", "/a+b/literal", "404"},
      // one segment
      {"GET", "/one/x", "one:x"},
      {"GET", "/one/", "404"},
      {"GET", "/one", "404"},
      {"GET", "/one/x/", "404"},
      {"GET", "/one/x/y", "404"},
      {"GET", "/one/%2e%2E", "one:.."},
      {"GET", "/one/a%2Fb", "one:a/b"},
      {"GET", "/one/a%252Fb", "one:a%2Fb"},
      {"GET", "/one/a+b", "one:a+b"},
      {"GET", "/one/%C3%BC?x=/y", "one:\xC3\xBC"},
      {"GET", "/one/\xC3\xBC", "one:\xC3\xBC"},
      // digits
      {"GET", "/number/0", "number:0"},
      {"GET", "/number/007", "number:7"},
      {"GET", "/number/18446744073709551615", "number:18446744073709551615"},
      {"GET", "/number/18446744073709551616", "400"},
      {"GET", "/number/99999999999999999999999999", "400"},
      {"GET", "/number/-1", "404"},
      {"GET", "/number/+1", "404"},
      {"GET", "/number/1.5", "404"},
      {"GET", "/number/0x10", "404"},
      {"GET", "/number/", "404"},
      {"GET", "/number/1/", "404"},
      // all that is left
      {"GET", "/files/a", "rest:a"},
      {"GET", "/files/a/b/c.txt", "rest:a/b/c.txt"},
      {"GET", "/files/a%2Fb//c", "rest:a/b//c"},
      {"GET", "/files//", "rest:/"},
      {"GET", "/files/", "404"},
      {"PUT", "/files/x%00y", std::string_view("rest:x\0y", 8)},
      // several
      {"POST", "/mixed/1/x/2/3/4/5", "1,2,3,4/5"},
      {"POST", "/mixed/1/y/2/3/4", "404"},
      {"POST", "/mixed/1/x/two/3/4", "404"},
      {"POST", "/mixed/%31/x/99999999999999999999/3/4", "400"},
      // the first that matches wins
      {"GET", "/order/literal", "first"},
      {"HEAD", "/order/literal", ""},
      {"OPTIONS", "/own/options", "second"},
      {"DELETE", "/thing", "204"},
      {"GET", "/thing", "405"},
      {"get", "/", "405"},
      {"BREW", "/", "405"},
      {"BREW", "/nothing", "404"},
  };
  for (const Row& row : kRows) {
    EXPECT_EQ(outcome(row.method, row.target), row.outcome) << row.method << ' ' << row.target;
  }
}

TEST(Router, HeadIsAnsweredByGet) {
  const Reply get_reply = ask("GET", "/one/x");
  const Reply head_reply = ask("HEAD", "/one/x");
  EXPECT_EQ(head_reply.head, get_reply.head);
  EXPECT_EQ(head_reply.header("Content-Length"), "5");
  EXPECT_EQ(head_reply.body, "");
  EXPECT_EQ(ask("HEAD", "/thing").status, 405);
}

TEST(Router, AllowListsTheMethodsOfThePath) {
  EXPECT_EQ(ask("DELETE", "/").header("Allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(ask("POST", "/files/x").header("Allow"), "GET, HEAD, PUT, OPTIONS");
  EXPECT_EQ(ask("GET", "/thing").header("Allow"), "DELETE, OPTIONS, PATCH");
  EXPECT_EQ(ask("POST", "/thing").body, "{\"error\": \"The method is not allowed here\"}");
  EXPECT_EQ(ask("GET", "/").header("Allow"), "");
}

TEST(Router, OptionsTellsTheMethodsWithoutABody) {
  const Reply reply = ask("OPTIONS", "/files/x");
  EXPECT_EQ(reply.status, 204);
  EXPECT_EQ(reply.header("Allow"), "GET, HEAD, PUT, OPTIONS");
  EXPECT_EQ(ask("OPTIONS", "/nothing").status, 404);
  const Reply all = ask("OPTIONS", "*");
  EXPECT_EQ(all.status, 204);
  EXPECT_EQ(all.header("Allow"), "GET, HEAD, PUT, POST, DELETE, OPTIONS, PATCH");
}

TEST(Router, AllowValueHasRoomForEveryMethod) {
  EXPECT_EQ(allow_value(0).view(), "OPTIONS");
  EXPECT_EQ(allow_value(0xFFFF).view(), "GET, HEAD, PUT, POST, DELETE, OPTIONS, PATCH");
}

// What PathParameters hold before decoding points into the path: nothing is copied.
TEST(Router, FindsWithoutMemory) {
  constexpr std::string_view kPath = "/mixed/a%20b/x/12/c/d/e";
  const RouteMatch match = find_route(kRoutes, http::Method::post, kPath);
  ASSERT_EQ(match.route, &kRoutes[6]);
  EXPECT_EQ(match.parameters.texts[0], "a%20b");
  EXPECT_EQ(match.parameters.texts[0].data(), kPath.data() + 7);
  EXPECT_EQ(match.parameters.texts[1], "12");
  EXPECT_EQ(match.parameters.texts[3], "d/e");
  EXPECT_EQ(find_route(kRoutes, http::Method::other, kPath).route, nullptr);
}

// A pattern that cannot work does not compile; here is which are taken for well-formed.
static_assert(internal::is_well_formed("/"));
static_assert(internal::is_well_formed("/a/<b>/<int:c>/<path:d>"));
static_assert(!internal::is_well_formed("a"));
static_assert(!internal::is_well_formed(""));
static_assert(!internal::is_well_formed("/<>"));
static_assert(!internal::is_well_formed("/<int:>"));
static_assert(!internal::is_well_formed("/<float:x>"));
static_assert(!internal::is_well_formed("/<path:x>/y"));
static_assert(!internal::is_well_formed("/x<y>"));
static_assert(!internal::is_well_formed("/<y>x"));
static_assert(!internal::is_well_formed("/<x"));
static_assert(!internal::is_well_formed("/x>"));
static_assert(!internal::is_well_formed("/<a>/<b>/<c>/<d>/<e>"));

}  // namespace
}  // namespace wherry::app
