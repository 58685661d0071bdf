// SPDX-License-Identifier: MIT
#include "wherry/storage/folder.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "wherry/base/assert.h"
#include "wherry/storage/path.h"

namespace wherry::storage {
namespace {

// An entry in a page; its name follows.
struct Packed {
  std::uint64_t size;
  std::int64_t modified_s;
  std::uint64_t version;
  std::uint64_t cookie;
  std::uint32_t crc32;
  std::uint8_t name_size;
  bool is_folder : 1;
  bool is_linked : 1;
  bool has_time : 1;
  bool has_crc32 : 1;
};

using Place = std::uint32_t;  // where in the block an entry begins

static_assert(kMaxSegmentBytes <= UINT8_MAX);
static_assert(sizeof(Packed) + kMaxSegmentBytes + sizeof(Place) <=
              FolderPageWriter::kMaxEntryBytes);

/// The places of `count` entries: the last words of the block, the first entry's last.
const Place* places_end(Bytes block) noexcept {
  return reinterpret_cast<const Place*>(block.data() + block.size());
}

Packed packed_at(Bytes block, Place place) noexcept {
  Packed packed;
  std::memcpy(&packed, block.data() + place, sizeof(packed));
  return packed;
}

std::string_view name_at(Bytes block, Place place) noexcept {
  const auto size = std::to_integer<std::size_t>(block[place + offsetof(Packed, name_size)]);
  return as_text(block.subspan(place + sizeof(Packed), size));
}

}  // namespace

bool is_position_by_name(const FolderPosition& position) noexcept {
  const std::string_view name = position.name;
  return position.cookie == 0 &&
         (name.empty() || (check_path(name) && name.find('/') == std::string_view::npos));
}

FolderEntry FolderPage::operator[](std::uint32_t index) const noexcept {
  WHERRY_ASSERT(index < count_);
  const Place place = places_end(block_)[-1 - static_cast<std::ptrdiff_t>(index)];
  const Packed packed = packed_at(block_, place);
  FolderEntry entry;
  entry.name = name_at(block_, place);
  entry.is_folder = packed.is_folder;
  entry.is_linked = packed.is_linked;
  entry.size = packed.size;
  if (packed.has_time) entry.modified_s = packed.modified_s;
  entry.version = packed.version;
  if (packed.has_crc32) entry.crc32 = packed.crc32;
  entry.cookie = packed.cookie;
  return entry;
}

FolderPageWriter::FolderPageWriter(MutableBytes block) noexcept
    : block_(block.first(block.size() / sizeof(Place) * sizeof(Place))) {
  WHERRY_ASSERT(reinterpret_cast<std::uintptr_t>(block.data()) % alignof(Place) == 0);
}

bool FolderPageWriter::add(const FolderEntry& entry) noexcept {
  const std::size_t size = sizeof(Packed) + entry.name.size();
  const std::size_t left = block_.size() - used_ - count_ * sizeof(Place);
  WHERRY_ASSERT(entry.name.size() <= kMaxSegmentBytes);
  if (size + sizeof(Place) > left) return false;
  const Packed packed{.size = entry.size,
                      .modified_s = entry.modified_s.value_or(0),
                      .version = entry.version,
                      .cookie = entry.cookie,
                      .crc32 = entry.crc32.value_or(0),
                      .name_size = static_cast<std::uint8_t>(entry.name.size()),
                      .is_folder = entry.is_folder,
                      .is_linked = entry.is_linked,
                      .has_time = entry.modified_s.has_value(),
                      .has_crc32 = entry.crc32.has_value()};
  std::memcpy(block_.data() + used_, &packed, sizeof(packed));
  std::memcpy(block_.data() + used_ + sizeof(packed), entry.name.data(), entry.name.size());
  ++count_;
  const auto place = static_cast<Place>(used_);
  std::memcpy(block_.data() + block_.size() - count_ * sizeof(Place), &place, sizeof(place));
  used_ += size;
  return true;
}

void FolderPageWriter::sort_by_name() noexcept {
  auto* end = reinterpret_cast<Place*>(block_.data() + block_.size());
  const Bytes block = block_;
  // From the back: the first entry's place is the last of them.
  std::sort(end - count_, end,
            [block](Place a, Place b) noexcept { return name_at(block, a) > name_at(block, b); });
}

void FolderPageWriter::forget_cookies() noexcept {
  const std::uint64_t none = 0;
  const Place* const places = places_end(block_) - count_;
  for (std::uint32_t i = 0; i < count_; ++i) {
    std::memcpy(block_.data() + places[i] + offsetof(Packed, cookie), &none, sizeof(none));
  }
}

void FolderPageWriter::keep_first(std::uint32_t count) noexcept {
  WHERRY_ASSERT(count <= count_);
  count_ = count;
  auto* places = reinterpret_cast<Place*>(block_.data() + block_.size()) - count;
  std::sort(places, places + count);
  used_ = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::size_t size = sizeof(Packed) + name_at(block_, places[i]).size();
    std::memmove(block_.data() + used_, block_.data() + places[i], size);
    places[i] = static_cast<Place>(used_);
    used_ += size;
  }
}

std::string_view FolderPageWriter::name(std::uint32_t index) const noexcept {
  WHERRY_ASSERT(index < count_);
  return name_at(block_, places_end(block_)[-1 - static_cast<std::ptrdiff_t>(index)]);
}

FolderPage FolderPageWriter::finish(FolderPage::Order order, bool is_last) const noexcept {
  FolderPage page;
  page.block_ = block_;
  page.count_ = count_;
  page.order_ = order;
  page.is_last_ = is_last;
  return page;
}

}  // namespace wherry::storage
