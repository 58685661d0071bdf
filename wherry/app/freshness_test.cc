// SPDX-License-Identifier: MIT
// Which requests may be answered with a file that was opened for another in the loop's present
// round (storage::Freshness).
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "wherry/app/mount.h"
#include "wherry/app/test_client.h"

namespace wherry::app {
namespace {

using coro::Task;

Task<Response> tell(Request& request) {
  co_return text(request, request.freshness() == storage::Freshness::round ? "round" : "now");
}
Task<std::optional<Response>> look(Request&) { co_return std::nullopt; }
Task<> see(Request&, Response&) { co_return; }

constexpr Route kTell[] = {get<"/tell", tell>};
constexpr BeforeHook kBefore[] = {look};
constexpr AfterHook kAfter[] = {see};
constexpr MountHooks kMountHooks{.before = kBefore};
constexpr MountHooks kLateMountHooks{.after = kAfter};
constexpr auto kRoutes =
    join(kTell, mount<"/hooked", kTell, kMountHooks>, mount<"/late", kTell, kLateMountHooks>);
constexpr App kApp{.routes = kRoutes};
constexpr App kHookedApp{.routes = kRoutes, .before = kBefore};
constexpr App kLateApp{.routes = kRoutes, .after = kAfter};

const std::string kAsk = request_text("GET", "/tell");

/// What the replies to `pieces` say, each of which is sent when all that follows from the one
/// before has happened.
std::string told(const std::vector<std::string>& pieces, const App& app = kApp) {
  TestServer server(app);
  std::string words;
  for (const Reply& reply : server.exchange(pieces)) words += reply.body + " ";
  return words;
}

TEST(Freshness, IsOfTheRoundForWhatCameBeforeIt) {
  EXPECT_EQ(told({kAsk}), "round ");
  EXPECT_EQ(told({kAsk, kAsk, kAsk}), "round round round ");
}

TEST(Freshness, IsOfTheRoundForARequestWhoseFirstByteCameBeforeIt) {
  EXPECT_EQ(told({kAsk.substr(0, 1), kAsk.substr(1)}), "round ");
}

TEST(Freshness, IsNowForWhatLiesBehindAnotherRequest) {
  EXPECT_EQ(told({kAsk + kAsk + kAsk, kAsk}), "round now now round ");
  const std::string part = kAsk.substr(0, 5);
  const std::string rest = kAsk.substr(5);
  EXPECT_EQ(told({kAsk + part, rest}), "round now ");
}

TEST(Freshness, IsNowBehindAnEmptyLine) {
  EXPECT_EQ(told({"\r\n" + kAsk}), "now ");
  EXPECT_EQ(told({"\r", "\n" + kAsk, kAsk}), "now round ");
}

TEST(Freshness, IsNowWhereAHookHasRun) {
  EXPECT_EQ(told({kAsk}, kHookedApp), "now ");
  EXPECT_EQ(told({request_text("GET", "/hooked/tell")}), "now ");
}

TEST(Freshness, IsOfTheRoundWhereHooksRunAfterwards) {
  EXPECT_EQ(told({kAsk}, kLateApp), "round ");
  EXPECT_EQ(told({request_text("GET", "/late/tell")}), "round ");
}

}  // namespace
}  // namespace wherry::app
