// SPDX-License-Identifier: MIT
// The console: lines of text for whoever has connected a terminal to the board's serial line.
//
// Writing never waits for the line: text goes into a small buffer, which poll() empties. A line
// that finds no room is left out whole, and it is said that some were.
#pragma once

#include <string_view>

namespace wherry::boards {

class Console {
 public:
  /// Writes `text` and the end of the line. Characters that a terminal would obey are replaced.
  void write_line(std::string_view text) noexcept;

  /// Sends as much as the line takes now.
  void poll() noexcept;
  bool is_empty() const noexcept { return begin_ == end_; }

 private:
  static constexpr unsigned kSize = 512;

  void put(char character) noexcept { text_[end_++ % kSize] = character; }
  unsigned room() const noexcept { return kSize - (end_ - begin_); }

  char text_[kSize] = {};
  unsigned begin_ = 0;  // both count on; their difference is what is in the buffer
  unsigned end_ = 0;
  unsigned left_out_count_ = 0;
};

Console& console() noexcept;

/// Writes what is in the buffer, and then `text`, before it returns: for the program's last words.
void write_at_once(std::string_view text) noexcept;

}  // namespace wherry::boards
