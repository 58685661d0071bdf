// SPDX-License-Identifier: MIT
#include "wherry/app/server.h"

#include <algorithm>
#include <memory>
#include <new>
#include <utility>

namespace wherry::app {
namespace {

// A connection that has only just been made will most likely send its request now. It gives way
// only after this.
constexpr std::uint32_t kFirstRequestGraceMs = 500;

// Requests that begin in one round. The port may keep all their replies until its end, and so long
// each has a workspace.
constexpr int kMostInARound = 32;

MutableBytes take(MutableBytes& memory, std::size_t size) noexcept {
  const std::size_t rounded = internal::round_up(size, Server::kAlignment);
  WHERRY_ASSERT(memory.size() >= rounded);
  const MutableBytes taken = memory.first(size);
  memory = memory.subspan(rounded);
  return taken;
}

std::span<TransferEvent> take_events(MutableBytes& memory, std::uint32_t count) noexcept {
  auto* events =
      reinterpret_cast<TransferEvent*>(take(memory, count * sizeof(TransferEvent)).data());
  std::uninitialized_value_construct_n(events, count);
  return {events, count};
}

coro::Task<> tell_no_slot(Session& session) {
  const Arrival arrival{{}, session.loop().uptime_ms()};
  co_await refuse(session, arrival, Error::no_slot);
  co_await linger(session);
}

}  // namespace

// ---------------------------------------------------------------- the server

Server::Server(const App& app, const Limits& limits, storage::Storage& storage, net::Loop& loop,
               TransferLog* log, MutableBytes memory) noexcept
    : Waiter(loop.ready_list(),
             [](Waiter& server) noexcept { static_cast<Server&>(server).begin_requests(); }),
      app_(&app),
      limits_(&limits),
      loop_(&loop),
      log_(log),
      // Of the connections, half remain for what there is to be seen.
      monitor_(*this, take_events(memory, limits.kept_events), limits.max_connections / 2),
      services_{&storage, &loop, &limits, &claims_, this, &monitor_} {
  static_assert(sizeof(Slot) % alignof(Workspace) == 0);
  const std::size_t each = sizeof(Slot) + sizeof(Workspace);
  auto* slots = reinterpret_cast<Slot*>(take(memory, limits.max_connections * each).data());
  auto* refusals =
      reinterpret_cast<Refusal*>(take(memory, limits.max_refusals * sizeof(Refusal)).data());
  auto* workspaces = reinterpret_cast<Workspace*>(slots + limits.max_connections);
  slots_ = {slots, limits.max_connections};
  workspaces_ = {workspaces, 0};
  refusals_ = {refusals, limits.max_refusals};
  if (limits.common_arena_bytes > 0) common_arena_.emplace(take(memory, limits.common_arena_bytes));
  for (Slot& place : slots_) {
    new (&place) Slot(*this);
    free_.append(place);
  }
  for (Refusal& place : refusals_) new (&place) Refusal(*this);
  if (internal::first_arena_bytes(limits) > 0) {
    const std::size_t size = limits.max_connections * sizeof(coro::Arena);
    second_arenas_ = reinterpret_cast<coro::Arena*>(take(memory, size).data());
  }
  void* place = memory.data();
  std::size_t left = memory.size();
  std::align(internal::workspace_alignment(limits), 0, place, left);
  workspace_memory_ = {static_cast<std::byte*>(place), left};
}

Server::~Server() {
  is_closing_ = true;
  for (Slot& slot : slots_) {
    slot.stop();
    slot.~Slot();
  }
  std::destroy(workspaces_.begin(), workspaces_.end());
  if (second_arenas_ != nullptr) std::destroy_n(second_arenas_, workspaces_.size());
  for (Refusal& refusal : refusals_) {
    refusal.stop();
    refusal.~Refusal();
  }
  leave_ready_list();
}

void Server::accepted(net::Connection& connection) noexcept {
  if (is_closing_) return connection.close();
  connection.set_write_idle_ms(limits_->write_idle_ms);
  Slot* slot = free_.oldest();
  if (slot == nullptr) {
    slot = find_idle_slot();
    if (slot == nullptr) return refuse(connection);
    ++evicted_count_;
    slot->stop();
  }
  slot->start(connection);
}

void Server::has_come(Slot& slot) noexcept {
  slot.move_to(&come_);
  if (!is_ready()) ready_list().push(*this);
}

// Each has a turn as if it had been on the ready list itself: a place there is 48 bytes, which
// 10,000 idle connections would have for nothing. Who has come in this very round, has it in the
// next: requests of a round have all come before it. So do those who come beyond kMostInARound.
void Server::begin_requests() noexcept {
  const auto round = static_cast<std::uint8_t>(ready_list().round());
  for (int i = 0; i < kMostInARound; ++i) {
    Slot* const slot = come_.oldest();
    if (slot == nullptr || slot->come_round() == round) break;
    ready_list().begin_turn();
    slot->go_on();
  }
  if (come_.oldest() != nullptr && !is_ready()) ready_list().push(*this);
}

Server::Slot* Server::find_idle_slot() noexcept {
  if (Slot* slot = idle_.oldest()) return slot;
  Slot* slot = waiting_.oldest();
  if (slot != nullptr && slot->gives_way()) return slot;
  // What has just come of one that was idle may be no more than its end.
  slot = come_.oldest();
  while (slot != nullptr && !slot->gives_way()) slot = slot->newer();
  return slot;
}

void Server::refuse(net::Connection& connection) noexcept {
  ++refused_count_;
  for (Refusal& refusal : refusals_) {
    if (refusal.is_free()) return refusal.start(connection);
  }
  connection.abort();
}

void Server::drain() noexcept {
  is_closing_ = true;
  while (Slot* slot = idle_.oldest()) slot->stop();
  while (Slot* slot = waiting_.oldest()) slot->stop();
}

std::size_t Server::peak_arena_bytes() const noexcept {
  std::size_t peak = 0;
  for (const Workspace& each : workspaces_) {
    const coro::Arena* const second = second_arena_of(each);
    peak =
        std::max(peak, each.arena().peak_bytes() + (second != nullptr ? second->peak_bytes() : 0));
  }
  return peak;
}

std::uint32_t Server::arena_failure_count() const noexcept {
  std::uint32_t count = common_arena_ ? common_arena_->failure_count() : 0;
  for (const Workspace& each : workspaces_) {
    const coro::Arena* const second = second_arena_of(each);
    count += each.arena().failure_count() + (second != nullptr ? second->failure_count() : 0);
  }
  return count;
}

// ---------------------------------------------------------------- what it tells

void Server::record(const TransferRecord& record) noexcept {
  monitor_.record(record);
  if (log_ != nullptr) log_->record(record);
}

Report* Server::next_running(std::uint32_t& slot) noexcept {
  for (; slot < slots_.size(); ++slot) {
    if (Report* report = slots_[slot].report()) return report;
  }
  return nullptr;
}

// The sections that another source tells where there are several loops.
void Server::report_own(StatusSink& sink) const noexcept {
  sink.section("connections");
  sink.gauge("used", connection_count_);
  sink.gauge("peak", peak_connection_count_);
  sink.gauge("limit", limits_->max_connections);
  sink.gauge("busy", busy_count_);
  sink.counter("accepted", accepted_count_);
  sink.counter("refused", refused_count_);
  sink.counter("evicted", evicted_count_);
  sink.section("transfers");
  const Counts::Totals& totals = monitor_.totals();
  sink.counter("complete", totals.complete);
  sink.counter("failed", totals.failed);
  sink.counter("received_bytes", totals.received_bytes);
  sink.counter("sent_bytes", totals.sent_bytes);
  sink.section("arena");
  sink.gauge("peak_bytes", peak_arena_bytes());
  sink.gauge("limit_bytes", limits_->arena_bytes);
  sink.counter("failures", arena_failure_count());
}

void Server::report(StatusSink& sink) const noexcept {
  if (all_loops_ != nullptr) {
    all_loops_->report(sink);
  } else {
    report_own(sink);
  }
  if (common_arena_) {
    sink.section("common_arena");
    sink.gauge("used_bytes", common_arena_->used_bytes());
    sink.gauge("peak_bytes", common_arena_->peak_bytes());
    sink.gauge("limit_bytes", limits_->common_arena_bytes);
  }
  sink.section("limits");
  sink.gauge("header_bytes", limits_->max_header_bytes);
  if (limits_->max_content_length != UINT64_MAX) {  // there is none then
    sink.gauge("content_bytes", limits_->max_content_length);
  }
  sink.gauge("body_bytes", limits_->max_body_length);
  sink.gauge("header_ms", limits_->header_ms);
  sink.gauge("body_idle_ms", limits_->body_idle_ms);
  sink.gauge("write_idle_ms", limits_->write_idle_ms);
  sink.gauge("keep_alive_idle_ms", limits_->keep_alive_idle_ms);
  if (machine_ != nullptr) machine_->report(sink);
}

// ---------------------------------------------------------------- workspaces

Server::Workspace::Workspace(Server& server, MutableBytes input_memory, MutableBytes arena_memory,
                             coro::Arena* common) noexcept
    : input_(input_memory),
      arena_(arena_memory, common),
      context_(arena_, server.loop_->ready_list()),
      session_{&context_, nullptr, &input_, server.app_, &server.services_, nullptr, &server},
      runner_(
          server.loop_->ready_list(),
          [](void* workspace, Error error) noexcept {
            static_cast<Workspace*>(workspace)->slot_->served(error);
          },
          this) {}

void Server::Workspace::start(Slot& slot, net::Connection& connection) noexcept {
  slot_ = &slot;
  session_.owner = this;
  session_.connection = &connection;
  session_.has_come_before_round = true;
  runner_.start(serve(session_));
}

void Server::Workspace::clear() noexcept {
  runner_.cancel();
  input_.forget_all();
}

void Server::Workspace::became_idle() noexcept { slot_->became_idle(); }

bool Server::Workspace::is_closing() const noexcept { return slot_->server().is_closing_; }

// Returns: nullptr where there is one arena: always, where there are no pages.
const coro::Arena* Server::second_arena_of(const Workspace& workspace) const noexcept {
  if (sizeof(void*) != 8 || second_arenas_ == nullptr) return nullptr;
  return second_arenas_ + (&workspace - workspaces_.data());
}

Server::Workspace& Server::take_workspace() noexcept {
  if (Workspace* const workspace = free_workspace_) {
    free_workspace_ = workspace->next_free;
    return *workspace;
  }
  WHERRY_ASSERT(workspaces_.size() < slots_.size());
  const std::size_t first = internal::first_arena_bytes(*limits_);
  const MutableBytes front = take(workspace_memory_, internal::front_bytes(*limits_));
  const MutableBytes input = front.subspan(first, input_bytes(*limits_));
  MutableBytes arena = take(workspace_memory_, limits_->arena_bytes);
  coro::Arena* common = common_arena_ ? &*common_arena_ : nullptr;
  if (first > 0) {
    common = new (second_arenas_ + workspaces_.size()) coro::Arena(arena, common);
    arena = front.first(first);
  }
  workspaces_ = {workspaces_.data(), workspaces_.size() + 1};
  return *new (&workspaces_.back()) Workspace(*this, input, arena, common);
}

void Server::give_back(Workspace& workspace) noexcept {
  workspace.next_free = free_workspace_;
  free_workspace_ = &workspace;
}

// ---------------------------------------------------------------- a list of slots

void Server::SlotList::append(Slot& slot) noexcept {
  slot.list_ = this;
  slot.older_ = newest_;
  slot.newer_ = nullptr;
  (newest_ != nullptr ? newest_->newer_ : oldest_) = &slot;
  newest_ = &slot;
}

void Server::SlotList::remove(Slot& slot) noexcept {
  (slot.older_ != nullptr ? slot.older_->newer_ : oldest_) = slot.newer_;
  (slot.newer_ != nullptr ? slot.newer_->older_ : newest_) = slot.older_;
  slot.list_ = nullptr;
}

// ---------------------------------------------------------------- a slot

Report* Server::Slot::report() const noexcept {
  return workspace_ == nullptr ? nullptr : workspace_->session().report;
}

bool Server::Slot::gives_way() const noexcept {
  return was_served_ || idle_ms() >= kFirstRequestGraceMs;
}

void Server::Slot::start(net::Connection& connection) noexcept {
  ++server_->accepted_count_;
  ++server_->connection_count_;
  server_->peak_connection_count_ =
      std::max(server_->peak_connection_count_, server_->connection_count_);
  connection_ = &connection;
  was_served_ = false;
  wait_for_request();
}

void Server::Slot::wait_for_request() noexcept {
  idle_since_ms_ = uptime_ms();
  move_to(was_served_ ? &server_->idle_ : &server_->waiting_);
  is_waiting_ = true;
  connection_->wait_for_input(*this, server_->limits_->keep_alive_idle_ms);
}

void Server::Slot::input_has_come(Error error) noexcept {
  is_waiting_ = false;
  is_over_ = error != Error::none;
  come_round_ = static_cast<std::uint8_t>(server_->ready_list().round());
  server_->has_come(*this);
}

void Server::Slot::go_on() noexcept {
  if (is_over_) return release();
  ++server_->busy_count_;
  move_to(nullptr);
  was_served_ = true;
  workspace_ = &server_->take_workspace();
  workspace_->start(*this, *connection_);
}

void Server::Slot::served(Error error) noexcept {
  // The server may have begun to close since the session looked.
  const bool is_over =
      error != Error::none || workspace_->session().after == After::close || server_->is_closing_;
  leave_workspace();
  is_over ? release() : wait_for_request();
}

void Server::Slot::leave_workspace() noexcept {
  if (workspace_ == nullptr) return;
  if (list_ == nullptr) --server_->busy_count_;
  workspace_->clear();
  server_->give_back(*std::exchange(workspace_, nullptr));
}

void Server::Slot::stop() noexcept {
  if (is_free()) return;
  if (std::exchange(is_waiting_, false)) connection_->stop_waiting_for_input();
  leave_workspace();
  release();
}

void Server::Slot::release() noexcept {
  std::exchange(connection_, nullptr)->close();
  --server_->connection_count_;
  move_to(&server_->free_);
}

void Server::Slot::became_idle() noexcept {
  --server_->busy_count_;
  idle_since_ms_ = uptime_ms();
  move_to(&server_->idle_);
}

void Server::Slot::move_to(SlotList* list) noexcept {
  if (list_ != nullptr) list_->remove(*this);
  if (list != nullptr) list->append(*this);
}

// ---------------------------------------------------------------- a refusal

Server::Refusal::Refusal(Server& server) noexcept
    : input_(input_memory_),
      arena_(arena_memory_),
      context_(arena_, server.loop_->ready_list()),
      session_{&context_, nullptr, &input_, server.app_, &server.services_, nullptr, &server},
      runner_(
          server.loop_->ready_list(),
          [](void* refusal, Error) noexcept {
            std::exchange(static_cast<Refusal*>(refusal)->session_.connection, nullptr)->close();
          },
          this) {}

void Server::Refusal::start(net::Connection& connection) noexcept {
  session_.connection = &connection;
  input_.forget_all();
  runner_.start(tell_no_slot(session_));
}

void Server::Refusal::stop() noexcept {
  if (is_free()) return;
  runner_.cancel();
  std::exchange(session_.connection, nullptr)->abort();
}

}  // namespace wherry::app
