// SPDX-License-Identifier: MIT
// SIGINT and SIGTERM: transfers under way end in order, and what can be resumed stays.
#pragma once

namespace wherry::cli {

/// From now on SIGINT and SIGTERM ask the commands to end; a second one ends the process.
void catch_signals() noexcept;

/// Whether the commands shall end.
bool is_cancelled() noexcept;

}  // namespace wherry::cli
