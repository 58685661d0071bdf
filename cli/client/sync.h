// SPDX-License-Identifier: MIT
// `wherry sync DIR URL`: makes a folder of a server like one here.
#pragma once

#include "cli/client/exit_status.h"
#include "cli/client/options.h"

namespace wherry::cli {

Exit sync(const SyncOptions& options);

}  // namespace wherry::cli
