// SPDX-License-Identifier: MIT
#include "cli/client/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace wherry::cli {

void run_parallel(unsigned thread_count, std::size_t job_count,
                  const std::function<std::function<void(std::size_t)>()>& make_worker) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr thrown;
  const auto work = [&] {
    try {
      const auto run = make_worker();
      for (std::size_t job = next++; job < job_count; job = next++) run(job);
    } catch (...) {
      next = job_count;
      const std::lock_guard lock(mutex);
      if (!thrown) thrown = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> threads;
    const std::size_t count = std::min<std::size_t>(thread_count, job_count);
    for (std::size_t i = 1; i < count; ++i) threads.emplace_back(work);
    if (count > 0) work();
  }
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace wherry::cli
