// SPDX-License-Identifier: MIT
// What lies in a folder of a server and in those below it, by the lists that Wherry gives as JSON.
#pragma once

#include <map>
#include <string>

#include "cli/client/exchange.h"
#include "cli/client/json.h"
#include "cli/client/retry.h"

namespace wherry::cli {

/// By the path below the folder: `a/b.txt`.
using RemoteTree = std::map<std::string, RemoteEntry>;

/// Adds what lies in `url`, a folder's, to `tree`; a folder that is not there is an empty one.
/// Returns: the reply that ended it: a success (or 404 of the folder itself), or what is wrong.
Reply list_remote(Exchanger& exchanger, Retry& retry, const std::string& url, RemoteTree& tree);

}  // namespace wherry::cli
