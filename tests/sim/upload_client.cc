// SPDX-License-Identifier: MIT
// A client whose uploads go on after whatever happens to them, by one of the protocols.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/sim/client.h"
#include "wherry/transfer/upload_resource.h"

namespace wherry::sim {
namespace {

using Kind = Manners::Kind;
using Part = UploadProtocol::Part;

constexpr std::uint64_t kMinuteMs = 60'000;
constexpr int kChecksumMismatch = 460;
/// When nothing is in the way any more an upload comes to its end within so many requests.
constexpr int kCalmRequests = 40;

/// What is wrong with an upload, so that it must never be stored.
enum class Flaw : std::uint8_t { none, wrong_digest, too_much, other_length };

/// One upload, as its sender knows it.
struct Upload {
  std::string path;
  ContentPtr content;
  Flaw flaw = Flaw::none;
  bool is_for_nothing_there = false;  // If-None-Match: *
  std::string fields;
  bool tells_length = false;

  std::string location;        // "": not told yet
  std::uint64_t told = 0;      // the highest offset that was told
  std::uint64_t sent_end = 0;  // no byte behind it was ever sent
  std::uint64_t touched_ms = 0;
  bool may_be_gone = false;  // there is a reason why it need not be there any more
  bool is_over = false;
  Model::Time first_end = 0;  // when its last byte was sent first
  Model::ChangePtr change;    // under way
};

class UploadClient final : public Client {
 public:
  UploadClient(World& world, const Plan& plan, std::uint32_t number)
      : Client(world, plan, number),
        protocol_(random().chance(50) ? make_ietf_protocol() : make_tus_protocol()) {}

