// SPDX-License-Identifier: MIT
// `wherry serve`: the file-transfer service on a folder of this machine.
#pragma once

#include "cli/options.h"

namespace wherry::cli {

/// Serves until SIGINT or SIGTERM. Prints `Server: http://…` when it is ready, and then a line for
/// each transfer; what is wrong goes to stderr.
/// Returns: the program's exit status: 0, or 1 when it could not start.
int serve(const ServeOptions& options);

}  // namespace wherry::cli
