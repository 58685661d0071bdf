// SPDX-License-Identifier: MIT
#include "wherry/app/redirect.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "wherry/app/app_client.h"
#include "wherry/app/route.h"
#include "wherry/http/form_urlencoded.h"

namespace wherry::app {
namespace {

using coro::Task;

Task<Response> go(Request& request, std::uint64_t status) {
  const auto to = co_await request.query("to");
  co_return redirect(request, to.value_or("/"), static_cast<std::uint16_t>(status));
}
Task<Response> home(Request& request) { co_return redirect(request, "/home"); }

/// "a=1;b=2;": all pairs, in order, then the first "a".
Task<Response> tell(Request& request, http::FormReader fields) {
  const auto memory = co_await request.scratch().text(200);
  TextWriter said(memory);
  const auto first = co_await fields.find("a");
  while (const auto field = co_await fields.next()) {
    said.append(field->name).append('=').append(field->value).append(';');
  }
  said.append(" first a: ").append(first.value_or("none"));
  co_return text(request, said.view());
}
Task<Response> query(Request& request) {
  co_return co_await tell(request, co_await request.query_fields());
}
Task<Response> form(Request& request) { co_return co_await tell(request, co_await request.form()); }

constexpr Route kRoutes[] = {get<"/go/<int:status>", go>, post<"/home", home>, get<"/query", query>,
                             post<"/form", form>};
constexpr App kApp{kRoutes};

struct Redirect : testing::Test {
  TestClient client{kApp};
};

TEST_F(Redirect, SendsTheClientElsewhere) {
  const Reply reply = client.post("/home", "");
  EXPECT_EQ(reply.status, 302);
  EXPECT_EQ(reply.header("Location"), "/home");
  EXPECT_EQ(reply.body, "");
  EXPECT_FALSE(reply.closes());
  for (const std::string status : {"301", "302", "303", "307", "308"}) {
    const Reply other = client.get("/go/" + status + "?to=https://a.test/b%3Fc=d%23e");
    EXPECT_EQ(std::to_string(other.status), status);
    EXPECT_EQ(other.header("Location"), "https://a.test/b?c=d#e");
  }
}

TEST_F(Redirect, EncodesWhatCannotStandInAUrl) {
  EXPECT_EQ(client.get("/go/302?to=/a%20b%22%3C%3E%5C%5E%60%7B%7C%7D%C3%A4").header("Location"),
            "/a%20b%22%3C%3E%5C%5E%60%7B%7C%7D%C3%A4");
  EXPECT_EQ(client.get("/go/302?to=/a%2520b").header("Location"), "/a%20b");  // encoded already
}

TEST_F(Redirect, NoLocationAddsAField) {
  for (const std::string_view hostile : {"/a%0D%0ASet-Cookie:%20a=b", "/a%0ASet-Cookie:%20a=b",
                                         "/a%0Db", "/%00", "/a%7F", "%0D%0A%0D%0A"}) {
    const Reply reply = client.get(std::string("/go/302?to=").append(hostile));
    EXPECT_EQ(reply.status, 400) << hostile;
    EXPECT_FALSE(reply.find("Location")) << hostile;
    EXPECT_FALSE(reply.find("Set-Cookie")) << hostile;
  }
}

// ---------------------------------------------------------------- forms and queries, read alike

struct Fields : testing::TestWithParam<std::pair<std::string_view, std::string_view>> {
  TestClient client{kApp};
  std::string form_of(std::string_view text) {
    const Reply reply = client.post(
        "/form", text, {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}});
    return reply.status == 200 ? reply.body : std::to_string(reply.status);
  }
  std::string query_of(std::string_view text) {
    const Reply reply = client.get(std::string("/query?").append(text));
    return reply.status == 200 ? reply.body : std::to_string(reply.status);
  }
};

TEST_P(Fields, OfAFormAndOfAQueryAreReadAlike) {
  EXPECT_EQ(form_of(GetParam().first), GetParam().second);
  EXPECT_EQ(query_of(GetParam().first), GetParam().second);
}

INSTANTIATE_TEST_SUITE_P(Rows, Fields,
                         testing::Values(std::pair("a=1&b=2", "a=1;b=2; first a: 1"),
                                         std::pair("a=1&b=2&a=3", "a=1;b=2;a=3; first a: 1"),
                                         std::pair("b=x+y%20z", "b=x y z; first a: none"),
                                         std::pair("a=%2B%26%3D", "a=+&=; first a: +&="),
                                         std::pair("a", "a=; first a: "),
                                         std::pair("&&a=1&&", "a=1; first a: 1"),
                                         std::pair("a=b=c", "a=b=c; first a: b=c"),
                                         std::pair("%61=1", "a=1; first a: 1"),
                                         std::pair("=1", "=1; first a: none"),
                                         std::pair("", " first a: none"), std::pair("a=%", "400"),
                                         std::pair("a=1&b=%zz", "400"), std::pair("a=%FF", "400")));

}  // namespace
}  // namespace wherry::app
