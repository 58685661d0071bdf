// SPDX-License-Identifier: MIT
// StatusJson: what sources tell, as one JSON object that is made a piece at a time, so that a page
// of any length takes little memory.
//
//     StatusJson page;
//     while (!page.is_finished()) {
//       page.begin_piece();
//       ... tell the page everything, the same each time ...
//       co_yield page.end_piece();
//     }
//
// A number is that of the moment in which its piece was made: a page is not one instant.
// Invariant: each fact goes whole into one piece.
#pragma once

#include <array>
#include <cstdint>

#include "wherry/app/json_writer.h"
#include "wherry/base/bytes.h"
#include "wherry/base/status.h"

namespace wherry::app {

class StatusJson final : public StatusSink {
 public:
  static constexpr std::size_t kPieceBytes = 256;

  StatusJson() = default;
  StatusJson(const StatusJson&) = delete;
  StatusJson& operator=(const StatusJson&) = delete;

  void begin_piece() noexcept;
  /// Lifetime: up to the next begin_piece().
  Bytes end_piece() noexcept;
  bool is_finished() const noexcept { return is_finished_; }

  /// Opens a list, as a section. Its rows are told by one who knows which he has told already:
  /// they may be others when the next piece is made.
  void list(const char* name) noexcept;
  /// Returns: where the next row of the list, a value of at most kMaxRowBytes, is to be written;
  /// nullptr: it finds no room in this piece.
  JsonWriter* row() noexcept;
  static constexpr std::size_t kMaxRowBytes = 248;

  // StatusSink
  void section(const char* name) noexcept override;
  void item(const char* name) noexcept override;
  void number(const char* name, std::uint64_t value, Kind kind) noexcept override;
  void text(const char* name, const char* text) noexcept override;

 private:
  bool takes_next() noexcept;
  void open(const char* name, unsigned depth) noexcept;
  void close_to(unsigned depth) noexcept;

  std::array<char, kPieceBytes> memory_;
  JsonWriter json_{memory_};
  std::uint32_t written_count_ = 0;  // facts that are in this piece or an earlier one
  std::uint32_t told_count_ = 0;     // facts that were told since begin_piece()
  unsigned depth_ = 0;               // objects that are open
  bool is_list_ = false;             // the section that is open, or was last
  bool is_full_ = false;
  bool is_finished_ = false;
};

}  // namespace wherry::app
