// SPDX-License-Identifier: MIT
// The runner itself, on a host: that it runs everything, and that it can fail.
#include "tests/vectors/report.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/vectors/tables.h"

namespace wherry::vectors {
namespace {

std::string printed;

void print(const char* line) { printed += line; }

class VectorReport : public testing::Test {
 protected:
  VectorReport() { printed.clear(); }

  Report report_{print};
};

TEST_F(VectorReport, EveryTableHoldsHereToo) {
  run_tables(report_);
  EXPECT_TRUE(report_.finish()) << printed;
  EXPECT_EQ(printed.find("row "), std::string::npos) << printed;
  for (const char* table : {"base/crc32", "base/number", "base/percent", "base/utf8", "base/escape",
                            "http/request_head", "http/framing", "http/target", "http/chunked",
                            "http/multipart", "http/part_head", "http/range", "http/date",
                            "http/content_disposition", "http/media_type"}) {
    EXPECT_NE(printed.find(table), std::string::npos) << table;
  }
}

TEST_F(VectorReport, AWrongRowIsNamedAndFailsTheRun) {
  run_tables(report_);
  run_wrong_table(report_);
  EXPECT_FALSE(report_.finish());
  EXPECT_NE(printed.find("wrong on purpose: row 1 failed\nwrong on purpose: 2 rows, 1 failed\n"),
            std::string::npos)
      << printed;
  EXPECT_TRUE(printed.ends_with(" tables, 1 failed\n")) << printed;
}

TEST_F(VectorReport, ALaterTableDoesNotHideAFailure) {
  run_wrong_table(report_);
  run_base_tables(report_);
  EXPECT_FALSE(report_.finish());
}

TEST_F(VectorReport, ARunWithoutARowIsNoSuccess) {
  EXPECT_FALSE(report_.finish());
  EXPECT_EQ(printed, "0 rows in 0 tables, 0 failed\n");
}

TEST_F(VectorReport, ALineThatIsTooLongIsCut) {
  constexpr int kRows[] = {1};
  report_.table(std::string(1000, 'x'), kRows, [](int) { return true; });
  EXPECT_TRUE(printed.ends_with("\n"));
  EXPECT_LT(printed.size(), 200u);
}

}  // namespace
}  // namespace wherry::vectors
