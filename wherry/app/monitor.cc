// SPDX-License-Identifier: MIT
#include "wherry/app/monitor.h"

#include <algorithm>

#include "wherry/app/report.h"
#include "wherry/base/assert.h"

namespace wherry::app {
namespace {

/// Copies as much of `text` as there is room for.  Returns: its size.
std::uint8_t keep(std::string_view text, std::span<char> into) noexcept {
  const std::size_t size = std::min(text.size(), into.size());
  std::copy_n(text.begin(), size, into.begin());
  return static_cast<std::uint8_t>(size);
}

}  // namespace

void Durations::add(std::uint64_t duration_ms) noexcept {
  std::size_t range = 0;
  while (range < kBoundsMs.size() && duration_ms > kBoundsMs[range]) ++range;
  ++counts[range];
  sum_ms += duration_ms;
}

void Counts::add(const TransferRecord& record) noexcept {
  const bool has_failed = record.outcome != Error::none || record.status >= 400;
  ++(has_failed ? totals.failed : totals.complete);
  totals.received_bytes += record.received_bytes;
  totals.sent_bytes += record.sent_bytes;
  if (record.outcome != Error::none) ++errors[static_cast<std::size_t>(record.outcome)];
  if (!record.is_watching) durations.add(record.duration_ms);
}

void Monitor::record(const TransferRecord& record) noexcept {
  counts_.add(record);
  if (record.is_watching || ring_.empty() || !record.is_request) return;
  std::uint32_t id = record.id;
  if (id == 0) id = start(record.method, record.path, record.announced_size);
  TransferEvent& event = append(TransferEvent::Kind::done, id);
  event.bytes = record.size;
  event.duration_ms =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(record.duration_ms, UINT32_MAX));
  event.crc32 = record.crc32.value_or(0);
  event.has_crc32 = record.crc32.has_value();
  event.status = record.status;
  event.outcome = record.outcome;
}

void Monitor::announce_running() noexcept {
  std::uint32_t slot = 0;
  for (; Report* report = requests_->next_running(slot); ++slot) {
    if (report->is_watching() || report->id() != 0) continue;
    report->set_id(start(report->method(), report->path(), report->announced_size()));
  }
}

std::uint32_t Monitor::oldest() const noexcept {
  const auto kept = std::min<std::uint32_t>(newest_, static_cast<std::uint32_t>(ring_.size()));
  return newest_ - kept + 1;
}

const TransferEvent& Monitor::event(std::uint32_t number) const noexcept {
  WHERRY_ASSERT(number >= oldest() && number <= newest_);
  return ring_[number % ring_.size()];
}

Monitor::Subscription Monitor::subscribe() noexcept {
  if (subscriber_count_ >= max_subscribers_ || ring_.empty()) return Subscription(nullptr);
  ++subscriber_count_;
  return Subscription(this);
}

TransferEvent& Monitor::append(TransferEvent::Kind kind, std::uint32_t id) noexcept {
  ++newest_;
  TransferEvent& event = ring_[newest_ % ring_.size()];
  event = TransferEvent{};
  event.kind = kind;
  event.id = id;
  return event;
}

std::uint32_t Monitor::start(std::string_view method, std::string_view path,
                             std::optional<std::uint64_t> size) noexcept {
  ++last_id_;
  if (ring_.empty()) return last_id_;
  TransferEvent& event = append(TransferEvent::Kind::started, last_id_);
  event.bytes = size.value_or(TransferEvent::kUnknown);
  const std::span<char> text = event.text;
  event.method_bytes = keep(method, text.first(TransferEvent::kMaxMethodBytes));
  event.path_bytes = keep(path, text.subspan(TransferEvent::kMaxMethodBytes));
  return event.id;
}

}  // namespace wherry::app
