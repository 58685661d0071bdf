// SPDX-License-Identifier: MIT
#include "wherry/storage/littlefs/littlefs_storage.h"

#include <algorithm>
#include <memory>
#include <new>

#include "wherry/base/assert.h"
#include "wherry/storage/littlefs/trash.h"
#include "wherry/storage/path.h"

namespace wherry::storage::littlefs {
namespace {

// What a measurement may walk: one sector of each is read, from a slow card in half a second.
constexpr std::uint32_t kMaxMeasuredBlocks = 512;

// What a slot's block must hold beside a path: an entry of a page, or a name that staging makes.
constexpr std::size_t kEntryBytes = FolderPageWriter::kMaxEntryBytes - kMaxSegmentBytes;
static_assert(kStagingNameBytes <= kEntryBytes);

}  // namespace

// `memory` holds the slots, whose alignment is the greatest, and then what littlefs needs.
LittlefsStorage::LittlefsStorage(BlockDevice& device, MutableBytes memory,
                                 const Options& options) noexcept
    : options_(options),
      files_(
          device,
          {.read_cache =
               memory.subspan(options.slots * layout_of(options).slot_bytes, options.sector_bytes),
           .program_cache = memory.last(options.sector_bytes + options.file_system.lookahead_bytes)
                                .first(options.sector_bytes),
           .lookahead = memory.last(options.file_system.lookahead_bytes)},
          options.file_system),
      slots_(memory.first(options.slots * layout_of(options).slot_bytes),
             layout_of(options).slot_bytes) {
  WHERRY_ASSERT(memory.size() == required_bytes(options));
  WHERRY_ASSERT(reinterpret_cast<std::uintptr_t>(memory.data()) % kAlignment == 0);
  WHERRY_ASSERT(options.path_bytes + kEntryBytes <= options.slot_block_bytes);
  WHERRY_ASSERT(options.path_bytes < options.sector_bytes);
}

LittlefsStorage::~LittlefsStorage() { WHERRY_ASSERT(slots_.in_use() == 0); }

Medium LittlefsStorage::mount(Format format) noexcept {
  WHERRY_ASSERT(slots_.in_use() == 0);
  used_blocks_.reset();
  if (files_.mount(format) != Medium::ready) return medium();
  const MutableBytes place = slots_.take();
  const MutableBytes block = memory_of(place).block;
  const std::span<char> scratch(reinterpret_cast<char*>(block.data()), block.size());
  // What cannot be removed takes room, but harms nobody: its name will be written over.
  static_cast<void>(sweep(files_, scratch));
  slots_.give_back(place.data());
  has_trash_ = littlefs::has_trash(files_);
  next_version_ = files_.seed();
  return medium();
}

void LittlefsStorage::unmount() noexcept {
  WHERRY_ASSERT(slots_.in_use() == 0);
  files_.unmount();
}

// ---------------------------------------------------------------- operations

// Looks at the path, that the medium is ready, and for a place for who works on it. `too_long`:
// what is said of a path that no file here can have; `may_be_root`: it may be that of the root.
Result<MutableBytes> LittlefsStorage::admit(Scope scope, std::string_view path, Error too_long,
                                            bool may_be_root) noexcept {
  Result<> step = Error::not_implemented;
  if (scope == Scope::served) {
    step = may_be_root && path.empty() ? Result<>() : check_path(path);
  } else if (has_uploads()) {
    step = uploads().check(path, may_be_root);
  }
  if (step) step = prepare();
  if (!step) return step.error();
  if (path.size() > options_.path_bytes) return too_long;
  const MutableBytes place = slots_.take();
  return place.empty() ? Result<MutableBytes>(Error::busy) : Result<MutableBytes>(place);
}

void LittlefsStorage::begin_open(Open& operation) noexcept {
  const Result<MutableBytes> place =
      admit(operation.scope(), operation.path(), Error::not_found, false);
  if (!place) return operation.finish(place.error());
  auto* reader =
      ::new (static_cast<void*>(place->data())) Reader(*this, memory_of(*place), operation.path());
  reader->begin_open(operation);
}

void LittlefsStorage::cancel_open(Open& operation) noexcept {
  static_cast<Reader*>(operation.slot())->cancel_open();
}

void LittlefsStorage::begin_create(Create& operation) noexcept {
  const CreateOptions& options = operation.options();
  const Result<MutableBytes> place = admit(options.scope, operation.path(), Error::bad_path, false);
  if (!place) return operation.finish(place.error());
  auto* writer = ::new (static_cast<void*>(place->data()))
      Writer(*this, memory_of(*place), operation.path(), next_staging_++);
  const Error error = writer->create(options);
  if (error == Error::none) return operation.succeed(*writer);
  give_back(*writer);
  operation.finish(error);
}

void LittlefsStorage::begin_list(List& operation) noexcept {
  if (!is_position_by_name(operation.position())) return operation.finish(Error::bad_request);
  const Result<MutableBytes> place =
      admit(operation.scope(), operation.path(), Error::not_found, true);
  if (!place) return operation.finish(place.error());
  auto* lister = ::new (static_cast<void*>(place->data()))
      Lister(*this, memory_of(*place), operation.path(), operation.position().name);
  const Error error = lister->open();
  if (error == Error::none) {
    opened(*lister);
    return operation.succeed(*lister);
  }
  give_back(*lister);
  operation.finish(error);
}

void LittlefsStorage::begin_change(Change& operation) noexcept {
  const std::string_view to = operation.new_path();
  if (operation.is_move() && (!check_path(to) || to.size() > options_.path_bytes))
    return operation.finish(Error::bad_path);
  const Result<MutableBytes> place =
      admit(operation.scope(), operation.path(), Error::not_found, false);
  if (!place) return operation.finish(place.error());
  auto* changer =
      ::new (static_cast<void*>(place->data())) Changer(*this, memory_of(*place), operation);
  changer->begin_change();
}

void LittlefsStorage::cancel_change(Change& operation) noexcept {
  static_cast<Changer*>(operation.slot())->cancel_change();
}

Result<> LittlefsStorage::prepare() noexcept {
  const bool is_usable = files_.is_ready() && !files_.has_failed();
  if (!is_usable && medium() != Medium::not_mounted && slots_.in_use() == 0) mount(later_format_);
  return files_.is_ready() ? Result<>() : Result<>(Error::storage_unavailable);
}

SlotMemory LittlefsStorage::memory_of(MutableBytes place) const noexcept {
  const Layout layout = layout_of(options_);
  return {
      .cache = place.subspan(layout.cache_at, options_.sector_bytes),
      .block = place.subspan(layout.block_at, options_.slot_block_bytes),
      .path = {reinterpret_cast<char*>(place.data() + layout.path_at), options_.path_bytes + 1}};
}

template <class T>
void LittlefsStorage::give_back(T& slot) noexcept {
  std::destroy_at(&slot);
  slots_.give_back(reinterpret_cast<std::byte*>(&slot));
}
template void LittlefsStorage::give_back(Reader&) noexcept;
template void LittlefsStorage::give_back(Writer&) noexcept;
template void LittlefsStorage::give_back(Changer&) noexcept;

// ---------------------------------------------------------------- who waits for whom

// A commit goes alone: after all who read its name, and after all who have waited for that name for
// longer; so do a removal and a move. An open goes beside other opens, after those of them that
// have waited for longer.
bool LittlefsStorage::may_go(const Slot& slot) const noexcept {
  for (const Slot* other = waiting_.first(); other != nullptr && other != &slot;
       other = other->next) {
    if (other->bars(slot)) return false;
  }
  for (const Slot* reader = readers_.first(); reader != nullptr; reader = reader->next) {
    if (reader->bars(slot)) return false;
  }
  return true;
}

void LittlefsStorage::go_on_with_waiting() noexcept {
  Slot* slot = waiting_.first();
  while (slot != nullptr) {
    if (!may_go(*slot)) {
      slot = slot->next;
      continue;
    }
    waiting_.remove(*slot);
    slot->go_on();
    slot = waiting_.first();
  }
}

void LittlefsStorage::stop_waiting(Slot& slot) noexcept {
  waiting_.remove(slot);
  go_on_with_waiting();
}

void LittlefsStorage::closed(Reader& reader) noexcept {
  readers_.remove(reader);
  give_back(reader);
  go_on_with_waiting();
}

void LittlefsStorage::closed(Lister& lister) noexcept {
  listers_.remove(lister);
  give_back(lister);
}

void LittlefsStorage::names_change() noexcept {
  for (Slot* slot = listers_.first(); slot != nullptr; slot = slot->next)
    static_cast<Lister*>(slot)->lose_place();
}

std::uint64_t LittlefsStorage::new_version(std::uint32_t size,
                                           std::optional<std::uint32_t> crc32) noexcept {
  const std::uint32_t content = crc32 ? *crc32 : size ^ static_cast<std::uint32_t>(now_ms_) << 12;
  if (content == 0 && next_version_ == 0) ++next_version_;
  return std::uint64_t{content} << 32 | next_version_++;
}

// ---------------------------------------------------------------- what goes on by itself

Error LittlefsStorage::throw_away(const char* folder) noexcept {
  const Error error = littlefs::throw_away(files_, folder, next_staging_);
  has_trash_ = has_trash_ || error == Error::none;
  return error;
}

// What cannot be removed now is tried again after the next mount.
void LittlefsStorage::empty_trash() noexcept {
  if (!has_trash_ || !files_.is_ready()) return;
  has_trash_ = false;
  if (files_.has_failed()) return;
  const Result<std::optional<std::uint32_t>> freed = empty_a_little(files_, next_staging_);
  if (!freed || !*freed) return;
  has_trash_ = true;
  lost(**freed);
}

void LittlefsStorage::poll(std::uint64_t now_ms) noexcept {
  now_ms_ = now_ms;
  Slot* slot = waiting_.first();
  while (slot != nullptr) {
    if (!slot->is_alone() || slot->deadline_ms() > now_ms) {
      slot = slot->next;
      continue;
    }
    waiting_.remove(*slot);
    slot->time_out();
    slot = waiting_.first();
  }
  go_on_with_waiting();
  empty_trash();
  use_rest(now_ms);
}

void LittlefsStorage::use_rest(std::uint64_t now_ms) noexcept {
  if (slots_.in_use() > 0 || !files_.is_ready() || files_.has_failed()) {
    last_use_ms_ = now_ms;
    return;
  }
  if (searched_blocks_used_ < files_.lookahead_blocks() / 2) return;
  if (now_ms - last_use_ms_ < kRestMs) return;
  searched_blocks_used_ = 0;
  files_.find_free_blocks();
}

std::optional<std::uint64_t> LittlefsStorage::next_deadline_ms() const noexcept {
  if (has_trash_) return now_ms_;
  // All wait equally long who do: the first in the list is the first to give up.
  for (const Slot* slot = waiting_.first(); slot != nullptr; slot = slot->next) {
    if (slot->is_alone()) return slot->deadline_ms();
  }
  return std::nullopt;
}

// ---------------------------------------------------------------- space

std::uint64_t LittlefsStorage::total_bytes() const noexcept {
  return std::uint64_t{files_.block_count()} * files_.block_bytes();
}

Result<std::uint64_t> LittlefsStorage::free_bytes() noexcept {
  const Result<std::uint32_t> used = files_.used_blocks();
  if (!used) return used.error();
  used_blocks_ = *used;
  return std::uint64_t{files_.block_count() - *used} * files_.block_bytes();
}

// A walk over the medium takes long: only when what is known does not say that there is room.
Result<> LittlefsStorage::check_space(std::uint64_t size) noexcept {
  const std::uint64_t blocks = files_.blocks_for(size);
  if (size > lfs::kMaxFileBytes || blocks > files_.block_count()) return Error::no_space;
  if (used_blocks_ && *used_blocks_ + blocks <= files_.block_count()) return {};
  const Result<std::uint64_t> available = free_bytes();
  if (!available) return available.error();
  if (blocks > *available / files_.block_bytes()) return Error::no_space;
  return {};
}

void LittlefsStorage::gained(std::uint32_t blocks) noexcept {
  if (used_blocks_) *used_blocks_ += blocks;
}

void LittlefsStorage::lost(std::uint32_t blocks) noexcept {
  if (used_blocks_) *used_blocks_ -= std::min<std::uint64_t>(*used_blocks_, blocks);
}

void LittlefsStorage::begin_measure(Measure& operation) noexcept {
  if (const Result<> step = prepare(); !step) return operation.finish(step.error());
  if (!used_blocks_) {
    const Result<std::optional<std::uint32_t>> used = files_.used_blocks(kMaxMeasuredBlocks);
    if (!used) return operation.finish(used.error());
    if (*used) used_blocks_ = **used;
  }
  Space space{.total_bytes = total_bytes(), .free_bytes = std::nullopt};
  if (used_blocks_) {
    const std::uint64_t used = std::min<std::uint64_t>(*used_blocks_, files_.block_count());
    space.free_bytes = (files_.block_count() - used) * files_.block_bytes();
  }
  operation.succeed(space);
}

void LittlefsStorage::report(StatusSink& sink) const noexcept {
  sink.item("slots");
  slots_.report(sink);
}

void LittlefsStorage::written(std::uint64_t size) noexcept {
  searched_blocks_used_ += files_.blocks_for(size) + 1;
  last_use_ms_ = now_ms_;
}

}  // namespace wherry::storage::littlefs
