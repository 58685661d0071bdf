// SPDX-License-Identifier: MIT
// `wherry get URL...`: files from a server, whole and verified, or not at all.
#pragma once

#include "cli/client/exit_status.h"
#include "cli/client/options.h"

namespace wherry::cli {

Exit get(const GetOptions& options);

}  // namespace wherry::cli
