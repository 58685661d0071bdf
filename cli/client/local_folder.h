// SPDX-License-Identifier: MIT
// The files and folders below a folder of this machine.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace wherry::cli {

/// Paths are relative to the folder: `a/b.txt`.
struct LocalTree {
  std::map<std::string, std::uint64_t> files;  // with their sizes
  std::set<std::string> folders;
  std::vector<std::string> skipped;  // links, devices, sockets: neither file nor folder
};

/// Wherry's own folder (`.wherry`), which no server lists, is left out.
/// Returns: an error's sentence; empty: `tree` has all.
std::string walk_local(const std::string& folder, LocalTree& tree);

}  // namespace wherry::cli
