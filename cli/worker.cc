// SPDX-License-Identifier: MIT
#include "cli/worker.h"

#include <cstdlib>
#include <new>

namespace wherry::cli {

Worker::Order::Order(Worker& its_worker) noexcept
    : coro::Completion([](coro::Completion& completion) noexcept {
        auto& self = static_cast<Order&>(completion);
        self.worker.begin_finishing(self.grace_ms);
      }),
      worker(its_worker) {}

void Worker::FreeMemory::operator()(std::byte* memory) const noexcept { std::free(memory); }

Worker::Worker(const app::App& app, const app::Limits& limits,
               const storage::posix::Options& storage_options, const storage::posix::Root& root,
               storage::posix::DiskThreads& disk_threads, app::TransferLog& log,
               const StatusSource& process)
    : limits_(limits),
      storage_(std::make_unique<storage::posix::PosixStorage>(root, disk_threads, loop_,
                                                              storage_options)),
      finisher_(
          loop_.ready_list(),
          [](void* worker, Error) noexcept { static_cast<Worker*>(worker)->stop(); }, this) {
  // Pages that no connection has used yet cost nothing: the system gives them on first use.
  const std::size_t size =
      app::internal::round_up(app::Server::required_bytes(limits_), app::Server::kAlignment);
  memory_.reset(static_cast<std::byte*>(std::aligned_alloc(app::Server::kAlignment, size)));
  if (memory_ == nullptr || !storage_->is_ready()) throw std::bad_alloc();
  server_ = std::make_unique<app::Server>(app, limits_, *storage_, loop_, &log,
                                          MutableBytes(memory_.get(), size));
  server_->tell_also(process);
  listener_ = std::make_unique<net::asio::AsioListener>(loop_, *server_);
}

// The server first: it gives its connections back to the listener, its files to the storage.
Worker::~Worker() {
  finisher_.cancel();
  keeper_.reset();
  server_.reset();
  listener_.reset();
}

std::string Worker::listen(const std::string& host, std::uint16_t port, bool shares_port) {
  net::asio::ListenOptions options;
  options.host = host;
  options.port = port;
  options.shares_port = shares_port;
  options.connection_count = limits_.max_connections + limits_.max_refusals;
  if (listener_->open(options)) return {};
  return std::string(listener_->failure().words.view());
}

void Worker::keep_uploads() noexcept {
  keeper_.emplace(*storage_, loop_, limits_, server_->claims());
  keeper_->start();
}

void Worker::finish(std::uint32_t grace_ms) noexcept {
  order_.grace_ms = grace_ms;
  loop_.post(order_);
}

void Worker::begin_finishing(std::uint32_t grace_ms) noexcept {
  keeper_.reset();
  listener_->stop_accepting();
  server_->drain();
  finisher_.start(wait_for_the_last(context_, grace_ms));
}

coro::Task<> Worker::wait_for_the_last(coro::Context&, std::uint32_t grace_ms) {
  constexpr std::uint32_t kStepMs = 20;
  const std::uint64_t deadline_ms = loop_.uptime_ms() + grace_ms;
  while (listener_->open_count() > 0 && loop_.uptime_ms() < deadline_ms) {
    co_await loop_.sleep(kStepMs);
  }
}

}  // namespace wherry::cli
