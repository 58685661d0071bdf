// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "wherry/app/metrics_text.h"
#include "wherry/app/test_client.h"
#include "wherry/transfer/service.h"

namespace wherry::transfer {
namespace {

using app::Reply;
using app::request_text;
using app::TestServer;

/// The text exposition format 0.0.4, read as strictly as its specification can be: each metric has
/// its HELP and its TYPE before its samples, all of one metric stand together, nothing comes twice.
class Exposition {
 public:
  explicit Exposition(const std::string& text) {
    if (text.empty() || text.back() != '\n') fail("no end of line at the end");
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) read(line);
    end_family();
  }

  /// The value of the sample of that name and those labels, as it stands there; throws: none.
  const std::string& operator[](const std::string& sample) const { return samples_.at(sample); }
  bool has(const std::string& sample) const { return samples_.contains(sample); }
  std::string type(const std::string& name) const { return types_.at(name); }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& [name, type] : types_) all.push_back(name);
    return all;
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    throw std::runtime_error(why + " in line: " + line_);
  }

  void read(const std::string& line) {
    line_ = line;
    if (line.starts_with("# HELP ")) {
      end_family();
      family_ = line.substr(7, line.find(' ', 7) - 7);
      check_name(family_);
      if (line.find(' ', 7) == std::string::npos) fail("no help");
      if (!families_.insert(family_).second) fail("a metric twice");
    } else if (line.starts_with("# TYPE ")) {
      std::istringstream words(line.substr(7));
      std::string name, type, more;
      words >> name >> type;
      if (name != family_ || types_.contains(name) || words >> more) fail("a bad type");
      if (type != "counter" && type != "gauge" && type != "histogram") fail("an unknown type");
      if ((type == "counter") != name.ends_with("_total")) fail("a counter's name ends in _total");
      types_[name] = type;
    } else {
      read_sample(line);
    }
  }

  void check_name(const std::string& name) const {
    if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") != std::string::npos ||
        !name.starts_with("wherry_")) {
      fail("a bad name");
    }
  }

  void read_sample(const std::string& line) {
    const std::size_t space = line.rfind(' ');
    if (space == std::string::npos) fail("no value");
    const std::string sample = line.substr(0, space);
    const std::string value = line.substr(space + 1);
    if (value.empty() || value.find_first_not_of("0123456789.") != std::string::npos ||
        std::ranges::count(value, '.') > 1 || value.front() == '.' || value.back() == '.') {
      fail("a bad value");
    }
    const std::string name = sample.substr(0, sample.find('{'));
    check_name(name);
    if (!types_.contains(family_)) fail("a sample without a type");
    const std::string type = types_[family_];
    const std::string suffix = name.starts_with(family_) ? name.substr(family_.size()) : "?";
    const bool fits = type == "histogram"
                          ? suffix == "_bucket" || suffix == "_sum" || suffix == "_count"
                          : suffix.empty();
    if (!fits) fail("a sample of another metric");
    if (sample.size() > name.size()) check_label(sample.substr(name.size()));
    if (!samples_.emplace(sample, value).second) fail("a sample twice");
    if (type == "histogram") read_histogram(suffix, sample, std::stod(value));
  }

  // {name="value"}, escaped
  void check_label(const std::string& text) const {
    const std::size_t quote = text.find("=\"");
    if (text.front() != '{' || quote == std::string::npos || !text.ends_with("\"}")) {
      fail("a bad label");
    }
    const std::string value = text.substr(quote + 2, text.size() - quote - 4);
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (value[i] == '"' || value[i] == '\n') fail("a label that is not escaped");
      if (value[i] == '\\' && std::string("\\\"n").find(value.at(++i)) == std::string::npos) {
        fail("a bad escape");
      }
    }
  }

  void read_histogram(const std::string& suffix, const std::string& sample, double value) {
    if (suffix == "_count") {
      count_ = value;
    } else if (suffix == "_bucket") {
      const std::size_t begin = sample.find("{le=\"") + 5;
      const std::string le = sample.substr(begin, sample.rfind('"') - begin);
      const double bound = le == "+Inf" ? 1e300 : std::stod(le);
      if (bound <= bound_ || value < buckets_) fail("buckets out of order");
      bound_ = bound;
      buckets_ = value;
    }
  }

  void end_family() {
    if (!family_.empty() && !types_.contains(family_)) fail("a metric without a type");
    if (!family_.empty() && types_[family_] == "histogram") {
      if (bound_ != 1e300 || buckets_ != count_) fail("a histogram that does not add up");
    }
    bound_ = buckets_ = count_ = -1;
  }

  std::string line_;
  std::string family_;
  std::set<std::string> families_;
  std::map<std::string, std::string> types_;
  std::map<std::string, std::string> samples_;
  double bound_ = -1;
  double buckets_ = -1;
  double count_ = -1;
};

struct Metrics : testing::Test {
  Reply get(std::string_view method = "GET") { return test.ask(request_text(method, "/metrics")); }
  Exposition read() { return Exposition(get().body); }

  TestServer test{kService};
};

