// SPDX-License-Identifier: MIT
#include "wherry/storage/posix/round_files.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "wherry/base/assert.h"

namespace wherry::storage::posix {

// The entries begin to live when they are used first: until then their pages are not touched.
RoundFiles::RoundFiles(MutableBytes memory) noexcept
    : entries_(reinterpret_cast<Entry*>(memory.data()), memory.empty() ? 0 : kMaxFiles) {}

std::optional<RoundFiles::File> RoundFiles::find(std::uint64_t round,
                                                 std::string_view path) const noexcept {
  if (round != round_) return std::nullopt;
  for (const Entry& entry : entries_.first(count_)) {
    if (entry.path_view() != path) continue;
    if (!entry.has_content) return std::nullopt;
    return File{entry.info, Bytes(entry.content).first(entry.info.size)};
  }
  return std::nullopt;
}

RoundFiles::Place RoundFiles::expect(std::uint64_t round, std::string_view path) noexcept {
  if (round != round_) count_ = 0;
  round_ = round;
  const auto entries = entries_.first(count_);
  const auto known = std::ranges::find(entries, path, &Entry::path_view);
  if (known != entries.end()) return {round, static_cast<std::size_t>(known - entries.begin())};
  if (count_ == entries_.size() || path.size() > kMaxPathBytes) return {};
  Entry* entry = ::new (static_cast<void*>(&entries_[count_])) Entry;
  std::ranges::copy(path, entry->path.begin());
  entry->path_size = static_cast<std::uint16_t>(path.size());
  entry->has_content = false;
  return {round, count_++};
}

void RoundFiles::keep(const Place& place, std::uint64_t round, const FileInfo& info,
                      Bytes content) noexcept {
  if (place.round != round || round != round_ || content.size() > kMaxFileBytes) return;
  WHERRY_ASSERT(content.size() == info.size);
  Entry& entry = entries_[place.index];
  entry.info = info;
  std::memcpy(entry.content.data(), content.data(), content.size());
  entry.has_content = true;
}

}  // namespace wherry::storage::posix
