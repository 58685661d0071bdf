// SPDX-License-Identifier: MIT
// Tests an application of one's own, without sockets: the test client (wherry::test_client) drives
// it in memory. It goes with any test framework; this is GoogleTest.
#include "lamps.h"

#include <gtest/gtest.h>

#include "wherry/app/app_client.h"

using wherry::app::Reply;
using wherry::app::TestClient;

struct Lamps : testing::Test {
  TestClient client{kLamps};

  Reply log_in(std::string_view password) {
    return client.post("/log-in", "password=" + std::string(password),
                       {{"Content-Type", "application/x-www-form-urlencoded"}});
  }
};

TEST_F(Lamps, AreDimmedByWhoHasLoggedIn) {
  const Reply welcome = log_in("fiat+lux");
  EXPECT_EQ(welcome.status, 303);
  EXPECT_EQ(welcome.header("Location"), "/lamps/hall");
  const Reply reply = client.put("/lamps/hall/40", "");  // with the cookie, as a browser would
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, R"({"lamp": "hall", "percent": 40})");
  EXPECT_EQ(client.get("/lamps/hall").body, reply.body);
}

TEST_F(Lamps, AreClosedToOthers) {
  EXPECT_EQ(client.get("/lamps/hall").status, 401);
  EXPECT_EQ(log_in("dark").status, 403);
  client.cookies()["session"] = "0123456789abcdef";
  EXPECT_EQ(client.put("/lamps/hall/1", "").status, 401);
}

TEST_F(Lamps, HaveNamesAndPercents) {
  log_in("fiat%20lux");
  EXPECT_EQ(client.put("/lamps/hall/101", "").status, 400);
  const Reply reply = client.get("/lamps/cellar");
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.body, R"({"error": "There are /lamps/hall and /lamps/kitchen"})");
}

TEST_F(Lamps, AreNotToldFromACache) {
  EXPECT_EQ(client.get("/lamps/hall").header("Cache-Control"), "no-store");
  EXPECT_EQ(client.get("/nothing").header("Cache-Control"), "no-store");
}

TEST_F(Lamps, TellThatTheyAreStillThere) {
  client.set_patience_ms(20'500);  // of simulated time: the test takes none
  const Reply reply = client.get("/events");
  EXPECT_EQ(reply.header("Content-Type"), "text/event-stream");
  EXPECT_EQ(reply.body, ": still here\n\n: still here\n\n");
  EXPECT_FALSE(reply.is_whole);
}

TEST_F(Lamps, AreForThePagesOfTheHouse) {
  const wherry::Cors cors(kLampPages);
  client.allow_origins(cors);
  const auto allowed = [this](const char* origin) {
    return client.get("/lamps/hall", {{"Origin", origin}}).header("Access-Control-Allow-Origin");
  };
  EXPECT_EQ(allowed("https://house.example"), "https://house.example");
  EXPECT_EQ(allowed("https://elsewhere.example"), "");
}