TEST_F(Metrics, AreInTheFormatThatPrometheusReads) {
  const Reply reply = get();
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(reply.header("Cache-Control"), "no-store");
  const Exposition page(reply.body);
  EXPECT_GT(page.names().size(), 25u);
  EXPECT_EQ(get("HEAD").body, "");
}

TEST_F(Metrics, TellWhatTheStatusTellsInBaseUnits) {
  test.world.network.loop().advance(12'345);
  const Exposition page = read();
  EXPECT_EQ(page["wherry_uptime_seconds"], "12.345");
  EXPECT_EQ(page["wherry_connections_used"], "1");
  EXPECT_EQ(page["wherry_connections_accepted_total"], "1");
  EXPECT_EQ(page.type("wherry_connections_accepted_total"), "counter");
  EXPECT_EQ(page.type("wherry_connections_used"), "gauge");
  EXPECT_EQ(page["wherry_arena_limit_bytes"], std::to_string(test.limits.arena_bytes));
  EXPECT_EQ(page["wherry_limits_header_seconds"], "30.000");
  EXPECT_EQ(page["wherry_storage_slots_used"], "0");
  EXPECT_TRUE(std::ranges::any_of(page.names(),
                                  [](const auto& name) { return name == "wherry_version_info"; }));
}

TEST_F(Metrics, CountTransfersAndErrorsByTheirKind) {
  test.ask(request_text("PUT", "/upload/a", "", std::string(3000, 'a')));
  test.ask(request_text("GET", "/nothing"));
  test.ask(request_text("GET", "/nothing"));
  test.ask("GET / HTTP/9.9\r\n\r\n");
  const Exposition page = read();
  EXPECT_EQ(page["wherry_transfers_complete_total"], "1");
  EXPECT_EQ(page["wherry_transfers_failed_total"], "3");
  EXPECT_EQ(page["wherry_transfers_received_bytes_total"], "3000");
  EXPECT_EQ(page["wherry_errors_total{error=\"not_found\"}"], "2");
  EXPECT_FALSE(page.has("wherry_errors_total{error=\"disk_failed\"}"));
  EXPECT_FALSE(page.has("wherry_errors_total{error=\"ok\"}"));
}

TEST_F(Metrics, HaveAHistogramOfDurations) {
  test.ask(request_text("GET", "/"));
  net::sim::SimPeer& slow = test.connect();
  slow.send(request_text("PUT", "/discard/a", "Content-Length: 2\r\n") + "a");
  test.run();
  test.world.network.loop().advance(2'500);
  slow.send("a");
  test.run();
  slow.reset();
  test.run();
  const Exposition page = read();
  EXPECT_EQ(page["wherry_request_duration_seconds_bucket{le=\"0.005\"}"], "1");
  EXPECT_EQ(page["wherry_request_duration_seconds_bucket{le=\"1\"}"], "1");
  EXPECT_EQ(page["wherry_request_duration_seconds_bucket{le=\"5\"}"], "2");
  EXPECT_EQ(page["wherry_request_duration_seconds_bucket{le=\"+Inf\"}"], "2");
  EXPECT_EQ(page["wherry_request_duration_seconds_sum"], "2.500");
  EXPECT_EQ(page["wherry_request_duration_seconds_count"], "2");
  EXPECT_EQ(read()["wherry_request_duration_seconds_count"], "2");  // looking is no request
}

TEST_F(Metrics, ComeAlsoWhenTheStorageDoesNotAnswer) {
  test.world.storage.fail_operation(0, Error::storage_unavailable);
  EXPECT_FALSE(read().has("wherry_storage_free_bytes"));
}

TEST(MetricsText, LongestNamesAndValuesFitIntoAnyPieceAndTextsAreEscaped) {
  const std::string name(StatusSink::kMaxNameBytes - 3, 'n');
  const std::string text(StatusSink::kMaxNameBytes - 5, 't');
  app::MetricsText page;
  std::string whole;
  while (!page.is_finished()) {
    page.begin_piece();
    page.text("version", "a\"b\\c\nd");
    for (int i = 0; i < 30; ++i) {
      const std::string section = std::string(StatusSink::kMaxNameBytes - 2, 's') +
                                  static_cast<char>('a' + i % 26) + (i < 26 ? "a" : "b");
      page.section(section.c_str());
      page.item(name.c_str());
      page.counter((name + "_ms").c_str(), UINT64_MAX);
      page.text(name.c_str(), text.c_str());
    }
    page.family("errors_total", "counter", std::string(64, 'h'));
    for (int i = 0; i < 100; ++i) {
      if (i % 3 == 0) page.no_sample();
      page.sample("", "error", std::string(20, 'e') + std::to_string(i), UINT64_MAX);
    }
    const Bytes piece = page.end_piece();
    EXPECT_LE(piece.size(), app::MetricsText::kPieceBytes);
    whole += as_text(piece);
  }
  const Exposition read(whole);
  EXPECT_EQ(read["wherry_version_info{version=\"a\\\"b\\\\c\\nd\"}"], "1");
  EXPECT_EQ(read.names().size(), 1u + 60u + 1u);
}

}  // namespace
}  // namespace wherry::transfer
