// SPDX-License-Identifier: MIT
// LogWriter: a line for each transfer, on stdout, written by a thread of its own so that a reader
// who is slow keeps nobody waiting: what does not fit into its fixed buffer is dropped and counted.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "cli/options.h"
#include "wherry/app/transfer_log.h"
#include "wherry/base/text_writer.h"

namespace wherry::cli {

class LogWriter final : public app::TransferLog {
 public:
  LogWriter(int descriptor, LogFormat format);
  /// Writes what is left, as far as the reader takes it within a second.
  ~LogWriter();
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  /// From any thread.
  void record(const app::TransferRecord& record) noexcept override;

 private:
  void append(std::string_view line) noexcept;
  void run();
  void write_out(std::string_view text) noexcept;

  int descriptor_;
  LogFormat format_;
  std::mutex mutex_;
  std::condition_variable has_lines_;
  std::vector<char> waiting_;  // fixed capacity: what is to be written next
  std::uint64_t dropped_ = 0;
  bool is_stopping_ = false;
  std::thread thread_;
};

/// Writes one line for `record`, its end of line included. Nothing of it that comes from the
/// network is written unescaped; a path is cut where it is longer than anyone would read.
void write_text_line(const app::TransferRecord& record, std::string_view time, TextWriter& into);
void write_json_line(const app::TransferRecord& record, std::string_view time, TextWriter& into);

}  // namespace wherry::cli
