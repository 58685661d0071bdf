// SPDX-License-Identifier: MIT
// Report: runs the rows of tables and says what became of them, a line a table. It must not know a
// test framework, the heap or a stream: it runs on a core with 16 KiB of memory.
// Invariant: a run without a row is no success.
#pragma once

#include <concepts>
#include <cstddef>
#include <string_view>

namespace wherry::vectors {

class Report {
 public:
  /// Shows one line, which ends with LF and then NUL.
  using Print = void (*)(const char* line);

  explicit Report(Print print) noexcept : print_(print) {}

  /// Asks `passes` of each row. Prints "name: N rows, N failed", and before it a line for each row
  /// that failed, the first being row 0.
  template <class Row, std::size_t kRows, std::predicate<const Row&> Passes>
  void table(std::string_view name, const Row (&rows)[kRows], Passes passes) {
    std::size_t failed = 0;
    for (std::size_t i = 0; i < kRows; ++i) {
      if (passes(rows[i])) continue;
      ++failed;
      row_failed(name, i);
    }
    table_ended(name, kRows, failed);
  }

  /// Prints "N rows in N tables, N failed".
  /// Returns: whether there were rows, and none of them failed.
  bool finish() noexcept;

 private:
  void row_failed(std::string_view name, std::size_t index) noexcept;
  void table_ended(std::string_view name, std::size_t rows, std::size_t failed) noexcept;

  Print print_;
  std::size_t tables_ = 0;
  std::size_t rows_ = 0;
  std::size_t failed_ = 0;
};

}  // namespace wherry::vectors
