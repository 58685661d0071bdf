// SPDX-License-Identifier: MIT
#include "cli/client/exchange.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <new>

#include "cli/client/cancel.h"
#include "cli/client/format.h"
#include "cli/client/json.h"
#include "cli/client/names.h"
#include "wherry/base/ascii.h"
#include "wherry/base/number.h"

namespace wherry::cli {
namespace {

constexpr long kBuffer = 256 * 1024;
// What the kernel may hold that it has not sent: lost with the connection, and sent again.
constexpr int kUnsentBytes = 128 * 1024;

struct ListCleanup {
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, ListCleanup>;

void append(List& list, const std::string& field) {
  curl_slist* const shorter = list.release();
  curl_slist* const longer = curl_slist_append(shorter, field.c_str());
  list.reset(longer != nullptr ? longer : shorter);
  if (longer == nullptr) throw std::bad_alloc();
}

int prepare_socket(void*, curl_socket_t socket, curlsocktype) {
  setsockopt(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kUnsentBytes, sizeof(kUnsentBytes));
  return CURL_SOCKOPT_OK;
}

Failure failure_of(CURLcode code) {
  switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_TOO_MANY_REDIRECTS:
    case CURLE_WEIRD_SERVER_REPLY:
      return Failure::unsupported;
    case CURLE_OPERATION_TIMEDOUT:
      return Failure::timed_out;
    default:
      return Failure::network;
  }
}

/// Whether there was a connection, and it ended too early.
bool is_cut(CURLcode code) {
  return code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR || code == CURLE_PARTIAL_FILE ||
         code == CURLE_GOT_NOTHING;
}

double seconds_of(CURL* curl, CURLINFO which) {
  curl_off_t microseconds = 0;
  curl_easy_getinfo(curl, which, &microseconds);
  return static_cast<double>(microseconds) / 1e6;
}

}  // namespace

/// What libcurl calls back during one exchange.
class Exchanger::Running {
 public:
  Running(const Request& request, const ExchangeOptions& options, Reply& reply)
      : request_(request), options_(options), reply_(reply), last_change_(Clock::now()) {}

  void connect(CURL* curl) {
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, this);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_write);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(curl, CURLOPT_READDATA, this);
    curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, on_seek);
    curl_easy_setopt(curl, CURLOPT_SEEKDATA, this);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, this);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  }

  /// Why this side ended the exchange; none: it did not.
  Failure ended() const noexcept { return ended_; }

  /// An empty body has a beginning too.
  void finish() {
    if (reply_.head.status != 0) begin_body();
  }

 private:
  static std::size_t on_header(char* data, std::size_t, std::size_t size, void* self) {
    return static_cast<Running*>(self)->header({data, size}) ? size : 0;
  }
  static std::size_t on_write(char* data, std::size_t, std::size_t size, void* self) {
    return static_cast<Running*>(self)->write({data, size}) ? size : size + 1;
  }
  static std::size_t on_read(char* into, std::size_t, std::size_t size, void* self) {
    return static_cast<Running*>(self)->read({into, size});
  }
  static int on_seek(void* self, curl_off_t offset, int) {
    auto& running = *static_cast<Running*>(self);
    const bool found = running.request_.body != nullptr &&
                       running.request_.body->seek(static_cast<std::uint64_t>(offset));
    return found ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
  }
  static int on_progress(void* self, curl_off_t, curl_off_t received, curl_off_t, curl_off_t sent) {
    return static_cast<Running*>(self)->progress(static_cast<std::uint64_t>(sent),
                                                 static_cast<std::uint64_t>(received));
  }

  bool header(std::string_view line) {
    last_change_ = Clock::now();
    if (line.starts_with("HTTP/")) {
      head_ = {};
      std::string_view rest = line;
      split_next(rest, ' ');
      const auto status = parse_decimal(rest.substr(0, 3));
      head_.status = status ? static_cast<int>(*status) : 0;
      return true;
    }
    if (line == "\r\n" || line == "\n") return end_of_head();
    const std::size_t colon = line.find(':');
    if (colon == line.npos) return true;
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && (value.back() == '\n' || value.back() == '\r')) value.remove_suffix(1);
    head_.fields.emplace_back(line.substr(0, colon), trim_ows(value));
    return true;
  }

  bool end_of_head() {
    if (head_.status == 0) return true;  // trailers
    if (head_.status >= 200) {
      reply_.head = std::move(head_);
    } else if (head_.status != 101 && request_.on_interim && !request_.on_interim(head_)) {
      ended_ = Failure::aborted;
      return false;
    }
    head_ = {};
    return true;
  }

  void begin_body() {
    if (has_begun_) return;
    has_begun_ = true;
    goes_to_sink_ = request_.sink != nullptr && request_.sink->begin(reply_.head);
  }

  bool write(std::string_view data) {
    begin_body();
    reply_.received_bytes += data.size();
    if (!goes_to_sink_) {
      reply_.body.append(data.substr(0, kMaxKeptBody - std::min(kMaxKeptBody, reply_.body.size())));
      return true;
    }
    if (request_.sink->write(as_bytes(data))) return true;
    ended_ = Failure::local;
    return false;
  }

  std::size_t read(std::span<char> into) {
    const auto size = request_.body != nullptr ? request_.body->read(into) : std::size_t{0};
    if (size) return *size;
    ended_ = Failure::local;
    return CURL_READFUNC_ABORT;
  }

  int progress(std::uint64_t sent, std::uint64_t received) {
    const auto now = Clock::now();
    if (sent != sent_ || received != received_) {
      last_change_ = now;
      sent_ = sent;
      received_ = received;
      if (request_.on_progress) request_.on_progress(sent, received);
    }
    if (is_cancelled() && !request_.ignores_signals) {
      ended_ = Failure::cancelled;
    } else if (options_.deadline && now >= *options_.deadline) {
      ended_ = Failure::deadline;
    } else if (now - last_change_ > std::chrono::milliseconds(options_.idle_timeout_ms)) {
      ended_ = Failure::timed_out;
    }
    return ended_ == Failure::none ? 0 : 1;
  }

  const Request& request_;
  const ExchangeOptions& options_;
  Reply& reply_;
  ReplyHead head_;
  Clock::time_point last_change_;
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
  Failure ended_ = Failure::none;
  bool has_begun_ = false;
  bool goes_to_sink_ = false;
};

