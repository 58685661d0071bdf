// SPDX-License-Identifier: MIT
#include "wherry/app/status_json.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace wherry::app {
namespace {

using Tell = std::function<void(StatusSink&)>;

std::vector<std::string> pieces(const Tell& tell) {
  StatusJson page;
  std::vector<std::string> all;
  while (!page.is_finished()) {
    page.begin_piece();
    tell(page);
    all.emplace_back(as_text(page.end_piece()));
  }
  return all;
}

std::string whole(const Tell& tell) {
  std::string text;
  for (const std::string& piece : pieces(tell)) text += piece;
  return text;
}

TEST(StatusJson, WritesNumbersTextsSectionsAndItems) {
  EXPECT_EQ(whole([](StatusSink& sink) {
              sink.text("version", "1.2.3");
              sink.gauge("uptime_ms", 5);
              sink.section("storage");
              sink.gauge("total_bytes", 100);
              sink.item("slots");
              sink.gauge("used", 1);
              sink.item("blocks");
              sink.gauge("used", 2);
              sink.section("transfers");
              sink.counter("complete", 18446744073709551615u);
            }),
            R"({"version": "1.2.3", "uptime_ms": 5, )"
            R"("storage": {"total_bytes": 100, "slots": {"used": 1}, "blocks": {"used": 2}}, )"
            R"("transfers": {"complete": 18446744073709551615}})");
}

TEST(StatusJson, PageOfNothingIsAnEmptyObject) {
  EXPECT_EQ(whole([](StatusSink&) {}), "{}");
}

// Every number of facts, so that a piece ends before, within and behind each section and item.
TEST(StatusJson, PageOfAnyLengthIsOnePageInPiecesThatFit) {
  std::vector<std::string> names;
  for (int i = 0; i < 120; ++i) names.push_back("section" + std::to_string(i));
  for (int count = 0; count < 120; ++count) {
    std::string expected = R"({"version": "0")";
    for (int i = 0; i < count; ++i) {
      const std::string n = std::to_string(i);
      expected += ", \"section" + n + "\": {\"item\": {\"number\": " + n + "}}";
    }
    const auto all = pieces([&](StatusSink& sink) {
      sink.text("version", "0");
      for (int i = 0; i < count; ++i) {
        sink.section(names[static_cast<std::size_t>(i)].c_str());
        sink.item("item");
        sink.gauge("number", static_cast<std::uint64_t>(i));
      }
    });
    std::string text;
    for (const std::string& piece : all) {
      EXPECT_LE(piece.size(), StatusJson::kPieceBytes);
      EXPECT_FALSE(piece.empty());
      text += piece;
    }
    ASSERT_EQ(text, expected + "}") << count;
  }
}

TEST(StatusJson, LongestNamesAndValuesFitIntoAnyPiece) {
  const std::string name(StatusSink::kMaxNameBytes, 'n');
  const std::string text(StatusSink::kMaxNameBytes, 't');
  const auto all = pieces([&](StatusSink& sink) {
    for (int i = 0; i < 50; ++i) {
      sink.section(name.c_str());
      sink.item(name.c_str());
      sink.text(name.c_str(), text.c_str());
      sink.counter(name.c_str(), UINT64_MAX);
    }
  });
  EXPECT_GT(all.size(), 10u);
  for (const std::string& piece : all) EXPECT_LE(piece.size(), StatusJson::kPieceBytes);
}

TEST(StatusJson, NumberIsThatOfTheMomentOfItsPiece) {
  std::uint64_t passes = 0;
  const std::string text = whole([&](StatusSink& sink) {
    ++passes;
    for (int i = 0; i < 40; ++i) sink.gauge("number", passes);
  });
  EXPECT_EQ(text.substr(0, 13), R"({"number": 1,)");
  EXPECT_GT(passes, 1u);
  EXPECT_TRUE(text.ends_with("\"number\": " + std::to_string(passes) + "}")) << text;
}

TEST(StatusJson, ListIsWrittenByOneWhoKnowsHowFarHeIs) {
  for (const int count : {0, 1, 2, 3, 50}) {
    std::string expected;
    for (int i = 0; i < count; ++i) {
      expected += (i == 0 ? "" : ", ") + std::string("{\"id\": ") + std::to_string(i) + "}";
    }
    StatusJson page;
    std::string text;
    int next = 0;
    while (!page.is_finished()) {
      page.begin_piece();
      page.section("limits");
      page.gauge("n", 1);
      page.list("running");
      while (next < count) {
        JsonWriter* row = page.row();
        if (row == nullptr) break;
        row->object({{"id", next++}});
      }
      text += as_text(page.end_piece());
    }
    EXPECT_EQ(text, "{\"limits\": {\"n\": 1}, \"running\": [" + expected + "]}");
  }
}

}  // namespace
}  // namespace wherry::app
