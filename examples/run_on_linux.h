// SPDX-License-Identifier: MIT
// Runs an application on a folder of this machine: what every example's main does. The one place in
// which an example names a port and a back end; on a board, the board's main does the same.
#pragma once

#include <cstdint>

#include "wherry/app/cors.h"
#include "wherry/app/limits.h"
#include "wherry/app/route.h"

/// Serves `app` at `host`:`port` until SIGINT or SIGTERM, which cut what still runs. Prints where,
/// when it is ready, and at the end how much of their arenas its connections used: that, and some
/// more, is what `limits.arena_bytes` must be.
/// `cors`: which pages of other origins may use it.
/// Returns: 0, or 1 having said on stderr why it could not start.
int run_on_linux(const wherry::app::App& app, const wherry::app::Limits& limits, const char* folder,
                 const char* host, std::uint16_t port, const wherry::app::Cors* cors = nullptr);
