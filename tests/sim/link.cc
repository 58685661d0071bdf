// SPDX-License-Identifier: MIT
#include "tests/sim/link.h"

#include <algorithm>
#include <utility>

namespace wherry::sim {
namespace {

// Longer than all limits of the server: whoever gets no answer by then gets none.
constexpr std::uint64_t kPatienceMs = 300'000;
// Shorter than the server waits for a byte.
constexpr std::uint64_t kDribbleMs = 45'000;

std::string describe(const Manners& manners, std::size_t part, const std::string& request) {
  static constexpr const char* kTexts[] = {"takes its reply late", "stalls", "dribbles",
                                           "breaks off",           "ends",   "vanishes"};
  return request.substr(0, request.find(" HTTP")) + ": " +
         kTexts[static_cast<std::size_t>(manners.kind)] + " after " + std::to_string(part) +
         " of " + std::to_string(request.size()) + " bytes, waits for " +
         std::to_string(manners.stall_ms) + " ms";
}

}  // namespace

Link::Link(World& world) : world_(world), peer_(world.connect(*this)), life_(world.life()) {}

Link::~Link() {
  world_.forget(*this);
  if (!has_vanished_) peer_.reset();
}

void Link::power_went() {
  if (!text_at_end_) text_at_end_ = peer_.received();
}

std::string_view Link::text() const {
  return std::string_view(text_at_end_ ? *text_at_end_ : peer_.received()).substr(taken_);
}

bool Link::is_over() const { return is_lost() || peer_.has_seen_end() || peer_.was_reset(); }

// Who is refused before his request was read cannot be known to have sent a HEAD: the refusal has a
// body, with which the connection ends.
std::vector<app::Reply> Link::replies() const {
  std::string_view received = text();
  const std::size_t end = received.find("\r\n\r\n");
  const bool is_closing =
      received.substr(0, end).find("\r\nConnection: close") != std::string_view::npos;
  if (method_ == "HEAD" && is_closing) received = received.substr(0, end + 4);
  return app::read_replies(received, {method_}, is_over());
}

// Replies are read again only when something has come.
bool Link::has_answer() {
  if (is_over()) return true;
  if (text().size() == looked_at_) return false;
  looked_at_ = text().size();
  const std::vector<app::Reply> all = replies();
  return !all.empty() && all.back().status >= 200 && all.back().is_whole;
}

Script<> Link::dribble(std::string_view rest, std::size_t& sent, std::uint64_t for_ms) {
  const std::uint64_t end_ms = world_.now_ms() + for_ms;
  while (world_.now_ms() < end_ms && sent + 1 < rest.size() && !has_answer()) {
    peer_.send(rest.substr(sent++, 1));
    co_await world_.until([this] { return is_lost(); }, kDribbleMs);
  }
}

Script<Answer> Link::ask(std::string method, std::string request, Manners manners) {
  using Kind = Manners::Kind;
  method_ = std::move(method);
  looked_at_ = 0;
  const bool sends_all = manners.kind == Kind::sends_all;
  const std::size_t part = sends_all ? request.size() : std::min(manners.part, request.size());
  if (!sends_all || manners.is_slow_reader) world_.trace("    " + describe(manners, part, request));
  peer_.send(std::string_view(request).substr(0, part));
  if (manners.is_slow_reader) {
    peer_.stop_reading();
    co_await world_.until([this] { return is_lost(); }, 3'000);
    peer_.read_again();
  }
  std::size_t sent = part;
  if (manners.kind == Kind::dribbles) {
    co_await dribble(request, sent, manners.stall_ms);
  } else if (!sends_all && manners.stall_ms > 0) {
    co_await world_.until([this] { return has_answer(); }, manners.stall_ms);
  }
  const bool goes_on = manners.kind == Kind::stalls || manners.kind == Kind::dribbles;
  if (goes_on) peer_.send(std::string_view(request).substr(sent));
  if (manners.kind == Kind::ends_early) peer_.finish_sending();
  if (manners.kind == Kind::breaks_off) peer_.reset();
  has_vanished_ = manners.kind == Kind::vanishes;

  Answer answer;
  if (manners.kind != Kind::breaks_off && manners.kind != Kind::vanishes) {
    const bool has_come = co_await world_.until([this] { return has_answer(); }, kPatienceMs);
    if (!has_come) throw Violation("no answer to " + request.substr(0, request.find("\r\n")));
  }
  answer.interim = replies();
  answer.is_lost = is_lost();
  if (!answer.interim.empty() && answer.interim.back().status >= 200) {
    answer.final = std::move(answer.interim.back());
    answer.interim.pop_back();
    has_closed_ = answer.final->closes();
  }
  taken_ += text().size();
  co_return answer;
}

}  // namespace wherry::sim
