// SPDX-License-Identifier: MIT
// The addresses under which this machine can be reached.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace wherry::cli {

/// Returns: the URLs of a server that listens at `host`: one, or one for each address of the
/// machine where `host` stands for all of them ("0.0.0.0", "::", "").
std::vector<std::string> urls_of(const std::string& host, std::uint16_t port);

}  // namespace wherry::cli
