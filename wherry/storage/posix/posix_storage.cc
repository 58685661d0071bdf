// SPDX-License-Identifier: MIT
#include "wherry/storage/posix/posix_storage.h"

#include <algorithm>
#include <new>

#include "wherry/base/assert.h"
#include "wherry/storage/path.h"
#include "wherry/storage/posix/changer.h"
#include "wherry/storage/posix/lister.h"
#include "wherry/storage/posix/reader.h"
#include "wherry/storage/posix/writer.h"

namespace wherry::storage::posix {
namespace {

constexpr std::size_t kPageBytes = 4096;
constexpr std::size_t kSlotAlignment = 64;

constexpr std::size_t round_up(std::size_t size, std::size_t alignment) {
  return (size + alignment - 1) / alignment * alignment;
}

// A slot is of one of two, and as few pages as can be hold many of them. Its back, elsewhere, is
// for what most never need: for one of the other two, or for the path of a Writer if that is long.
constexpr std::size_t kSlotBytes =
    round_up(std::max(sizeof(Reader), sizeof(Writer)), kSlotAlignment);
constexpr std::size_t kBackBytes =
    round_up(std::max({sizeof(Changer), sizeof(Lister), kMaxPathBytes}), kSlotAlignment);
static_assert(std::max({alignof(Changer), alignof(Lister), alignof(Reader), alignof(Writer)}) <=
              kSlotAlignment);
static_assert(kSlotBytes + kBackBytes <= 3072, "options.h says so");

// It holds a path, or a page of a folder.
constexpr std::size_t kMinSmallBlockBytes = 2048;
static_assert(kMinSmallBlockBytes > kMaxPathBytes &&
              kMinSmallBlockBytes >= FolderReader::kMinBlockBytes);

constexpr std::size_t small_blocks_bytes(const Options& options, std::size_t each) {
  return (options.slots + WaitingWriters::kMaxSpills) * each;
}

}  // namespace

// The blocks come first: they begin at a page, and stay at pages.
PosixStorage::PosixStorage(const Root& root, DiskThreads& threads, coro::Mailbox& mailbox,
                           const Options& options) noexcept
    : root_(root),
      jobs_(threads, mailbox),
      meter_(root, jobs_),
      large_block_bytes_(round_up(std::max(options.large_block_bytes, kPageBytes), kPageBytes)),
      small_block_bytes_(
          round_up(std::max(options.small_block_bytes, kMinSmallBlockBytes), kSlotAlignment)),
      memory_(options.large_blocks * large_block_bytes_ +
              small_blocks_bytes(options, small_block_bytes_) + KnownChecksums::kMemoryBytes +
              RoundFiles::kMemoryBytes + options.slots * (kSlotBytes + kBackBytes)),
      is_ready_(!memory_.bytes().empty()),
      left_(memory_.bytes()),
      large_blocks_(take(options.large_blocks * large_block_bytes_), large_block_bytes_),
      small_blocks_(take(small_blocks_bytes(options, small_block_bytes_)), small_block_bytes_),
      waiting_writers_(options.waiting_writers),
      checksums_(take(KnownChecksums::kMemoryBytes)),
      round_files_(take(RoundFiles::kMemoryBytes)),
      slot_memory_(take(options.slots * kSlotBytes)),
      back_memory_(take(options.slots * kBackBytes)),
      slots_(slot_memory_, kSlotBytes) {}

MutableBytes PosixStorage::take(std::size_t size) noexcept {
  if (!is_ready_) return {};
  const MutableBytes taken = left_.first(size);
  left_ = left_.subspan(size);
  return taken;
}

std::byte* PosixStorage::back_of(MutableBytes slot) const noexcept {
  const auto index = static_cast<std::size_t>(slot.data() - slot_memory_.data()) / kSlotBytes;
  return back_memory_.data() + index * kBackBytes;
}

/// `place`: a slot, or its back.
void PosixStorage::give_back_place(std::byte* place) noexcept {
  // The backs lie behind the slots.
  if (place < back_memory_.data()) return slots_.give_back(place);
  const auto index = static_cast<std::size_t>(place - back_memory_.data()) / kBackBytes;
  slots_.give_back(slot_memory_.data() + index * kSlotBytes);
}

PosixStorage::~PosixStorage() {
  is_ending_ = true;
  jobs_.drain();
  WHERRY_ASSERT(slots_.in_use() == 0 && small_blocks_.in_use() == 0);
}

void PosixStorage::begin_open(Open& operation) noexcept {
  const Result<> checked = check_path(operation.scope(), operation.path());
  if (!checked) return operation.finish(checked.error());
  const MutableBytes place = slots_.take();
  if (place.empty()) return operation.finish(Error::busy);
  auto* reader = ::new (static_cast<void*>(place.data())) Reader(*this);
  reader->begin_open(operation);
}

void PosixStorage::cancel_open(Open& operation) noexcept {
  static_cast<Reader*>(operation.slot())->cancel_open();
}

void PosixStorage::begin_create(Create& operation) noexcept {
  const CreateOptions& options = operation.options();
  WHERRY_ASSERT(!options.resume_at || options.scope == Scope::uploads);
  const Result<> checked = check_path(options.scope, operation.path());
  if (!checked) return operation.finish(checked.error());
  if (!root_.is_writable()) return operation.finish(Error::not_writable);
  const MutableBytes place = slots_.take();
  if (place.empty()) return operation.finish(Error::busy);
  auto* writer = ::new (static_cast<void*>(place.data()))
      Writer(*this, reinterpret_cast<char*>(back_of(place)), operation.path());
  writer->begin_create(operation);
}

void PosixStorage::cancel_create(Create& operation) noexcept {
  static_cast<Writer*>(operation.slot())->cancel_create();
}

void PosixStorage::begin_list(List& operation) noexcept {
  const Result<> checked = check_folder_path(operation.scope(), operation.path());
  if (!checked) return operation.finish(checked.error());
  const FolderPosition& position = operation.position();
  if (position.cookie == 0 && !is_position_by_name(position)) {
    return operation.finish(Error::bad_request);
  }
  const MutableBytes place = slots_.take();
  if (place.empty()) return operation.finish(Error::busy);
  auto* lister =
      ::new (static_cast<void*>(back_of(place))) Lister(*this, small_blocks_.take(), operation);
  lister->begin_list(operation);
}

void PosixStorage::cancel_list(List& operation) noexcept {
  static_cast<Lister*>(operation.slot())->cancel_list();
}

void PosixStorage::begin_change(Change& operation) noexcept {
  Result<> checked = check_path(operation.scope(), operation.path());
  if (checked && operation.is_move()) checked = check_path(operation.new_path());
  if (!checked) return operation.finish(checked.error());
  if (!root_.is_writable()) return operation.finish(Error::not_writable);
  const MutableBytes place = slots_.take();
  if (place.empty()) return operation.finish(Error::busy);
  auto* changer = ::new (static_cast<void*>(back_of(place))) Changer(*this, small_blocks_.take());
  changer->begin_change(operation);
}

void PosixStorage::cancel_change(Change& operation) noexcept {
  static_cast<Changer*>(operation.slot())->cancel_change();
}

void PosixStorage::report(StatusSink& sink) const noexcept {
  sink.gauge("jobs_under_way", jobs_.under_way());
  sink.item("slots");
  slots_.report(sink);
  sink.item("small_blocks");
  small_blocks_.report(sink);
  sink.item("large_blocks");
  large_blocks_.report(sink);
}

}  // namespace wherry::storage::posix