Exchanger::Exchanger() : curl_(curl_easy_init()) {
  if (curl_ == nullptr) throw std::bad_alloc();
}

Exchanger::~Exchanger() { curl_easy_cleanup(curl_); }

void Exchanger::disconnect() { wants_fresh_ = true; }

void Exchanger::measure_link(int socket) noexcept {
  tcp_info info{};
  socklen_t size = sizeof(info);
  if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return;
  link_ = {info.tcpi_total_retrans, static_cast<double>(info.tcpi_rtt) / 1e6};
}

namespace {

void set_method(CURL* curl, const Request& request) {
  if (request.body != nullptr) {
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.body->size()));
  } else if (request.method == "HEAD") {
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  }
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

void set_common(CURL* curl, const Request& request, const ExchangeOptions& options) {
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "wherry/" WHERRY_VERSION);
  curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, kBuffer);
  curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, kBuffer);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.idle_timeout_ms));
  curl_easy_setopt(curl, CURLOPT_SOCKOPTFUNCTION, prepare_socket);
  if (request.follows_redirects) {
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 10L);
  }
}

List fields_of(const Request& request, const ExchangeOptions& options) {
  List list;
  for (const std::string& field : request.fields) append(list, field);
  if (!options.fields.empty() && same_origin(request.url, options.origin)) {
    for (const std::string& field : options.fields) append(list, field);
  }
  return list;
}

void take_facts(CURL* curl, Reply& reply) {
  curl_off_t sent = 0;
  curl_easy_getinfo(curl, CURLINFO_SIZE_UPLOAD_T, &sent);
  reply.sent_bytes = static_cast<std::uint64_t>(std::max<curl_off_t>(sent, 0));
  const char* url = nullptr;
  curl_easy_getinfo(curl, CURLINFO_EFFECTIVE_URL, &url);
  if (url != nullptr) reply.url = url;
  reply.timing.resolved = seconds_of(curl, CURLINFO_NAMELOOKUP_TIME_T);
  reply.timing.connected = seconds_of(curl, CURLINFO_CONNECT_TIME_T);
  reply.timing.secured = seconds_of(curl, CURLINFO_APPCONNECT_TIME_T);
  reply.timing.first_byte = seconds_of(curl, CURLINFO_STARTTRANSFER_TIME_T);
  reply.timing.total = seconds_of(curl, CURLINFO_TOTAL_TIME_T);
}

std::string_view sentence_of(Failure failure) {
  switch (failure) {
    case Failure::timed_out:
      return "nothing came or went for too long (--idle-timeout)";
    case Failure::deadline:
      return "the time is up (--timeout)";
    case Failure::cancelled:
      return "interrupted";
    default:
      return {};
  }
}

}  // namespace

Reply Exchanger::perform(const Request& request) {
  Reply reply;
  Running running(request, options_, reply);
  curl_easy_reset(curl_);
  std::array<char, CURL_ERROR_SIZE> text{};
  curl_easy_setopt(curl_, CURLOPT_ERRORBUFFER, text.data());
  set_common(curl_, request, options_);
  set_method(curl_, request);
  running.connect(curl_);
  if (wants_fresh_) curl_easy_setopt(curl_, CURLOPT_FRESH_CONNECT, 1L);
  wants_fresh_ = false;
  const List fields = fields_of(request, options_);
  curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, fields.get());

  const CURLcode code = curl_easy_perform(curl_);
  take_facts(curl_, reply);
  curl_socket_t socket = CURL_SOCKET_BAD;
  curl_easy_getinfo(curl_, CURLINFO_ACTIVESOCKET, &socket);
  if (socket != CURL_SOCKET_BAD) measure_link(socket);
  if (code == CURLE_OK) {
    running.finish();
    return reply;
  }
  reply.failure = running.ended() != Failure::none ? running.ended() : failure_of(code);
  reply.what = sentence_of(reply.failure);
  if (!reply.what.empty()) return reply;
  reply.what = text[0] != '\0' ? text.data() : curl_easy_strerror(code);
  if (is_cut(code)) reply.what = "the connection was cut (" + reply.what + ")";
  return reply;
}

std::string explain(const Reply& reply) {
  if (reply.failure != Failure::none) return printable(reply.what);
  std::string sentence = "the server says " + std::to_string(reply.status());
  const auto error = json_text(reply.body, "error");
  if (error) sentence += ": " + printable(*error);
  return sentence;
}

}  // namespace wherry::cli