  Script<> run() override {
    const bool trickles = plan_.is_long && number_ == 0;
    for (std::uint32_t i = 0; i < plan_.actions_each; ++i) {
      if (plan_.is_long && !trickles && i == plan_.actions_each / 2) {
        co_await world_.sleep(max_age_ms() + 5 * kMinuteMs);
      }
      trickles_now_ = trickles && i == 0;
      Upload upload = plan_upload();
      co_await send(upload);
      const std::uint64_t pause_ms = random().below(2'000);
      co_await world_.sleep(pause_ms);
    }
  }

 private:
  /// For how long an upload is kept that nobody goes on with.
  std::uint64_t max_age_ms() const {
    return std::uint64_t{world_.limits().upload_max_age_s} * 1000;
  }

  Upload plan_upload() {
    Upload upload;
    upload.path = random().chance(80) ? some_name() : "once-" + std::to_string(random().below(2));
    upload.is_for_nothing_there = upload.path.starts_with("once");
    upload.content = some_content();
    if (upload.is_for_nothing_there) upload.fields += "If-None-Match: *\r\n";
    if (!trickles_now_ && random().chance(12)) {
      upload.flaw = static_cast<Flaw>(random().between(1, 3));
      const bool has_lengths = !protocol_->ends_by_length() && upload.content->bytes.size() > 10;
      if (!has_lengths) upload.flaw = Flaw::wrong_digest;
    }
    if (upload.flaw == Flaw::wrong_digest || random().chance(30)) {
      upload.fields +=
          digest_field(*upload.content, random().chance(60), upload.flaw != Flaw::wrong_digest);
    }
    upload.tells_length =
        protocol_->ends_by_length() || upload.flaw > Flaw::wrong_digest || random().chance(50);
    return upload;
  }

  std::string describe(const Upload& upload) const {
    return upload.path + " content " + std::to_string(upload.content->id) + " of " +
           std::to_string(upload.content->bytes.size()) + " bytes, " + upload.location;
  }

  Script<> send(Upload& upload) {
    trace("upload of " + describe(upload) + " " + upload.fields.substr(0, 15));
    older_.clear();
    int calm_requests = 0;
    while (!upload.is_over) {
      if (world_.is_calm() && ++calm_requests > kCalmRequests) {
        throw Violation(name() + ": the upload of " + describe(upload) + " never ends");
      }
      if (upload.location.empty()) {
        co_await create(upload);
      } else {
        co_await go_on(upload);
      }
      const std::uint64_t pause_ms = random().chance(80) ? random().below(1'000) : 20'000;
      co_await world_.sleep(pause_ms);
    }
    trace("upload of " + describe(upload) + " is over");
  }

  // ------------------------------------------------------------ what is said

  /// The next part, from `offset` on.
  Part next_part(const Upload& upload, std::uint64_t offset) {
    const std::string_view bytes = upload.content->bytes;
    Part part;
    part.offset = offset;
    part.bytes = bytes.substr(offset);
    part.is_last = random().chance(40) || world_.is_calm();
    if (!part.is_last) part.bytes = part.bytes.substr(0, random().below(part.bytes.size() + 1));
    if (trickles_now_) {
      part.bytes = bytes.substr(offset);
      part.is_last = true;
    }
    if (protocol_->ends_by_length()) {
      part.is_last = offset + part.bytes.size() == bytes.size();
      part.has_checksum = random().chance(30);
      part.is_checksum_right = world_.is_calm() || random().chance(70);
    }
    if (upload.tells_length) part.length = bytes.size();
    if (upload.flaw == Flaw::too_much) part.length = bytes.size() - 5;
    if (upload.flaw == Flaw::other_length) part.length = bytes.size() + 5;
    return part;
  }

  Manners manners_for(const Upload& upload, std::size_t size) {
    Manners manners = some_manners(size);
    if (trickles_now_ && !upload.location.empty() && !world_.is_calm()) {
      manners = Manners();
      manners.kind = Kind::dribbles;
      manners.part = size - std::min<std::size_t>(size, 2'200);
      manners.stall_ms = max_age_ms() + 10 * kMinuteMs;
    }
    return manners;
  }

  // Of half a HEAD the server cannot know that it is one: its refusal has a body.
  Manners manners_for_head() {
    Manners manners;
    if (world_.is_calm() || random().chance(90)) return manners;
    manners.kind = random().chance(50) ? Kind::breaks_off : Kind::vanishes;
    manners.part = random().below(200);
    manners.stall_ms = random().below(500);
    return manners;
  }

  void part_is_sent(Upload& upload, const Part& part) {
    upload.sent_end = std::max(upload.sent_end, part.offset + part.bytes.size());
    if (!part.is_last) return;
    upload.change = model().begin(upload.path, upload.content);
    if (upload.first_end == 0) upload.first_end = upload.change->begin;
  }

  // ------------------------------------------------------------ what is told

  void note_offset(Upload& upload, std::uint64_t offset) {
    if (offset < upload.told || offset > upload.sent_end) {
      throw Violation(name() + ": of " + describe(upload) + " offset " + std::to_string(offset) +
                      " is told; " + std::to_string(upload.told) + " was told before, and " +
                      std::to_string(upload.sent_end) + " bytes were sent");
    }
    upload.told = offset;
    upload.touched_ms = world_.now_ms();
  }

  void is_stored(Upload& upload, const std::string& what, const Answer& answer) {
    if (upload.flaw != Flaw::none) refuse(what + " (it was wrong)", answer);
    const std::string& head = answer.final->head;
    const std::string crc32 = crc32_text(*upload.content);
    const bool tells = answer.final->body.find(crc32) != std::string::npos ||
                       head.find(crc32) != std::string::npos;
    if (!tells) refuse(what + " (the CRC-32 is " + crc32 + ")", answer);
    if (!upload.change) refuse(what + " (its end was not sent)", answer);
    // It may have been in its place before the power went, and another may have come since.
    model().acknowledge(upload.change, upload.first_end);
    if (upload.is_for_nothing_there) model().won(upload.path, "");
    upload.is_over = true;
  }

  void is_gone(Upload& upload, const std::string& what, const Answer& answer) {
    const bool is_old = world_.now_ms() - upload.touched_ms > max_age_ms();
    if (!upload.may_be_gone && !is_old && upload.first_end == 0) refuse(what, answer);
    upload.is_over = true;
  }

  /// Looks at interim replies: where the upload is.
  void take_interim(Upload& upload, const Answer& answer) {
    for (const app::Reply& reply : answer.interim) {
      const UploadProtocol::Told told = protocol_->told(reply);
      if (told.location) upload.location = *told.location;
      if (told.offset) note_offset(upload, *told.offset);
    }
  }

  /// What every reply to bytes may tell.
  void take_reply(Upload& upload, const Part& part, const std::string& what, const Answer& answer) {
    upload.touched_ms = world_.now_ms();
    take_interim(upload, answer);
    if (!answer.final || answer.is_lost) return take_success(upload, part, what, answer);
    const int status = answer.status();
    if (status / 100 != 2 && upload.change) {
      model().refuse(upload.change);
      upload.change = nullptr;
    }
    if (status == 404) return is_gone(upload, what, answer);
    if (status == kChecksumMismatch && (!part.has_checksum || part.is_checksum_right)) {
      refuse(what, answer);
    }
    if (!is_finally_refused(upload, what, answer)) take_success(upload, part, what, answer);
  }

  bool is_finally_refused(Upload& upload, const std::string& what, const Answer& answer) {
    const int status = answer.status();
    if (status != 422 && status != 412 && (status != 400 || !is_flawed(upload))) return false;
    const bool is_explained =
        status == 412 ? upload.is_for_nothing_there : upload.flaw != Flaw::none;
    if (!is_explained) refuse(what, answer);
    upload.is_over = true;
    return true;
  }

  static bool is_flawed(const Upload& upload) {
    return upload.flaw == Flaw::too_much || upload.flaw == Flaw::other_length;
  }

  void take_success(Upload& upload, const Part& part, const std::string& what,
                    const Answer& answer) {
    if (!answer.is_success()) return;
    if (part.has_checksum && !part.is_checksum_right) refuse(what + " (wrong checksum)", answer);
    const UploadProtocol::Told told = protocol_->told(*answer.final);
    if (part.is_last) return is_stored(upload, what, answer);
    if (told.location) upload.location = *told.location;
    if (!told.offset || *told.offset != part.offset + part.bytes.size()) refuse(what, answer);
    note_offset(upload, *told.offset);
  }

  // ------------------------------------------------------------ requests

  Script<> create(Upload& upload) {
    Part part = next_part(upload, 0);
    if (trickles_now_) {
      part.bytes = {};
      part.is_last = protocol_->ends_by_length() && upload.content->bytes.empty();
    }
    part.fields = upload.fields;
    std::string request = protocol_->create(upload.path, part);
    const Manners manners = manners_for(upload, request.size());
    const std::string what = "creation of " + describe(upload) + " with " +
                             std::to_string(part.bytes.size()) + (part.is_last ? ", all" : "");
    part_is_sent(upload, part);
    const Answer answer =
        co_await link().ask(protocol_->create_method(), std::move(request), manners);
    trace(what + " -> " + std::to_string(answer.status()));
    after(answer, manners);
    take_reply(upload, part, what, answer);
    note_vanished(upload, manners);
    const int cut = manners.kind == Kind::sends_all ? 0 : 400;
    check_status(what, answer,
                 {200, 201, 204, 412, 422, 408, kChecksumMismatch, is_flawed(upload) ? 400 : cut});
    // Nothing is known of it: what comes next is another upload. The first may still be there.
    if (!upload.location.empty() || upload.is_over) co_return;
    if (upload.change && answer.final && !answer.is_lost) upload.change = nullptr;
    upload.told = upload.sent_end = 0;
    if (answer.status() == 507 && random().chance(50)) upload.is_over = true;
  }

  Script<> go_on(Upload& upload) {
    if (!world_.is_calm() && random().chance(6)) {
      co_await cancel(upload);
      co_return;
    }
    const bool is_asked = co_await find_out(upload);
    if (!is_asked || upload.is_over || (!world_.is_calm() && random().chance(10))) co_return;
    co_await append(upload);
  }

  /// Asks where it goes on. From then on nothing of older requests may be added: if one is still
  /// open, it goes on with bytes that must never be there.
  Script<bool> find_out(Upload& upload) {
    const std::string what = "HEAD " + describe(upload);
    const Manners manners = manners_for_head();
    // Who has all bytes may be given its place by being asked for.
    const bool may_end = protocol_->ends_by_length() && upload.first_end != 0;
    const Model::ChangePtr by_asking =
        may_end ? model().begin(upload.path, upload.content) : nullptr;
    const Answer answer =
        co_await link().ask("HEAD", protocol_->find_out(upload.location), manners);
    trace(what + " -> " + std::to_string(answer.status()));
    after(answer, manners);
    if (!answer.final || answer.is_lost) co_return false;
    const UploadProtocol::Told told = protocol_->told(*answer.final);
    const bool is_complete = answer.is_success() && told.is_complete;
    if (by_asking && !is_complete) model().refuse(by_asking);
    if (by_asking && is_complete) upload.change = by_asking;
    if (answer.status() == 404) is_gone(upload, what, answer);
    check_status(what, answer, {200, 204, 404, 400, 408, 412, 422});
    static_cast<void>(is_finally_refused(upload, what, answer));
    if (!answer.is_success()) co_return false;
    if (is_complete) {
      if (upload.change == nullptr && upload.first_end != 0) {
        upload.change = model().begin(upload.path, upload.content);
      }
      is_stored(upload, what, answer);
      co_return true;
    }
    if (!told.offset) refuse(what, answer);
    note_offset(upload, *told.offset);
    upload.sent_end = *told.offset;
    for (Link* older : std::exchange(older_, {})) older->send_late(std::string(500, '!'));
    co_return true;
  }

  Script<> append(Upload& upload) {
    const Part part = next_part(upload, upload.told);
    std::string request = protocol_->append(upload.location, part);
    const Manners manners = manners_for(upload, request.size());
    const std::string what = "PATCH " + describe(upload) + " at " + std::to_string(part.offset) +
                             " with " + std::to_string(part.bytes.size()) +
                             (part.is_last ? ", the last" : "");
    part_is_sent(upload, part);
    const Answer answer = co_await link().ask("PATCH", std::move(request), manners);
    trace(what + " -> " + std::to_string(answer.status()));
    after(answer, manners);
    take_reply(upload, part, what, answer);
    note_vanished(upload, manners);
    const int cut = manners.kind == Kind::sends_all ? 0 : 400;
    check_status(
        what, answer,
        {200, 201, 204, 404, 412, 422, 408, kChecksumMismatch, is_flawed(upload) ? 400 : cut});
    // Others may have all the room for as long as uploads are kept.
    const bool gives_up = answer.status() == 507 && random().chance(world_.is_calm() ? 70 : 20);
    if (gives_up && !upload.is_over) co_await cancel(upload);
  }

  Script<> cancel(Upload& upload) {
    upload.may_be_gone = true;
    const std::string what = "DELETE " + describe(upload);
    const Answer answer =
        co_await link().ask("DELETE", protocol_->cancel(upload.location), Manners());
    trace(what + " -> " + std::to_string(answer.status()));
    after(answer, Manners());
    check_status(what, answer, {204, 404});
    if (!answer.is_success()) co_return;
    const Answer again =
        co_await link().ask("HEAD", protocol_->find_out(upload.location), Manners());
    after(again, Manners());
    check_status(what + ", and HEAD", again, {404});
    upload.is_over = true;
  }

  /// Remembers the connection of a request whose sender has vanished, if it was for this upload as
  /// far as he knows.
  void note_vanished(const Upload& upload, const Manners& manners) {
    const bool is_known = !upload.location.empty();
    if (manners.kind == Kind::vanishes && is_known) older_.push_back(vanished_.back().get());
  }

  std::unique_ptr<UploadProtocol> protocol_;
  std::vector<Link*> older_;  // of requests for the upload that is under way
  bool trickles_now_ = false;
};

}  // namespace

std::unique_ptr<Client> make_upload_client(World& world, const Plan& plan, std::uint32_t number) {
  return std::make_unique<UploadClient>(world, plan, number);
}

}  // namespace wherry::sim
