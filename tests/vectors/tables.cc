// SPDX-License-Identifier: MIT
#include "tests/vectors/tables.h"

#include "wherry/base/crc32.h"
#include "wherry/base/crc32_vectors.h"

namespace wherry::vectors {

void run_tables(Report& report) {
  run_base_tables(report);
  run_head_tables(report);
  run_body_tables(report);
  run_condition_tables(report);
  run_value_tables(report);
}

void run_wrong_table(Report& report) {
  constexpr Crc32Vector kRows[] = {{"123456789", 0xCBF43926}, {"123456789", 0xCBF43927}};
  report.table("wrong on purpose", kRows,
               [](const Crc32Vector& row) { return crc32(as_bytes(row.text)) == row.crc; });
}

}  // namespace wherry::vectors
