// SPDX-License-Identifier: MIT
// What the client's commands end with, for scripts: the program's exit status.
// Keeps: a number never changes its meaning; README and docs/TROUBLESHOOTING.md list them.
#pragma once

namespace wherry::cli {

enum class Exit : int {
  done = 0,
  internal = 1,      // out of memory, or a bug
  usage = 2,         // the command line makes no sense
  local_file = 3,    // a file of this machine cannot be read or written
  refused = 4,       // the server says no: 4xx, or a limit that it tells
  server = 5,        // the server fails: 5xx, after all attempts where another may help
  network = 6,       // no connection, or cut again and again
  mismatch = 7,      // what arrived is not what was sent
  interrupted = 130  // SIGINT or SIGTERM
};

}  // namespace wherry::cli
