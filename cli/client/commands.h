// SPDX-License-Identifier: MIT
// The client's commands on the command line of `wherry`.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/client/exit_status.h"

namespace wherry::cli {

/// `wherry put`, `get`, `sync` and `doctor`.
/// Lifetime: outlives the parsing of `program`.
class ClientCommands {
 public:
  explicit ClientCommands(CLI::App& program);
  ~ClientCommands();

  /// Whether the command line names one of them.
  bool are_wanted() const;
  Exit run();

 private:
  struct Options;
  struct Commands;

  std::unique_ptr<Options> options_;
  std::unique_ptr<Commands> commands_;
};

}  // namespace wherry::cli
