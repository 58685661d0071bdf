// SPDX-License-Identifier: MIT
// MetricsText: what sources tell, as metrics that Prometheus reads, made a piece at a time as
// StatusJson makes its page: tell it everything, the same each time, until is_finished().
//
// A number becomes `wherry_SECTION_ITEM_NAME`; milliseconds become seconds; a counter's name ends
// in `_total`; a text becomes a label of a metric that is always 1.
// Invariant: each fact goes whole into one piece.
// Source: Prometheus text exposition format 0.0.4.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "wherry/base/bytes.h"
#include "wherry/base/status.h"
#include "wherry/base/text_writer.h"

namespace wherry::app {

class MetricsText final : public StatusSink {
 public:
  static constexpr std::size_t kPieceBytes = 448;
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

  MetricsText() = default;
  MetricsText(const MetricsText&) = delete;
  MetricsText& operator=(const MetricsText&) = delete;

  void begin_piece() noexcept;
  /// Lifetime: up to the next begin_piece().
  Bytes end_piece() noexcept;
  bool is_finished() const noexcept { return is_finished_; }

  /// A metric of several samples, which follow. `name`: without "wherry_", as it is to stand there.
  /// `type`: "counter", "histogram". Names and help: literals, at most 32 and 64 bytes.
  void family(std::string_view name, std::string_view type, std::string_view help) noexcept;
  /// `suffix`: what the sample's name has behind that of the metric; `label`: its name and its
  /// value, at most 32 bytes in all, or none. `scale`: 1, or 1000 for thousandths.
  void sample(std::string_view suffix, std::string_view label, std::string_view label_value,
              std::uint64_t value, unsigned scale = 1) noexcept;
  /// A sample that is not there after all: keeps its place.
  void no_sample() noexcept { static_cast<void>(takes_next(false)); }

  // StatusSink
  void section(const char* name) noexcept override;
  void item(const char* name) noexcept override;
  void number(const char* name, std::uint64_t value, Kind kind) noexcept override;
  void text(const char* name, const char* text) noexcept override;

 private:
  bool takes_next(bool needs_room = true) noexcept;
  void comment(std::string_view keyword, std::string_view name, std::string_view suffix) noexcept;
  void metric_name(std::string_view name, std::string_view suffix) noexcept;
  void value(std::uint64_t value, unsigned scale) noexcept;

  std::array<char, kPieceBytes> memory_;
  TextWriter text_{memory_};
  std::string_view section_;
  std::string_view item_;
  std::string_view family_;
  std::uint32_t written_count_ = 0;  // facts that are in this piece or an earlier one
  std::uint32_t told_count_ = 0;     // facts that were told since begin_piece()
  bool is_full_ = false;
  bool is_finished_ = false;
};

}  // namespace wherry::app
