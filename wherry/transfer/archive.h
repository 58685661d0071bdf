// SPDX-License-Identifier: MIT
// A folder as one tar archive, made while it is sent, in fixed memory.
//
// First the tree is walked without opening anything, so that the reply can say how long it is
// (trees of more than kMaxCountedEntries are sent without a length). What changes until it is sent
// ends the connection before its end: an archive that came whole is what its length said.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "wherry/app/response.h"
#include "wherry/coro/task.h"

namespace wherry::transfer {

inline constexpr std::uint32_t kMaxCountedEntries = 100'000;

/// The archive of `folder` (without a slash at its end; empty: the root, whose entries then have no
/// folder before them).
/// Errors: those of TreeWalk.  Memory: what a TreeWalk takes, and about 1 KB, of the request's.
/// Storage: two slots, of which one is lent only while a file is sent.
coro::Task<app::Response> archive(app::Request& request, std::string_view folder);

}  // namespace wherry::transfer
