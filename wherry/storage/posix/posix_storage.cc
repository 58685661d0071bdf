// SPDX-License-Identifier: MIT
#include "wherry/storage/posix/posix_storage.h"

#include <algorithm>
#include <memory>
#include <new>

#include "wherry/base/assert.h"
#include "wherry/storage/path.h"
#include "wherry/storage/posix/reader.h"
#include "wherry/storage/posix/writer.h"

namespace wherry::storage::posix {
namespace {

constexpr std::size_t kPageBytes = 4096;
constexpr std::size_t kSlotAlignment = 64;

constexpr std::size_t round_up(std::size_t size, std::size_t alignment) {
  return (size + alignment - 1) / alignment * alignment;
}

// The slot itself: a Reader or a Writer. Its small block lies behind it.
constexpr std::size_t kSlotBytes =
    round_up(std::max(sizeof(Reader), sizeof(Writer)), kSlotAlignment);
static_assert(alignof(Reader) <= kSlotAlignment && alignof(Writer) <= kSlotAlignment);
static_assert(kSlotBytes <= 2048, "options.h says so");

constexpr std::size_t slot_bytes(const Options& options) {
  const std::size_t small = std::max(options.small_block_bytes, kMaxPathBytes + 1);
  return kSlotBytes + round_up(small, kSlotAlignment);
}

}  // namespace

// The large blocks come first: they begin at a page, and stay at pages.
PosixStorage::PosixStorage(const Root& root, DiskThreads& threads, coro::Mailbox& mailbox,
                           const Options& options) noexcept
    : root_(root),
      jobs_(threads, mailbox),
      meter_(root, jobs_),
      large_block_bytes_(round_up(std::max(options.large_block_bytes, kPageBytes), kPageBytes)),
      slot_bytes_(slot_bytes(options)),
      memory_(options.large_blocks * large_block_bytes_ + KnownChecksums::kMemoryBytes +
              options.slots * slot_bytes_),
      is_ready_(!memory_.bytes().empty()),
      large_blocks_(part(0, options.large_blocks * large_block_bytes_), large_block_bytes_),
      checksums_(part(options.large_blocks * large_block_bytes_, KnownChecksums::kMemoryBytes)),
      slots_(part(options.large_blocks * large_block_bytes_ + KnownChecksums::kMemoryBytes,
                  options.slots * slot_bytes_),
             slot_bytes_) {}

MutableBytes PosixStorage::part(std::size_t offset, std::size_t size) const noexcept {
  return is_ready_ ? memory_.bytes().subspan(offset, size) : MutableBytes();
}

PosixStorage::~PosixStorage() {
  jobs_.drain();
  WHERRY_ASSERT(slots_.in_use() == 0);
}

void PosixStorage::begin_open(Open& operation) noexcept {
  const Result<> checked = check_path(operation.path());
  if (!checked) return operation.finish(checked.error());
  const MutableBytes place = slots_.take();
  if (place.empty()) return operation.finish(Error::busy);
  auto* reader = ::new (static_cast<void*>(place.data())) Reader(*this, place.subspan(kSlotBytes));
  reader->begin_open(operation);
}

void PosixStorage::cancel_open(Open& operation) noexcept {
  static_cast<Reader*>(operation.slot())->cancel_open();
}

void PosixStorage::begin_create(Create& operation) noexcept {
  const Result<> checked = check_path(operation.path());
  if (!checked) return operation.finish(checked.error());
  if (!root_.is_writable()) return operation.finish(Error::not_writable);
  const MutableBytes place = slots_.take();
  if (place.empty()) return operation.finish(Error::busy);
  auto* writer = ::new (static_cast<void*>(place.data()))
      Writer(*this, place.subspan(kSlotBytes), operation.path());
  writer->begin_create(operation);
}

void PosixStorage::cancel_create(Create& operation) noexcept {
  static_cast<Writer*>(operation.slot())->cancel_create();
}

void PosixStorage::report(StatusSink& sink) const noexcept {
  sink.gauge("jobs_under_way", jobs_.under_way());
  sink.item("slots");
  slots_.report(sink);
  sink.item("large_blocks");
  large_blocks_.report(sink);
}

void PosixStorage::give_back(Reader& reader) noexcept {
  std::destroy_at(&reader);
  slots_.give_back(reinterpret_cast<std::byte*>(&reader));
}

void PosixStorage::give_back(Writer& writer) noexcept {
  std::destroy_at(&writer);
  slots_.give_back(reinterpret_cast<std::byte*>(&writer));
}

}  // namespace wherry::storage::posix
