// SPDX-License-Identifier: MIT
// Runs an application on a folder of this machine: what every example's main does. The one place in
// which an example names a port and a back end; on a board, the board's main does the same.
#pragma once

#include <cstdint>

#include "wherry/app/limits.h"
#include "wherry/app/route.h"

/// Serves `app` at `host`:`port` until the program is killed. Prints where, when it is ready.
/// Returns: 1, having said on stderr why it could not start.
int run_on_linux(const wherry::app::App& app, const wherry::app::Limits& limits, const char* folder,
                 const char* host, std::uint16_t port);
