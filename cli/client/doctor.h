// SPDX-License-Identifier: MIT
// `wherry doctor URL`: says where the time of transfers goes.
#pragma once

#include "cli/client/exit_status.h"
#include "cli/client/options.h"

namespace wherry::cli {

Exit doctor(const DoctorOptions& options);

}  // namespace wherry::cli
