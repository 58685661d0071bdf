// SPDX-License-Identifier: MIT
#include "cli/serve.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "cli/addresses.h"
#include "cli/all_loops.h"
#include "cli/log_writer.h"
#include "cli/process_status.h"
#include "cli/worker.h"
#include "wherry/transfer/service.h"

namespace wherry::cli {
namespace {

int fail(const std::string& sentence) {
  std::fprintf(stderr, "wherry: %s\n", sentence.c_str());
  return 1;
}

std::string explain_root(const std::string& folder, Error error, int os_error) {
  switch (error) {
    case Error::not_found:
      return "there is no folder '" + folder + "'";
    case Error::busy:
      return "another server is using the folder '" + folder + "'";
    case Error::not_writable:
      return "the folder '" + folder + "' is not writable: " + std::strerror(os_error);
    case Error::not_implemented:
      return "this kernel lacks openat2 (Linux 5.6 or later), without which no path is safe";
    default:
      return "the folder '" + folder + "' cannot be used: " + std::strerror(os_error);
  }
}

/// Each connection needs a descriptor, and each file of a transfer one more.
void raise_descriptor_limit(const ServeOptions& options) {
  rlimit limit{};
  const rlim_t needed = 64 + 3 * static_cast<rlim_t>(options.limits.max_connections);
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed) return;
  limit.rlim_cur = std::min(limit.rlim_max, needed);
  setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < needed) {
    std::fprintf(stderr, "wherry: %llu descriptors are allowed, %llu would be needed (ulimit -n)\n",
                 static_cast<unsigned long long>(limit.rlim_cur),
                 static_cast<unsigned long long>(needed));
  }
}

/// What one of several loops gets.
std::uint32_t share_of(std::uint32_t count, std::uint32_t loops) {
  return (count + loops - 1) / loops;
}

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

void wait_for_stop_signal() {
  const sigset_t signals = stop_signals();
  int signal = 0;
  while (sigwait(&signals, &signal) != 0) continue;
}

/// An upload that is gone on with may have its connections on any of the loops.
class ClaimsOfAllLoops final : public app::SharedClaims {
 public:
  void lock() noexcept override { mutex_.lock(); }
  void unlock() noexcept override { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

using Workers = std::vector<std::unique_ptr<Worker>>;

Workers make_workers(const ServeOptions& options, const storage::posix::Root& root,
                     storage::posix::DiskThreads& disk_threads, app::TransferLog& log,
                     const StatusSource& process, AllLoops& all_loops) {
  app::Limits limits = options.limits;
  limits.max_connections = share_of(limits.max_connections, options.threads);
  storage::posix::Options storage = options.storage;
  storage.slots = limits.max_connections + 16;  // those that clean up after a client has gone
  storage.small_block_bytes = limits.send_file_buffer_size;
  storage.large_blocks = share_of(storage.large_blocks, options.threads);
  Workers workers;
  for (std::uint32_t i = 0; i < options.threads; ++i) {
    AllLoops::Loop* const loop = options.threads > 1 ? &all_loops.add(log) : nullptr;
    app::TransferLog& its_log = loop != nullptr ? *loop : log;
    workers.push_back(std::make_unique<Worker>(transfer::kService, limits, storage, root,
                                               disk_threads, its_log, process));
    if (loop != nullptr) workers.back()->share_counts(*loop);
  }
  return workers;
}

/// The first signal lets running transfers finish, a second one does not.
void run(Workers& workers, std::uint32_t grace_ms) {
  std::vector<std::thread> threads;
  for (const auto& worker : workers) threads.emplace_back([&worker] { worker->run(); });
  std::thread waits_for_signals([&] {
    wait_for_stop_signal();
    for (const auto& worker : workers) worker->finish(grace_ms);
    wait_for_stop_signal();
    for (const auto& worker : workers) worker->stop();
  });
  for (std::thread& thread : threads) thread.join();
  // The loops have ended, by themselves or by the second signal: nothing is waited for any more.
  pthread_kill(waits_for_signals.native_handle(), SIGTERM);
  waits_for_signals.join();
}

}  // namespace

int serve(const ServeOptions& options) {
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit(options);

  errno = 0;
  auto root = storage::posix::Root::open(options.folder.c_str(), options.storage);
  if (!root) return fail(explain_root(options.folder, root.error(), errno));
  storage::posix::DiskThreads disk_threads(options.storage.disk_threads);
  LogWriter log(STDOUT_FILENO, options.log_format);
  const ProcessStatus process(options.threads);
  const std::vector<std::string_view> origins(options.origins.begin(), options.origins.end());
  const app::Cors cors({.allow_origins = origins});
  ClaimsOfAllLoops claims;
  AllLoops all_loops;
  Workers workers = make_workers(options, *root, disk_threads, log, process, all_loops);
  for (const auto& worker : workers) worker->share_claims(claims);
  if (!origins.empty()) {
    for (const auto& worker : workers) worker->allow_origins(cors);
  }

  std::uint16_t port = options.port;
  for (const auto& worker : workers) {
    const std::string problem = worker->listen(options.host, port, workers.size() > 1);
    if (!problem.empty()) {
      return fail("cannot listen at " + urls_of(options.host, port).front().substr(7) + ": " +
                  problem);
    }
    port = worker->port();
  }
  for (const std::string& url : urls_of(options.host, port)) {
    std::printf("Server: %s\n", url.c_str());
  }
  std::fflush(stdout);
  workers.front()->keep_uploads();
  run(workers, options.grace_ms);
  return 0;
}

}  // namespace wherry::cli
