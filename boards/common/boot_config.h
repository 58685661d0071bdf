// SPDX-License-Identifier: MIT
// BootConfig: what may be set on a board without building it anew: the file boot.json in the
// storage's private folder. Here it is read and judged; it is looked for by firmware.h.
//
// One JSON object (RFC 8259) of the keys in kKeys (boot_config.cc), each at most once and each with
// a default; docs/BOARDS.md shows them. It must not know a board, so that a host can judge a file
// before it is put on a card.
// Invariant: a file is taken whole or not at all. One with a mistake might otherwise give a board
// half of what was meant: an address without its netmask.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "wherry/base/result.h"
#include "wherry/base/text_writer.h"

namespace wherry::boards {

/// In the order in which it is written: {192, 168, 0, 10}.
using Ipv4 = std::array<std::uint8_t, 4>;

struct BootConfig {
  static constexpr std::size_t kMaxHostname = 32;

  char hostname[kMaxHostname + 1] = "wherry";  // ends with a NUL
  Ipv4 address = {};                           // 0.0.0.0: by DHCP
  Ipv4 netmask = {255, 255, 255, 0};
  Ipv4 gateway = {};  // 0.0.0.0: none
  std::uint64_t port = 8000;
  bool format_blank = true;     // of a card that comes later: see docs/BOARDS.md
  bool format_corrupt = false;  // the same
  std::uint64_t header_ms = 30'000;
  std::uint64_t body_idle_ms = 30'000;
  std::uint64_t write_idle_ms = 30'000;
  std::uint64_t keep_alive_idle_ms = 60'000;
  std::uint64_t max_content_length = 16 * 1024 * 1024;

  bool uses_dhcp() const noexcept { return address == Ipv4{}; }
};

/// What is wrong with a file.
struct BootConfigError {
  std::size_t line = 0;     // from 1; 0: none, what is said is of the whole file
  char key[24] = {};        // its begin, where it is long; ends with a NUL; empty: no key's fault
  std::string_view reason;  // constant text
};

inline constexpr std::string_view kBootConfigName = "boot.json";
inline constexpr std::size_t kMaxBootConfigBytes = 1024;
inline constexpr std::string_view kBootConfigTooLarge = "larger than 1024 bytes";
/// The memory that parse_boot_config() needs beside the text, in bytes.
inline constexpr std::size_t kBootConfigMemoryBytes = 2 * kMaxBootConfigBytes + 256;

/// Reads `text` into `config`, which holds the defaults. `memory`: kBootConfigMemoryBytes, until it
/// returns. Errors: bad_json, and `error` tells what is wrong; `config` is as it was.
Result<> parse_boot_config(std::string_view text, std::span<char> memory, BootConfig& config,
                           BootConfigError& error) noexcept;

/// Writes `error` as one line without its end: "boot.json, line 3: port: expected a number ...".
void describe(const BootConfigError& error, TextWriter& line) noexcept;

/// Reads "192.168.0.10": four decimal numbers without leading zeros. Errors: bad_request.
Result<Ipv4> parse_ipv4(std::string_view text) noexcept;

}  // namespace wherry::boards
