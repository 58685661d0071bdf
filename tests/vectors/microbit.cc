// SPDX-License-Identifier: MIT
// The tables on a Cortex-M0 in QEMU: a core of 16 KiB of memory that traps on unaligned access and
// has no divide. Prints by semihosting, and ends the emulator: successfully only if all rows
// passed.
//
// Two last words of the command line make the run fail: "wrong" adds a table with a wrong row,
// "unaligned" reads a word where there is none.
#include <cstdint>
#include <string_view>

#include "boards/common/semihosting.h"
#include "tests/vectors/report.h"
#include "tests/vectors/tables.h"
#include "wherry/base/assert.h"
#include "wherry/base/text_writer.h"

extern "C" {
// Addresses, not variables: sections.ld.
extern const std::uint32_t wherry_data_in_flash[];
extern std::uint32_t wherry_data_begin[], wherry_data_end[];
extern std::uint32_t wherry_bss_begin[], wherry_bss_end[];
extern std::uint32_t wherry_stack_top[];

[[noreturn]] void wherry_reset();
}

namespace wherry {

[[noreturn]] void panic(const char* expression, const char* file, int line) noexcept {
  char memory[16];
  TextWriter number{std::span<char>(memory).first(sizeof(memory) - 1)};
  number.append(':').append_decimal(line);
  memory[number.size()] = '\0';
  for (const char* part : {file, number.view().data(), ": ", expression, "\n"}) {
    boards::semihosting::print(part);
  }
  boards::semihosting::exit(false);
}

namespace vectors {
namespace {

void on_fault() noexcept { panic("the core met a fault", __FILE__, __LINE__); }

constexpr std::size_t kCoreExceptions = 15;

struct VectorTable {
  std::uint32_t* stack_top;
  void (*exceptions[kCoreExceptions])();  // no interrupt is let through
};

constexpr VectorTable make_vectors() noexcept {
  VectorTable table{};
  table.stack_top = wherry_stack_top;
  for (auto& exception : table.exceptions) exception = &on_fault;
  table.exceptions[0] = &wherry_reset;
  return table;
}

[[gnu::section(".vectors"), gnu::used]] constexpr VectorTable kVectors = make_vectors();

/// Traps, as every access to a word must that is not at a multiple of 4: were it let through, the
/// tables would not show that the library has none.
void read_unaligned() noexcept {
  alignas(4) char memory[8] = {};
  std::uint32_t word;
  asm volatile("ldr %0, [%1]" : "=l"(word) : "l"(memory + 1) : "memory");
}

[[noreturn, gnu::noinline]] void run() noexcept {
  char memory[128];
  const std::string_view arguments = boards::semihosting::command_line(memory);
  Report report(boards::semihosting::print);
  if (arguments.ends_with(" unaligned")) read_unaligned();
  run_tables(report);
  if (arguments.ends_with(" wrong")) run_wrong_table(report);
  boards::semihosting::exit(report.finish());
}

}  // namespace
}  // namespace vectors
}  // namespace wherry

// Without calls up to run(): before it, there are no variables.
extern "C" [[gnu::optimize("no-tree-loop-distribute-patterns")]] void wherry_reset() {
  const std::uint32_t* from = wherry_data_in_flash;
  for (std::uint32_t* to = wherry_data_begin; to < wherry_data_end;) *to++ = *from++;
  for (std::uint32_t* to = wherry_bss_begin; to < wherry_bss_end;) *to++ = 0;
  wherry::vectors::run();
}
