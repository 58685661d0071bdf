// SPDX-License-Identifier: MIT
// For tests alone: a block device in memory, and a storage on one.
#pragma once

#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wherry/base/bytes.h"
#include "wherry/storage/littlefs/littlefs_storage.h"
#include "wherry/storage/test_loop.h"

namespace wherry::storage::littlefs {

struct RamOptions {
  std::size_t sector_bytes = 512;
  std::uint32_t sector_count = 512;
  bool needs_erasure = false;  // as flash does: programming only clears bits; erasing sets them
};

class RamDevice : public BlockDevice {
 public:
  explicit RamDevice(const RamOptions& options)
      : options_(options), bytes_(options.sector_bytes * options.sector_count, std::byte{0xFF}) {}
  virtual ~RamDevice() = default;

  std::vector<std::byte>& bytes() { return bytes_; }
  void remove_medium(bool is_removed) { is_removed_ = is_removed; }

  std::size_t sector_bytes() const noexcept override { return options_.sector_bytes; }
  std::uint32_t sector_count() const noexcept override { return options_.sector_count; }
  DeviceStatus read(std::uint32_t first_sector, MutableBytes into) noexcept override {
    if (is_removed_) return DeviceStatus::failed;
    const MutableBytes place = at(first_sector, into.size());
    std::memcpy(into.data(), place.data(), place.size());
    return DeviceStatus::ok;
  }
  DeviceStatus program(std::uint32_t first_sector, Bytes bytes) noexcept override {
    if (is_removed_) return DeviceStatus::failed;
    const MutableBytes place = at(first_sector, bytes.size());
    if (!options_.needs_erasure) {
      std::memcpy(place.data(), bytes.data(), bytes.size());
      return DeviceStatus::ok;
    }
    for (std::size_t i = 0; i < bytes.size(); ++i) place[i] &= bytes[i];
    return DeviceStatus::ok;
  }
  DeviceStatus erase(std::uint32_t first_sector, std::uint32_t count) noexcept override {
    if (is_removed_) return DeviceStatus::failed;
    const MutableBytes place = at(first_sector, count * options_.sector_bytes);
    if (options_.needs_erasure) std::memset(place.data(), 0xFF, place.size());
    return DeviceStatus::ok;
  }
  DeviceStatus sync() noexcept override {
    return is_removed_ ? DeviceStatus::failed : DeviceStatus::ok;
  }

 protected:
  RamOptions options_;

  MutableBytes at(std::uint32_t first_sector, std::size_t size) {
    const std::size_t offset = first_sector * options_.sector_bytes;
    if (size % options_.sector_bytes != 0 || offset + size > bytes_.size()) std::abort();
    return MutableBytes(bytes_).subspan(offset, size);
  }

 private:
  std::vector<std::byte> bytes_;
  bool is_removed_ = false;
};

/// A storage on somebody's device, with memory of its own.
class StorageOn {
 public:
  StorageOn(BlockDevice& device, const Options& options)
      : memory_(LittlefsStorage::required_bytes(options) / sizeof(Unit) + 1),
        storage_(device,
                 MutableBytes(reinterpret_cast<std::byte*>(memory_.data()),
                              LittlefsStorage::required_bytes(options)),
                 options) {}

  LittlefsStorage& storage() { return storage_; }

 private:
  struct alignas(LittlefsStorage::kAlignment) Unit {
    std::byte bytes[LittlefsStorage::kAlignment];
  };

  std::vector<Unit> memory_;
  LittlefsStorage storage_;
};

/// A storage on a new medium, formatted.
class RamStorage {
 public:
  explicit RamStorage(const RamOptions& ram = {}, const Options& options = {})
      : device_(ram), on_(device_, options) {
    if (on_.storage().mount(Format::if_blank) != Medium::ready) std::abort();
  }

  RamDevice& device() { return device_; }
  LittlefsStorage& storage() { return on_.storage(); }

 private:
  RamDevice device_;
  StorageOn on_;
};

/// Stores a file whole. Returns: whether it replaced one.
inline Result<bool> put(TestLoop& loop, Storage& storage, std::string_view path,
                        std::string_view text, CreateOptions options = {}) {
  Result<StagedFile> file = loop.run(storage.create(path, options));
  if (!file) return file.error();
  if (const Result<> step = loop.run(file->write(as_bytes(text))); !step) return step.error();
  if (const Result<> step = loop.run(file->commit()); !step) return step.error();
  return file->replaced();
}

inline Result<std::string> read_all(TestLoop& loop, File& file) {
  std::string text;
  while (true) {
    const Result<Bytes> piece = loop.run(file.read(text.size(), 4096));
    if (!piece) return piece.error();
    if (piece->empty()) return text;
    text += as_text(*piece);
  }
}

inline Result<std::string> get(TestLoop& loop, Storage& storage, std::string_view path) {
  Result<File> file = loop.run(storage.open(path));
  if (!file) return file.error();
  return read_all(loop, *file);
}

/// The names in a folder; folders end with a slash.
inline std::vector<std::string> names_in(Storage& storage, std::string_view path) {
  TestLoop loop;
  std::vector<std::string> names;
  Result<Folder> folder = loop.run(storage.list(path));
  if (!folder) return {"(none)"};
  while (true) {
    const Result<FolderPage> page = loop.run(folder->read());
    if (!page) return {"(failed)"};
    for (std::uint32_t i = 0; i < page->count(); ++i)
      names.push_back(std::string((*page)[i].name) + ((*page)[i].is_folder ? "/" : ""));
    if (page->is_last()) return names;
  }
}

/// Bytes that do not repeat within any block.
inline std::string some_bytes(std::size_t size, std::uint32_t seed) {
  std::string bytes(size, '\0');
  std::uint32_t state = seed * 2654435761u + 1;
  for (char& byte : bytes) {
    state = state * 1664525u + 1013904223u;
    byte = static_cast<char>(state >> 24);
  }
  return bytes;
}

}  // namespace wherry::storage::littlefs
