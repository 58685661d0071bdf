// SPDX-License-Identifier: MIT
// What became of one file, as a person or a script is told.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/client/console.h"
#include "cli/client/exit_status.h"

namespace wherry::cli {

struct TransferResult {
  std::string action;  // "put", "get", "delete", "same": what was done
  std::string file;
  std::string url;
  Exit exit = Exit::internal;
  int status = 0;                 // of the last reply; 0: none
  std::uint64_t size = 0;         // of the file
  std::uint64_t moved_bytes = 0;  // sent or received, with what came to nothing
  std::uint64_t again_bytes = 0;  // of what was sent: bytes of the file that had been sent before
  unsigned attempts = 0;
  unsigned resumes = 0;  // attempts that went on where another had ended
  std::string protocol;  // "put", "ietf", "tus", "range"
  std::optional<std::uint32_t> crc32;
  bool is_verified = false;  // the other side's checksum is the same
  double seconds = 0;
  std::string error;

  bool is_done() const noexcept { return exit == Exit::done; }
  TransferResult& fail(Exit why, std::string sentence) {
    exit = why;
    error = std::move(sentence);
    return *this;
  }
};

/// One line of JSON.
std::string to_json(const TransferResult& result);

/// Prints the result as the options say: a line, an object, and what went wrong on stderr.
void tell(Console& console, const TransferResult& result);

/// Returns: the exit status of the first that failed, in the order of the command line.
Exit worst_of(const std::vector<TransferResult>& results) noexcept;

}  // namespace wherry::cli
