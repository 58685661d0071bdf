// SPDX-License-Identifier: MIT
// `wherry put FILE... URL`: files to a server, gone on with after each cut, verified.
#pragma once

#include "cli/client/exit_status.h"
#include "cli/client/options.h"

namespace wherry::cli {

Exit put(const PutOptions& options);

}  // namespace wherry::cli
