// SPDX-License-Identifier: MIT
// What is in a folder, as a reply: JSON, one name a line, or a page for a browser; made while it is
// sent, an entry at a time, in fixed memory however many there are.
//
// Without a limit all entries are sent. With one, that many or fewer, and where the list goes on:
// `Link: <?limit=100&cursor=...>; rel="next"`, in JSON also as "next".
#pragma once

#include <string_view>

#include "wherry/app/response.h"
#include "wherry/coro/task.h"

namespace wherry::transfer {

/// Lists `folder` (without a slash at its end; empty: the root) as the request's Accept, ?limit=
/// and ?cursor= ask for it. The field Listing-Order says `name` when the entries come by name, and
/// `storage` when they come as the file system has them: on Linux where they are more than go into
/// one page of the storage (about 3,000 names), or more than ?limit= asks for. All pages of a list
/// have one order, that of the first.
/// Errors: those of Storage::list and Folder::read; bad_request.
/// Memory: one entry as text, at most 2.8 KB, of the request's.  Storage: one slot.
coro::Task<app::Response> list(app::Request& request, std::string_view folder);

}  // namespace wherry::transfer
