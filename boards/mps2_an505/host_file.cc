// SPDX-License-Identifier: MIT
// Source: Arm Semihosting, release 2.
#include "boards/mps2_an505/host_file.h"

namespace wherry::boards {
namespace {

using storage::littlefs::DeviceStatus;
using Word = std::uint32_t;

enum class Operation : int {
  open = 0x01,
  write = 0x05,
  read = 0x06,
  seek = 0x0A,
  file_size = 0x0C,
  command_line = 0x15,
};

int call(Operation operation, void* block) noexcept {
  register int result asm("r0") = static_cast<int>(operation);
  register void* argument asm("r1") = block;
  asm volatile("bkpt 0xab" : "+r"(result) : "r"(argument) : "memory");
  return result;
}

Word address_of(const void* pointer) noexcept { return reinterpret_cast<Word>(pointer); }

}  // namespace

bool HostFile::start() noexcept {
  constexpr Word kReadAndWriteBinary = 3;
  char name[256];
  Word line[] = {address_of(name), sizeof(name)};
  if (call(Operation::command_line, line) != 0) return false;
  Word open[] = {address_of(name), kReadAndWriteBinary, line[1]};
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
  if (handle_ < 0 || !seek(first_sector)) return DeviceStatus::failed;
  Word block[] = {static_cast<Word>(handle_), address_of(into.data()), into.size()};
  return call(Operation::read, block) == 0 ? DeviceStatus::ok : DeviceStatus::failed;
}

DeviceStatus HostFile::program(std::uint32_t first_sector, Bytes bytes) noexcept {
  if (handle_ < 0 || !seek(first_sector)) return DeviceStatus::failed;
  Word block[] = {static_cast<Word>(handle_), address_of(bytes.data()), bytes.size()};
  return call(Operation::write, block) == 0 ? DeviceStatus::ok : DeviceStatus::failed;
}

}  // namespace wherry::boards
