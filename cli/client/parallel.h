// SPDX-License-Identifier: MIT
// Several files at once: threads that take one job after the other.
#pragma once

#include <cstddef>
#include <functional>

namespace wherry::cli {

/// Calls `make_worker()` in up to `thread_count` threads, and what it returns for each index below
/// `job_count` once, the smallest first. Returns when all are done.
/// Errors: the first exception of a job is thrown here, when the others have ended.
void run_parallel(unsigned thread_count, std::size_t job_count,
                  const std::function<std::function<void(std::size_t)>()>& make_worker);

}  // namespace wherry::cli
