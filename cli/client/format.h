// SPDX-License-Identifier: MIT
// Sizes, rates and times as a person reads them, and the line that shows how far a transfer is.
// Knows no clock and no terminal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wherry::cli {

/// `512 B`, `1.5 KiB`, `12.3 MiB`: three digits where there is a unit.
std::string format_size(std::uint64_t bytes);

/// `12.3 MiB/s`
std::string format_rate(double bytes_per_s);

/// `94 Mbit/s`, as links are sold.
std::string format_bit_rate(double bytes_per_s);

/// `0:07`, `12:05`, `3:02:11`; `-:--` for what no one knows (negative, or above 99 hours).
std::string format_duration(double seconds);

/// `0.25 ms`, `38 ms`, `1.2 s`
std::string format_latency(double seconds);

/// What is under way, as a line for a terminal.
struct ProgressLine {
  std::string_view name;
  std::uint64_t done_bytes = 0;
  std::uint64_t total_bytes = 0;  // 0: not known
  double bytes_per_s = 0;
  unsigned finished_count = 0;
  unsigned file_count = 1;
};

/// Returns: the line, of at most `columns` characters where these suffice for the numbers. The name
/// is shortened; what a terminal would obey in it is escaped.
std::string format_progress(const ProgressLine& line, unsigned columns);

/// Returns: `text`, safe for a terminal: what one would obey is escaped (append_log_text).
std::string printable(std::string_view text);

}  // namespace wherry::cli
