// SPDX-License-Identifier: MIT
// Start-up: gives the program its memory, runs wherry_main(), and says so when the core faults.
//
// The linker script's symbols tell where things lie. What is called from reset() before its loops
// are over must not use a variable.
#include "boards/common/startup.h"

#include <cstdint>

#include "boards/common/console.h"
#include "boards/common/cortex_m.h"
#include "boards/common/ethernet.h"
#include "wherry/base/assert.h"
#include "wherry/base/text_writer.h"

extern "C" {
// Addresses, not variables.
extern const std::uint32_t wherry_data_in_flash[];
extern std::uint32_t wherry_data_begin[], wherry_data_end[];
extern std::uint32_t wherry_bss_begin[], wherry_bss_end[];
extern std::uint32_t wherry_stack_top[];

void wherry_reset();
}

namespace wherry::boards {
namespace {

constexpr std::uint32_t kPaint = 0xDEADBEEF;
constexpr std::ptrdiff_t kSpareWords = 32;

void on_fault() noexcept {
  constexpr std::uintptr_t kFaultStatus = 0xE000ED28, kFaultAddress = 0xE000ED38;
  char text[64];
  TextWriter line(text);
  line.append("Fault: status 0x").append_hex(Register(kFaultStatus).get(), 8);
  line.append(", address 0x").append_hex(Register(kFaultAddress).get(), 8).append('\n');
  write_at_once(line.view());
  reset();
}

constexpr std::size_t kCoreExceptions = 15;
constexpr std::size_t kInterrupts = 64;

struct VectorTable {
  std::uint32_t* stack_top;
  void (*exceptions[kCoreExceptions])();
  void (*interrupts[kInterrupts])();
};

// The network's interrupt is the only one in use; it tells by itself whether it was that.
constexpr VectorTable make_vectors() noexcept {
  VectorTable table{};
  table.stack_top = wherry_stack_top;
  for (auto& exception : table.exceptions) exception = &on_fault;
  table.exceptions[0] = &wherry_reset;
  table.exceptions[kCoreExceptions - 1] = &on_tick;
  for (auto& interrupt : table.interrupts) interrupt = &ethernet::on_interrupt;
  return table;
}

[[gnu::section(".vectors"), gnu::used]] constexpr VectorTable kVectors = make_vectors();

}  // namespace

std::size_t stack_bytes() noexcept {
  return static_cast<std::size_t>(wherry_stack_top - wherry_bss_end) * sizeof(std::uint32_t);
}

std::size_t peak_stack_bytes() noexcept {
  const volatile std::uint32_t* unused = wherry_bss_end;
  while (unused < wherry_stack_top && *unused == kPaint) ++unused;
  return static_cast<std::size_t>(wherry_stack_top - unused) * sizeof(std::uint32_t);
}

}  // namespace wherry::boards

// Not inlined into, and without calls: it runs before there is anything to call.
using wherry::boards::kPaint;
using wherry::boards::kSpareWords;

extern "C" [[gnu::optimize("no-tree-loop-distribute-patterns")]] void wherry_reset() {
  const std::uint32_t* from = wherry_data_in_flash;
  for (std::uint32_t* to = wherry_data_begin; to < wherry_data_end;) *to++ = *from++;
  for (std::uint32_t* to = wherry_bss_begin; to < wherry_bss_end;) *to++ = 0;
  // Up to this function's own frame, which is at the very top of the stack.
  const auto* const stack_pointer = static_cast<std::uint32_t*>(__builtin_frame_address(0));
  for (std::uint32_t* to = wherry_bss_end; to < stack_pointer - kSpareWords;) *to++ = kPaint;
  wherry_main();
}
