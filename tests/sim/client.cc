// SPDX-License-Identifier: MIT
#include "tests/sim/client.h"

#include <algorithm>
#include <array>

#include "wherry/base/base64.h"
#include "wherry/base/number.h"
#include "wherry/base/sha256.h"
#include "wherry/base/text_writer.h"

namespace wherry::sim {
namespace {

const std::string kNames[] = {"a", "b", "folder/c", "folder/deep/d"};

std::string hex(std::uint32_t crc32) { return std::string(hex32(crc32).view()); }

}  // namespace

std::string crc32_text(const Content& content) { return hex(content.crc32); }

std::string digest_field(const Content& content, bool is_sha256, bool is_right) {
  if (!is_sha256) {
    return "X-Checksum-CRC32: " + hex(is_right ? content.crc32 : content.crc32 ^ 1) + "\r\n";
  }
  Sha256 sha256;
  sha256.update(as_bytes(std::string_view(content.bytes)));
  Sha256Value value = sha256.value();
  if (!is_right) value[0] ^= std::byte{1};
  std::array<char, 64> memory;
  TextWriter text(memory);
  append_base64(value, text);
  return "Repr-Digest: sha-256=:" + std::string(text.view()) + ":\r\n";
}

std::size_t Client::some_size() {
  switch (random().below(10)) {
    case 0:
      return random().below(2);
    case 1:
    case 2:
      return random().below(600);
    case 3:
      return random().below(4 * plan_.max_size);
    default:
      return random().below(plan_.max_size);
  }
}

ContentPtr Client::some_content() {
  return make_content(number_ * 1000 + ++content_count_, some_size());
}

std::string Client::some_name() { return kNames[random().below(std::size(kNames))]; }

Manners Client::some_manners(std::size_t size) {
  using Kind = Manners::Kind;
  Manners manners;
  if (world_.is_calm()) return manners;
  manners.is_slow_reader = random().chance(10);
  if (random().chance(55)) return manners;
  constexpr Kind kKinds[] = {Kind::stalls, Kind::breaks_off, Kind::breaks_off, Kind::ends_early,
                             Kind::vanishes};
  manners.kind = kKinds[random().below(std::size(kKinds))];
  manners.part = random().below(size + 1);
  manners.stall_ms = random().chance(10) ? random().below(90'000) : random().below(3'000);
  return manners;
}

Link& Client::link() {
  const bool is_kept = link_ && link_->is_usable() && random().chance(70);
  if (!is_kept) link_ = std::make_unique<Link>(world_);
  return *link_;
}

void Client::after(const Answer& answer, const Manners& manners) {
  using Kind = Manners::Kind;
  const bool has_ended = manners.kind == Kind::ends_early || manners.kind == Kind::breaks_off;
  if (manners.kind == Kind::vanishes) {
    vanished_.push_back(std::move(link_));
  } else if (has_ended || !answer.final || !answer.final->is_whole) {
    leave_link();
  }
}

void Client::refuse(const std::string& what, const Answer& answer) {
  std::string told = answer.final ? answer.final->head : "(nothing)";
  if (answer.final) told += "\n\n" + answer.final->body.substr(0, 400);
  throw Violation(name() + ", " + what + ": must not be told\n" + told);
}

void Client::check_status(const std::string& what, const Answer& answer,
                          std::initializer_list<int> expected) {
  // Without power every operation fails, and the same for who had to wait for a slot, a commit or
  // room on the disk.
  if (!answer.final || answer.is_lost) return;
  const int status = answer.status();
  const bool is_shortage = status == 503 || status == 507;
  if (!is_shortage && std::ranges::find(expected, status) == expected.end()) refuse(what, answer);
}

void Client::check_stored(const std::string& what, const std::string& path, const Answer& answer,
                          const Content& content) {
  if (answer.final->body.find(crc32_text(content)) == std::string::npos) {
    refuse(what + " (the CRC-32 is " + crc32_text(content) + ")", answer);
  }
  model().check_tag(path, answer.final->header("ETag"), content.crc32);
}

}  // namespace wherry::sim
