// SPDX-License-Identifier: MIT
// Switches lamps, and shows what a framework is for beside routes: a type of one's own in a path,
// hooks, a mounted table, an error handler, a form, a cookie, a redirect, events.
#include "lamps.h"

#include <array>
#include <cstdint>
#include <optional>

#include "wherry/base/text_writer.h"

using namespace wherry;

namespace {

constexpr std::string_view kPassword = "fiat lux";
constexpr std::string_view kNames[] = {"hall", "kitchen"};

// What is switched, and how often it was. One loop serves all requests: nothing needs a lock.
std::array<std::uint64_t, std::size(kNames)> percents{};
std::uint64_t change_count = 0;
std::array<char, 16> session{};  // who sends this has logged in last
bool has_session = false;

// A type for one segment of a path: handlers get the index of a lamp, and never a wrong one.
struct LampName {
  static constexpr std::string_view kName = "lamp";
  static Result<std::size_t> parse(std::string_view text) noexcept {
    for (std::size_t i = 0; i < std::size(kNames); ++i) {
      if (kNames[i] == text) return i;
    }
    return Error::not_found;
  }
};

Response describe_lamp(Request& req, std::size_t lamp) {
  return json(req, {{"lamp", kNames[lamp]}, {"percent", percents[lamp]}});
}

Task<Response> show(Request& req, std::size_t lamp) { co_return describe_lamp(req, lamp); }

Task<Response> dim(Request& req, std::size_t lamp, std::uint64_t percent) {
  if (percent > 100) co_return error_reply(req, 400, "A lamp gives 0 to 100 percent");
  percents[lamp] = percent;
  ++change_count;
  co_return describe_lamp(req, lamp);
}

// A form: name=value&name=value. Who knows the password gets a cookie, and is sent on.
Task<Response> log_in(Request& req) {
  FormReader form = co_await req.form();
  if (co_await form.find("password") != kPassword) {
    co_return error_reply(req, 403, "This is not the password");
  }
  TextWriter writer(session);
  writer.append_hex(req.loop().random_bits(), session.size());
  has_session = true;
  Response response = redirect(req, "/lamps/hall", 303);
  response.set_cookie({.name = "session",
                       .value = writer.view(),
                       .path = "/",
                       .http_only = true,
                       .same_site = SetCookie::SameSite::strict});
  co_return response;
}

// Runs before each route of its table: what it returns is the answer, nothing lets the request on.
Task<std::optional<Response>> need_session(Request& req) {
  const std::string_view expected(session.data(), session.size());
  if (has_session && req.cookie("session") == expected) co_return std::nullopt;
  co_return error_reply(req, 401, "POST the password to /log-in first");
}

// Runs after everything, and sees the replies to errors too.
Task<> keep_from_caches(Request&, Response& response) {
  response.header("Cache-Control", "no-store");
  co_return;
}

// Says it in other words than the library would.
Task<Response> not_here(Request& req, Error) {
  co_return error_reply(req, 404, "There are /lamps/hall and /lamps/kitchen");
}

// An event for each change, as long as the page listens; a comment now and then tells whether.
AsyncGenerator<Bytes> changes(Request& req) {
  std::array<char, 128> memory;
  EventWriter event(memory);
  std::uint64_t seen = change_count;
  for (std::uint32_t turn = 1;; ++turn) {
    co_await req.loop().sleep(100);
    if (seen != change_count) {
      seen = change_count;
      event.name("lamps").json({{"hall", percents[0]}, {"kitchen", percents[1]}});
      co_yield event.finish();
    } else if (turn % 100 == 0) {
      co_yield event.comment("still here").finish();
    }
  }
}

Task<Response> events(Request& req) { co_return event_stream(req, changes(req)); }

constexpr Route kLampRoutes[] = {
    get<"/<lamp:name>", show, LampName>,
    put<"/<lamp:name>/<int:percent>", dim, LampName>,
};
constexpr BeforeHook kBeforeLamps[] = {need_session};
constexpr MountHooks kLampHooks{.before = kBeforeLamps};

constexpr auto kRoutes =
    join(post<"/log-in", log_in>, get<"/events", events>, mount<"/lamps", kLampRoutes, kLampHooks>);
constexpr AfterHook kAfter[] = {keep_from_caches};
constexpr ErrorHandler kErrors[] = {on_error<404, not_here>};

constexpr std::string_view kOrigins[] = {"https://house.example"};

}  // namespace

constexpr App kLamps{.routes = kRoutes, .error_handlers = kErrors, .after = kAfter};
constexpr CorsOptions kLampPages{.allow_origins = kOrigins};
