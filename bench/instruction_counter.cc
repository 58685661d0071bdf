// SPDX-License-Identifier: MIT
// A plugin of QEMU's translator: counts the instructions that a board executes, by where they are.
//
//     qemu-system-arm ... -plugin instruction_counter.so,counts=COUNTS
//
// COUNTS becomes an array of 64-bit counts in memory that is shared with whoever maps or reads the
// file while the board runs. A piece of code that is translated as a whole has one place in it, by
// the address it begins at; each time it is executed, the number of its instructions is added
// there. It must not know what the addresses mean: bench/device.py does.
//
// Host code, and no part of Wherry. Of QEMU's documented plugin interface (version 1, QEMU 4.2 and
// later) it declares the few functions that it calls: no package has the header by itself.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" {
struct qemu_plugin_tb;
using TranslatedCallback = void (*)(std::uint64_t plugin, qemu_plugin_tb* block);

void qemu_plugin_register_vcpu_tb_trans_cb(std::uint64_t plugin, TranslatedCallback callback);
/// `operation`: 0 adds `value` to the 64 bits at `counter`.
void qemu_plugin_register_vcpu_tb_exec_inline(qemu_plugin_tb* block, int operation, void* counter,
                                              std::uint64_t value);
std::size_t qemu_plugin_tb_n_insns(const qemu_plugin_tb* block);
std::uint64_t qemu_plugin_tb_vaddr(const qemu_plugin_tb* block);

[[gnu::visibility("default")]] int qemu_plugin_version = 1;
[[gnu::visibility("default")]] int qemu_plugin_install(std::uint64_t plugin, const void* info,
                                                       int argument_count, char** arguments);
}

namespace {

// As bench/device.py has it: a Thumb instruction begins at an even address, images are smaller than
// 1 MiB, and begin at a multiple of it.
constexpr std::size_t kCounts = 512 * 1024;
constexpr std::string_view kFileArgument = "counts=";

std::uint64_t* counts = nullptr;

void on_translated(std::uint64_t, qemu_plugin_tb* block) {
  constexpr int kAdd = 0;
  std::uint64_t& count = counts[qemu_plugin_tb_vaddr(block) / 2 % kCounts];
  qemu_plugin_register_vcpu_tb_exec_inline(block, kAdd, &count, qemu_plugin_tb_n_insns(block));
}

}  // namespace

int qemu_plugin_install(std::uint64_t plugin, const void*, int argument_count, char** arguments) {
  if (argument_count != 1 || !std::string_view(arguments[0]).starts_with(kFileArgument)) return 1;
  const int file = open(arguments[0] + kFileArgument.size(), O_RDWR | O_CREAT | O_TRUNC, 0600);
  constexpr std::size_t kSize = kCounts * sizeof(std::uint64_t);
  if (file < 0 || ftruncate(file, kSize) != 0) return 1;
  void* const memory = mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (memory == MAP_FAILED) return 1;
  counts = static_cast<std::uint64_t*>(memory);
  qemu_plugin_register_vcpu_tb_trans_cb(plugin, &on_translated);
  return 0;
}
