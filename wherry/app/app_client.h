// SPDX-License-Identifier: MIT
// A test client that drives an application in memory: no socket, port, thread or file is used, and
// time passes as fast as the machine can go. For the tests of a program of handlers, on a host: it
// takes heap and throws. Knows no test framework. A target of its own: wherry::test_client.
//
//     TestClient client(kApp);
//     const Reply put = client.put("/upload/a.txt", "hello");
//     const Reply got = client.get("/download/file/a.txt", {{"Range", "bytes=1-3"}});
//     EXPECT_EQ(got.status, 206);
//     EXPECT_EQ(got.body, "ell");
//     EXPECT_EQ(got.header("ETag"), put.header("ETag"));
//
// What is served is what is served anywhere: the bytes of each request go through the same Server,
// over a simulated network, and what comes back is read strictly.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wherry/app/cors.h"
#include "wherry/app/limits.h"
#include "wherry/app/route.h"

namespace wherry::app {

/// Header fields, in order: {{"If-Match", tag}, {"Accept", "text/plain"}}.
using HeaderFields = std::vector<std::pair<std::string, std::string>>;

/// One reply, as it came.
struct Reply {
  int status = 0;
  std::string head;  // status line and fields, without the blank line
  HeaderFields fields;
  std::string body;       // what has come of it, without its framing
  bool is_whole = false;  // the body came to its end

  /// Returns: the value of the only field of that name (any case); throws when there are two.
  std::optional<std::string> find(std::string_view name) const;
  /// The same; "" when there is none.
  std::string header(std::string_view name) const { return find(name).value_or(""); }
  /// Returns: the values of all fields of that name (any case), in order.
  std::vector<std::string> all(std::string_view name) const;
  bool closes() const { return header("Connection") == "close"; }
};

class TestServer;

/// A server with an empty storage in memory (up to 16 files, 900 KB of them), and its one client.
class TestClient {
 public:
  /// `limits.max_connections`: of those one is used, for each request anew.
  /// Lifetime: `app` outlives the client.
  explicit TestClient(const App& app, Limits limits = Limits());
  ~TestClient();
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;

  /// One request, and the reply to it. `target`: path and query, encoded.  Sent along: Host;
  /// Content-Length, for those with a body; the cookies; then `fields`, as they are.
  /// Returns: the final reply; one that has no end is broken off after `patience_ms()`, and is not
  /// whole then.
  /// Throws std::runtime_error: the reply is not well-formed, there is none, the server broke off.
  Reply get(std::string_view target, const HeaderFields& fields = {});
  Reply head(std::string_view target, const HeaderFields& fields = {});
  Reply options(std::string_view target, const HeaderFields& fields = {});
  Reply delete_(std::string_view target, const HeaderFields& fields = {});
  Reply put(std::string_view target, std::string_view body, const HeaderFields& fields = {});
  Reply post(std::string_view target, std::string_view body, const HeaderFields& fields = {});
  Reply patch(std::string_view target, std::string_view body, const HeaderFields& fields = {});
  /// The same with any method; none: no body.
  Reply request(std::string_view method, std::string_view target,
                std::optional<std::string_view> body = std::nullopt,
                const HeaderFields& fields = {});

  /// What the server has set, by name, and what the next requests send: a client may change it. Of
  /// the attributes Max-Age=0 and a date that is over count: the cookie is forgotten. The others
  /// are not looked at: all paths are one.
  std::map<std::string, std::string>& cookies() { return cookies_; }

  /// Puts a file into the storage.  Throws std::runtime_error: it cannot be there.
  void store(std::string_view path, std::string_view content);
  /// Returns: the content of a stored file; none: there is no such file.
  std::optional<std::string> stored(std::string_view path);

  /// Simulated time for which a reply is waited for; at first a minute.
  std::uint64_t patience_ms() const { return patience_ms_; }
  void set_patience_ms(std::uint64_t duration_ms) { patience_ms_ = duration_ms; }

  /// Lets pages of other origins use the server.  Lifetime: `cors` outlives the client.
  void allow_origins(const Cors& cors);

 private:
  void keep_cookies(const Reply& reply);
  void set_storage_clock();

  std::unique_ptr<TestServer> server_;
  std::map<std::string, std::string> cookies_;
  std::uint64_t patience_ms_ = 60'000;
};

}  // namespace wherry::app
