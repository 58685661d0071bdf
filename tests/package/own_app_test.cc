// SPDX-License-Identifier: MIT
// A user's own tests: handlers driven in memory by the installed test client, with no test
// framework. Exits 0 when the answers are right.
#include <cstdio>
#include <string>
#include <string_view>

#include "wherry/app/app_client.h"
#include "wherry/transfer/service.h"
#include "wherry/wherry.h"

using namespace wherry;

namespace {

Task<Response> greet(Request& req, std::string_view name) {
  co_return json(req, {{"hello", name}});
}

constexpr Route kRoutes[] = {
    get<"/hello/<name>", greet>,
    put<"/upload/<path:filename>", transfer::upload>,
    get<"/download/file/<path:filename>", transfer::download>,
};
constexpr App kApp{kRoutes};

bool is_all_right = true;

void expect(const app::Reply& reply, int status, std::string_view body) {
  if (reply.status == status && reply.body == body && reply.is_whole) return;
  std::printf("expected %d and %s in:\n%s\n\n%s\n", status, std::string(body).c_str(),
              reply.head.c_str(), reply.body.c_str());
  is_all_right = false;
}

}  // namespace

int main() {
  app::TestClient client(kApp);
  expect(client.get("/hello/world"), 200, R"({"hello": "world"})");
  expect(client.get("/nothing"), 404, R"({"error": "Not found"})");
  const app::Reply put = client.put("/upload/a.txt", "abc");
  expect(put, 201, R"({"filename": "a.txt", "size": 3, "crc32": "0x352441c2"})");
  expect(client.get("/download/file/a.txt"), 200, "abc");
  expect(client.get("/download/file/a.txt", {{"If-None-Match", put.header("ETag")}}), 304, "");
  is_all_right = is_all_right && client.stored("a.txt") == "abc";
  std::puts(is_all_right ? "own_app_test: right" : "own_app_test: wrong");
  return is_all_right ? 0 : 1;
}
