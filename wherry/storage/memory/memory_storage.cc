// SPDX-License-Identifier: MIT
#include "wherry/storage/memory/memory_storage.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "wherry/base/assert.h"
#include "wherry/storage/memory/slots.h"
#include "wherry/storage/path.h"

namespace wherry::storage::memory {
namespace {

constexpr std::size_t round_up(std::size_t size, std::size_t alignment) {
  return (size + alignment - 1) / alignment * alignment;
}

// A slot: a Reader, a Changer, a Writer with its path behind it, or a Lister with a path and a
// page.
constexpr std::size_t kSlotAlignment =
    std::max({alignof(Reader), alignof(Writer), alignof(Lister), alignof(Changer)});
constexpr std::size_t kSlotBytes = round_up(
    std::max({sizeof(Reader), sizeof(Writer), sizeof(Lister), sizeof(Changer)}), kSlotAlignment);

constexpr std::size_t slot_bytes(const Options& options) {
  return kSlotBytes + round_up(options.path_bytes, kSlotAlignment) +
         round_up(options.page_bytes, kSlotAlignment);
}

// The path that a slot's place has behind its object.
std::span<char> path_memory_of(MutableBytes place, std::size_t path_bytes) noexcept {
  return {reinterpret_cast<char*>(place.data() + kSlotBytes), path_bytes};
}

// Takes room for `count` objects off the front of `memory` and makes them.
template <class T>
std::span<T> carve(MutableBytes& memory, std::size_t count) noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(memory.data());
  const std::size_t skip = round_up(address, alignof(T)) - address;
  WHERRY_ASSERT(memory.size() >= skip + count * sizeof(T));  // too little memory was given
  T* first = reinterpret_cast<T*>(memory.data() + skip);
  for (std::size_t i = 0; i < count; ++i) ::new (static_cast<void*>(first + i)) T();
  memory = memory.subspan(skip + count * sizeof(T));
  return {first, count};
}

struct alignas(kSlotAlignment) SlotUnit {
  std::byte bytes[kSlotAlignment];
};

}  // namespace

MemoryStorage::MemoryStorage(MutableBytes memory, const Options& options) noexcept
    : mailbox_(options.mailbox),
      path_bytes_(std::min(options.path_bytes, kMaxPathBytes)),
      block_bytes_(std::max<std::size_t>(options.block_bytes, 1)),
      page_bytes_(options.page_bytes),
      next_version_(options.first_version) {
  WHERRY_ASSERT(page_bytes_ >= FolderPageWriter::kMaxEntryBytes);
  names_ = carve<Name>(memory, options.files);
  paths_ = carve<char>(memory, options.files * path_bytes_);
  // Each name leads to one version, and each slot may read an old one or write a new one.
  versions_ = carve<Version>(memory, options.files + options.slots);
  const std::size_t slot_size = slot_bytes(options);
  const auto slots = carve<SlotUnit>(memory, options.slots * slot_size / kSlotAlignment);
  slots_ = BlockPool(std::as_writable_bytes(slots), slot_size);

  constexpr std::size_t kAlignmentLoss = alignof(BlockIndex) - 1;
  const std::size_t rest = memory.size() > kAlignmentLoss ? memory.size() - kAlignmentLoss : 0;
  const std::size_t count =
      std::min<std::size_t>(rest / (block_bytes_ + sizeof(BlockIndex)), kNoBlock);
  next_block_ = carve<BlockIndex>(memory, count);
  blocks_ = memory;
  block_count_ = free_block_count_ = static_cast<std::uint32_t>(count);
  for (BlockIndex i = 0; i < block_count_; ++i)
    next_block_[i] = i + 1 < block_count_ ? i + 1 : kNoBlock;
  first_free_ = count > 0 ? 0 : kNoBlock;
}

MemoryStorage::~MemoryStorage() { WHERRY_ASSERT(slots_.in_use() == 0); }

// ---------------------------------------------------------------- operations

void MemoryStorage::begin_open(Open& operation) noexcept {
  const Result<> checked = check_path(operation.scope(), operation.path());
  if (!checked) return operation.finish(checked.error());
  const MutableBytes place = slots_.take();
  if (place.empty()) return operation.finish(Error::busy);
  auto* reader = ::new (static_cast<void*>(place.data())) Reader(*this);
  operation.set_slot(reader);
  reader->begin_open(operation);
}

void MemoryStorage::cancel_open(Open& operation) noexcept {
  static_cast<Reader*>(operation.slot())->cancel_open();
}

void MemoryStorage::begin_create(Create& operation) noexcept {
  const CreateOptions& options = operation.options();
  WHERRY_ASSERT(!options.resume_at || options.scope == Scope::uploads);
  Result<> checked = check_path(options.scope, operation.path());
  if (checked && operation.path().size() > path_bytes_) checked = Error::bad_path;
  if (!checked) return operation.finish(checked.error());
  const MutableBytes place = slots_.take();
  if (place.empty()) return operation.finish(Error::busy);
  auto* writer = ::new (static_cast<void*>(place.data()))
      Writer(*this, path_memory_of(place, path_bytes_), operation.path());
  operation.set_slot(writer);
  writer->begin_create(operation);
}

