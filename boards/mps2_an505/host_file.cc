// SPDX-License-Identifier: MIT
#include "boards/mps2_an505/host_file.h"

#include "boards/common/semihosting.h"
#include "boards/common/watchdog.h"

namespace wherry::boards {

using semihosting::address_of;
using semihosting::call;
using semihosting::Operation;
using semihosting::Word;
using storage::littlefs::DeviceStatus;

bool HostFile::start() noexcept {
  constexpr Word kReadAndWriteBinary = 3;
  char memory[256];
  const std::string_view name = semihosting::command_line(memory);
  if (name.empty()) return false;
  Word open[] = {address_of(name.data()), kReadAndWriteBinary, name.size()};
  handle_ = call(Operation::open, open);
  if (handle_ < 0) return false;
  Word size[] = {static_cast<Word>(handle_)};
  const int bytes = call(Operation::file_size, size);
  sector_count_ = bytes > 0 ? static_cast<std::uint32_t>(bytes) / kSectorBytes : 0;
  return sector_count_ > 0;
}

bool HostFile::seek(std::uint32_t sector) noexcept {
  Word block[] = {static_cast<Word>(handle_), sector * kSectorBytes};
  return call(Operation::seek, block) == 0;
}

DeviceStatus HostFile::read(std::uint32_t first_sector, MutableBytes into) noexcept {
  watchdog::feed();
  if (handle_ < 0 || !seek(first_sector)) return DeviceStatus::failed;
  Word block[] = {static_cast<Word>(handle_), address_of(into.data()), into.size()};
  return call(Operation::read, block) == 0 ? DeviceStatus::ok : DeviceStatus::failed;
}

DeviceStatus HostFile::program(std::uint32_t first_sector, Bytes bytes) noexcept {
  watchdog::feed();
  if (handle_ < 0 || !seek(first_sector)) return DeviceStatus::failed;
  Word block[] = {static_cast<Word>(handle_), address_of(bytes.data()), bytes.size()};
  return call(Operation::write, block) == 0 ? DeviceStatus::ok : DeviceStatus::failed;
}

}  // namespace wherry::boards
