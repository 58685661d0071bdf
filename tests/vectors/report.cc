// SPDX-License-Identifier: MIT
#include "tests/vectors/report.h"

#include "wherry/base/text_writer.h"

namespace wherry::vectors {
namespace {

/// A line that is made piece by piece; what does not fit is left out.
class Line {
 public:
  TextWriter& text() noexcept { return text_; }
  void show(Report::Print print) noexcept {
    const std::size_t size = text_.size();
    memory_[size] = '\n';
    memory_[size + 1] = '\0';
    print(memory_);
  }

 private:
  static constexpr std::size_t kMaxSize = 100;

  char memory_[kMaxSize + 2];  // LF and NUL
  TextWriter text_{std::span<char>(memory_, kMaxSize)};
};

}  // namespace

void Report::row_failed(std::string_view name, std::size_t index) noexcept {
  Line line;
  line.text().append(name).append(": row ").append_decimal(index).append(" failed");
  line.show(print_);
}

void Report::table_ended(std::string_view name, std::size_t rows, std::size_t failed) noexcept {
  ++tables_;
  rows_ += rows;
  failed_ += failed;
  Line line;
  line.text().append(name).append(": ").append_decimal(rows).append(" rows, ");
  line.text().append_decimal(failed).append(" failed");
  line.show(print_);
}

bool Report::finish() noexcept {
  Line line;
  line.text().append_decimal(rows_).append(" rows in ").append_decimal(tables_);
  line.text().append(" tables, ").append_decimal(failed_).append(" failed");
  line.show(print_);
  return rows_ > 0 && failed_ == 0;
}

}  // namespace wherry::vectors