void MemoryStorage::cancel_create(Create& operation) noexcept {
  static_cast<Writer*>(operation.slot())->cancel_create();
}

void MemoryStorage::begin_list(List& operation) noexcept {
  const Result<> checked = check_folder_path(operation.scope(), operation.path());
  if (!checked) return operation.finish(checked.error());
  if (!is_position_by_name(operation.position())) return operation.finish(Error::bad_request);
  if (operation.path().size() > path_bytes_) return operation.finish(Error::not_found);
  const MutableBytes place = slots_.take();
  if (place.empty()) return operation.finish(Error::busy);
  auto* lister = ::new (static_cast<void*>(place.data()))
      Lister(*this, path_memory_of(place, path_bytes_),
             place.subspan(place.size() - round_up(page_bytes_, kSlotAlignment)), operation);
  operation.set_slot(lister);
  lister->begin_list(operation);
}

void MemoryStorage::cancel_list(List& operation) noexcept {
  static_cast<Lister*>(operation.slot())->cancel_list();
}

void MemoryStorage::begin_change(Change& operation) noexcept {
  Result<> checked = check_path(operation.scope(), operation.path());
  if (checked && operation.is_move()) checked = check_path(operation.new_path());
  if (checked && operation.new_path().size() > path_bytes_) checked = Error::bad_path;
  if (!checked) return operation.finish(checked.error());
  const MutableBytes place = slots_.take();
  if (place.empty()) return operation.finish(Error::busy);
  auto* changer = ::new (static_cast<void*>(place.data())) Changer(*this);
  operation.set_slot(changer);
  changer->begin_change(operation);
}

void MemoryStorage::cancel_change(Change& operation) noexcept {
  static_cast<Changer*>(operation.slot())->cancel_change();
}

void MemoryStorage::begin_measure(Measure& operation) noexcept {
  const Error fault = next_fault();
  if (fault != Error::none) return operation.finish(fault);
  operation.succeed({.total_bytes = std::uint64_t{block_count_} * block_bytes_,
                     .free_bytes = std::uint64_t{free_block_count_} * block_bytes_});
}

void MemoryStorage::report(StatusSink& sink) const noexcept {
  sink.item("slots");
  slots_.report(sink);
  sink.item("files");
  sink.gauge("used", file_count());
  sink.gauge("limit", names_.size());
}

Result<> MemoryStorage::store(std::string_view path, Bytes bytes) noexcept {
  Result<> checked = check_path(path);
  if (!checked || path.size() > path_bytes_) return Error::bad_path;
  checked = check_create(path, {.expected_size = bytes.size()});
  if (!checked) return checked;
  Version* version = make_version();
  if (version == nullptr) return Error::no_space;
  while (!bytes.empty()) {
    const std::size_t size = std::min(bytes.size(), block_bytes_);
    static_cast<void>(append_block(*version));  // check_create has seen that they suffice
    std::memcpy(block(version->last).data(), bytes.data(), size);
    version->info.size += size;
    bytes = bytes.subspan(size);
  }
  const Result<Committed> named = give_name(path, *version, {});
  release(*version);
  return named ? Result<>() : Result<>(named.error());
}

void MemoryStorage::fail_operation(std::uint64_t index, Error error) noexcept {
  fault_at_ = operation_count_ + index;
  fault_ = error;
}

Error MemoryStorage::next_fault() noexcept {
  return operation_count_++ == fault_at_ ? fault_ : Error::none;
}

// ---------------------------------------------------------------- versions and blocks

MemoryStorage::Version* MemoryStorage::make_version() noexcept {
  for (Version& version : versions_) {
    if (version.references != 0) continue;
    version = Version();
    version.references = 1;
    return &version;
  }
  return nullptr;
}

void MemoryStorage::release(Version& version) noexcept {
  WHERRY_ASSERT(version.references > 0);
  if (--version.references > 0) return;
  give_back_blocks(version.first);
}

void MemoryStorage::give_back_blocks(BlockIndex first) noexcept {
  while (first != kNoBlock) {
    const BlockIndex next = next_block_[first];
    next_block_[first] = first_free_;
    first_free_ = first;
    ++free_block_count_;
    first = next;
  }
}

std::size_t MemoryStorage::truncate(Version& version, std::uint64_t size) noexcept {
  version.info.size = size;
  version.last = version.first;
  for (; size > block_bytes_; size -= block_bytes_) version.last = next_block_[version.last];
  give_back_blocks(std::exchange(next_block_[version.last], kNoBlock));
  return static_cast<std::size_t>(size % block_bytes_);
}

bool MemoryStorage::append_block(Version& version) noexcept {
  if (first_free_ == kNoBlock) return false;
  const BlockIndex taken = first_free_;
  first_free_ = next_block_[taken];
  --free_block_count_;
  next_block_[taken] = kNoBlock;
  (version.last == kNoBlock ? version.first : next_block_[version.last]) = taken;
  version.last = taken;
  return true;
}

MutableBytes MemoryStorage::block(BlockIndex index) const noexcept {
  return blocks_.subspan(index * block_bytes_, block_bytes_);
}

}  // namespace wherry::storage::memory
