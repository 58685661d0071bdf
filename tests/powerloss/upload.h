// SPDX-License-Identifier: MIT
// An upload onto a FaultyDevice, and what must be true after it, whatever happened.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/powerloss/faulty_device.h"
#include "wherry/base/crc32.h"
#include "wherry/storage/littlefs/file_system.h"
#include "wherry/storage/littlefs/littlefs_storage.h"
#include "wherry/storage/littlefs/ram_storage_for_test.h"

namespace wherry::powerloss {

using storage::TestLoop;
using storage::littlefs::Format;
using storage::littlefs::LittlefsStorage;
using storage::littlefs::Medium;
using storage::littlefs::StorageOn;

/// A file that is uploaded over another one, or where there was none.
struct Upload {
  std::string path;
  std::optional<std::string> old_text;
  std::string new_text;
};

struct Bystander {
  std::string path;
  std::string text;
};

inline const std::vector<Bystander>& bystanders() {
  static const std::vector<Bystander> files = {
      {"beside", storage::littlefs::some_bytes(9'000, 77)},
      {"small", "a few bytes"},
      {"folder/below", storage::littlefs::some_bytes(600, 78)},
  };
  return files;
}

/// Little memory, so that free blocks are searched for often.
inline storage::littlefs::Options options() {
  return {.slots = 2, .file_system = {.lookahead_bytes = 8}};
}

/// Returns: whether it replaced a file.
inline Result<bool> put(LittlefsStorage& on, const std::string& path, const std::string& text) {
  TestLoop loop;
  Result<storage::StagedFile> file = loop.run(on.create(path));
  if (!file) return file.error();
  if (const Result<> step = loop.run(file->write(as_bytes(std::string_view(text)))); !step)
    return step.error();
  const std::uint32_t crc = crc32(as_bytes(std::string_view(text)));
  if (const Result<> step = loop.run(file->commit({.crc32 = crc})); !step) return step.error();
  return file->replaced();
}

/// Returns: the bytes of a file whose version and checksum are known and right.
inline Result<std::string> get(LittlefsStorage& on, const std::string& path) {
  TestLoop loop;
  Result<storage::File> file = loop.run(on.open(path));
  if (!file) return file.error();
  Result<std::string> text = storage::littlefs::read_all(loop, *file);
  if (!text) return text;
  EXPECT_NE(file->info().version, 0u) << path;
  EXPECT_EQ(file->info().crc32, crc32(as_bytes(std::string_view(*text)))) << path;
  return text;
}

/// A formatted medium with the bystanders.
inline FaultyDevice::Image new_medium(const storage::littlefs::RamOptions& ram) {
  FaultyDevice device(ram);
  StorageOn on(device, options());
  EXPECT_EQ(on.storage().mount(Format::if_blank), Medium::ready);
  for (const Bystander& file : bystanders()) EXPECT_TRUE(put(on.storage(), file.path, file.text));
  return device.bytes();
}

/// Returns: how many entries of the private folder are staging's.
inline int count_debris(FaultyDevice& device) {
  namespace lfs = storage::littlefs::lfs;
  alignas(8) std::byte caches[2][512];
  alignas(8) std::byte lookahead[8];
  storage::littlefs::FileSystem files(device, {caches[0], caches[1], lookahead},
                                      options().file_system);
  if (files.mount(Format::never) != Medium::ready) return -1;
  lfs::Folder folder{};
  if (lfs::folder_open(files.handle(), &folder, ".wherry") < 0) return 0;
  lfs::Info info;
  int count = 0;
  while (lfs::folder_read(files.handle(), &folder, &info) > 0) count += info.name[0] == '~' ? 1 : 0;
  lfs::folder_close(files.handle(), &folder);
  return count;
}

/// Whether anything, a file or a folder, has the first segment of `path` as its name.
inline bool has_first_segment(LittlefsStorage& on, const std::string& path) {
  const std::string segment = path.substr(0, path.find('/'));
  for (const std::string& name : storage::littlefs::names_in(on, "")) {
    if (name == segment || name == segment + '/') return true;
  }
  return false;
}

/// Looks at the files that are there now. `was_told`: the upload said that it had succeeded.
/// Returns: what is wrong; empty: nothing.
inline std::string look_at_files(LittlefsStorage& on, const Upload& upload, bool was_told) {
  for (const Bystander& file : bystanders()) {
    if (const auto text = get(on, file.path); !text || *text != file.text)
      return "the bystander " + file.path + " is not what it was";
  }
  const Result<std::string> text = get(on, upload.path);
  if (text && *text == upload.new_text) return {};
  if (was_told) return "success was told, and the new file is not there";
  if (upload.old_text) {
    if (!text) return "neither the old nor the new file is there";
    return *text == *upload.old_text ? "" : "the file is neither the old nor the new one";
  }
  if (text) return "the file is not the new one";
  if (!upload.path.starts_with("folder/") && has_first_segment(on, upload.path))
    return "a folder is there without its file";
  return {};
}

}  // namespace wherry::powerloss
