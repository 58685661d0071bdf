// SPDX-License-Identifier: MIT
#include "boards/common/console.h"

#include "boards/common/cortex_m.h"
#include "boards/common/serial.h"
#include "wherry/base/assert.h"
#include "wherry/base/text_writer.h"

namespace wherry {

[[noreturn]] void panic(const char* expression, const char* file, int line) noexcept {
  char digits[12];
  TextWriter number(digits);
  number.append_decimal(line);
  for (const std::string_view part : {std::string_view(file), std::string_view(":"), number.view(),
                                      std::string_view(": assertion failed: "),
                                      std::string_view(expression), std::string_view("\n")}) {
    boards::write_at_once(part);
  }
  boards::reset();
}

// arm-none-eabi-addr2line -fCe image.elf address
[[noreturn, gnu::noinline]] void panic_at_caller() noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(__builtin_return_address(0));
  char text[48];
  TextWriter line(text);
  line.append("Assertion failed before 0x")
      .append_hex(address & ~std::uintptr_t{1}, 8)
      .append('\n');
  boards::write_at_once(line.view());
  boards::reset();
}

namespace boards {
namespace {

constinit Console the_console;
constexpr std::string_view kEndOfLine = "\r\n";

}  // namespace

Console& console() noexcept { return the_console; }

void Console::write_line(std::string_view text) noexcept {
  if (left_out_count_ > 0) {
    char note[40];
    TextWriter writer(note);
    writer.append('(')
        .append_decimal(left_out_count_)
        .append(" lines left out)")
        .append(kEndOfLine);
    if (room() < writer.size() + text.size() + kEndOfLine.size()) {
      ++left_out_count_;
      return;
    }
    for (const char character : writer.view()) put(character);
    left_out_count_ = 0;
  }
  if (room() < text.size() + kEndOfLine.size()) {
    ++left_out_count_;
    return;
  }
  for (const char character : text) {
    const bool is_control = static_cast<unsigned char>(character) < 0x20 || character == 0x7F;
    put(is_control ? '?' : character);
  }
  for (const char character : kEndOfLine) put(character);
  poll();
}

void Console::poll() noexcept {
  while (begin_ != end_ && serial::has_room()) serial::put(text_[begin_++ % kSize]);
}

void write_at_once(std::string_view text) noexcept {
  const auto put_waiting = [](char character) {
    while (!serial::has_room()) continue;
    serial::put(character);
  };
  while (!the_console.is_empty()) the_console.poll();
  for (const char character : text) {
    if (character == '\n') put_waiting('\r');
    put_waiting(character);
  }
}

}  // namespace boards
}  // namespace wherry
