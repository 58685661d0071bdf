// SPDX-License-Identifier: MIT
#include "wherry/net/lwip/wire_for_test.h"

#include <algorithm>
#include <utility>

namespace wherry::net::lwip {
namespace {

std::uint64_t now_ms = 1000;
std::deque<std::vector<std::uint8_t>> packets;  // on the wire
netif interface;
std::array<std::byte, 65'536> flash;

std::uint64_t uptime_ms() noexcept { return now_ms; }

err_t send_packet(netif*, pbuf* packet, const ip4_addr_t*) noexcept {
  std::vector<std::uint8_t> bytes(packet->tot_len);
  pbuf_copy_partial(packet, bytes.data(), packet->tot_len, 0);
  packets.push_back(std::move(bytes));
  return ERR_OK;
}

err_t prepare_interface(netif* fresh) noexcept {
  fresh->name[0] = fresh->name[1] = 't';
  fresh->mtu = 1500;
  fresh->output = &send_packet;
  fresh->flags = NETIF_FLAG_LINK_UP;
  return ERR_OK;
}

ip_addr_t own_address() noexcept {
  ip_addr_t address;
  IP_ADDR4(&address, 192, 0, 2, 1);
  return address;
}

void start_lwip_once() {
  static const bool is_started = [] {
    lwip_init();
    const ip_addr_t address = own_address();
    ip4_addr_t netmask;
    IP4_ADDR(&netmask, 255, 255, 255, 0);
    netif_add(&interface, ip_2_ip4(&address), &netmask, nullptr, nullptr, &prepare_interface,
              &ip_input);
    netif_set_default(&interface);
    netif_set_up(&interface);
    for (std::size_t i = 0; i < flash.size(); ++i) flash[i] = static_cast<std::byte>(i * 7);
    return true;
  }();
  static_cast<void>(is_started);
}

}  // namespace

Bytes flash_for_test() { return flash; }

// ---------------------------------------------------------------- the server

Session::Session(LwipLoop& its_loop)
    : loop(its_loop),
      scope(arena, its_loop.ready_list()),
      runner(
          its_loop.ready_list(),
          [](void* self, Error error) noexcept {
            auto& session = *static_cast<Session*>(self);
            session.outcomes.push_back(error);
            std::exchange(session.connection, nullptr)->close();
          },
          this) {}

TestServer::TestServer(LwipLoop& loop, Session::Serve serve) : loop_(loop), serve_(serve) {}

TestServer::~TestServer() {
  for (Session& session : sessions) {
    session.runner.cancel();
    if (session.connection != nullptr) session.connection->close();
  }
}

void TestServer::accepted(Connection& connection) noexcept {
  if (aborts) return connection.abort();
  Session& session = sessions.emplace_back(loop_);
  session.connection = &connection;
  session.runner.start(serve_(session));
}

void TestServer::stop_session() {
  for (Session& session : sessions) {
    if (session.connection == nullptr) continue;
    session.runner.cancel();
    std::exchange(session.connection, nullptr)->close();
  }
}

// ---------------------------------------------------------------- a client

struct Client::Callbacks {
  static err_t on_connected(void* client, tcp_pcb*, err_t) noexcept {
    static_cast<Client*>(client)->is_connected = true;
    return ERR_OK;
  }
  static err_t on_received(void* client, tcp_pcb* control, pbuf* segment, err_t) noexcept {
    auto& self = *static_cast<Client*>(client);
    if (segment == nullptr) {
      self.has_seen_end = true;
      return ERR_OK;
    }
    const std::size_t begin = self.received.size();
    self.received.resize(begin + segment->tot_len);
    pbuf_copy_partial(segment, self.received.data() + begin, segment->tot_len, 0);
    if (self.is_reading_) {
      tcp_recved(control, segment->tot_len);
    } else {
      self.untold_ = static_cast<u16_t>(self.untold_ + segment->tot_len);
    }
    pbuf_free(segment);
    return ERR_OK;
  }
  static void on_gone(void* client, err_t) noexcept {
    auto& self = *static_cast<Client*>(client);
    self.control_ = nullptr;
    self.is_gone = true;
  }
};

Client::Client(std::uint16_t port) : control_(tcp_new()) {
  tcp_arg(control_, this);
  tcp_recv(control_, &Callbacks::on_received);
  tcp_err(control_, &Callbacks::on_gone);
  tcp_nagle_disable(control_);
  const ip_addr_t address = own_address();
  EXPECT_EQ(tcp_connect(control_, &address, port, &Callbacks::on_connected), ERR_OK);
}

Client::~Client() {
  if (control_ == nullptr) return;
  tcp_arg(control_, nullptr);
  tcp_recv(control_, nullptr);
  tcp_err(control_, nullptr);
  tcp_abort(control_);
}

std::size_t Client::send(std::string_view bytes) {
  if (control_ == nullptr) return 0;
  const auto size = static_cast<u16_t>(std::min<std::size_t>(bytes.size(), tcp_sndbuf(control_)));
  if (tcp_write(control_, bytes.data(), size, TCP_WRITE_FLAG_COPY) != ERR_OK) return 0;
  tcp_output(control_);
  return size;
}

void Client::finish_sending() { tcp_shutdown(control_, 0, 1); }

void Client::reset() {
  tcp_err(control_, nullptr);
  tcp_abort(std::exchange(control_, nullptr));
}

void Client::read_again() {
  is_reading_ = true;
  if (control_ != nullptr) tcp_recved(control_, std::exchange(untold_, u16_t{0}));
}

// ---------------------------------------------------------------- the whole

LwipTest::LwipTest() : loop(&uptime_ms, flash_for_test()) { start_lwip_once(); }

LwipTest::~LwipTest() {
  loses = {};
  server.reset();
  listener.reset();
  // As long as it takes the last connection to be forgotten.
  constexpr std::uint32_t kForgottenMs = 20 * 60 * 1000;
  const auto& pcbs = *lwip_stats.memp[MEMP_TCP_PCB];
  run(kForgottenMs, [&pcbs] { return pcbs.used == 0; });
  for (const memp_t pool :
       {MEMP_TCP_PCB, MEMP_TCP_PCB_LISTEN, MEMP_TCP_SEG, MEMP_PBUF, MEMP_PBUF_POOL}) {
    EXPECT_EQ(lwip_stats.memp[pool]->used, 0) << "pool " << pool;
  }
  EXPECT_EQ(lwip_stats.mem.used, 0u);
}

void LwipTest::serve(Session::Serve task) {
  server = std::make_unique<TestServer>(loop, task);
  listener = std::make_unique<LwipListener>(loop, *server, connections);
  ASSERT_TRUE(listener->open(kPort).has_value());
}

void LwipTest::run(std::uint32_t ms, const std::function<bool()>& until) {
  for (const std::uint64_t end_ms = now_ms + ms; now_ms < end_ms; ++now_ms) {
    do {
      carry_packets();
    } while (loop.run_once() || !packets.empty());
    if (until && until()) return;
  }
}

void LwipTest::put_on_wire(Packet packet) { packets.push_back(std::move(packet)); }

void LwipTest::carry_packets() {
  for (std::size_t count = packets.size(); count > 0; --count) {
    const std::vector<std::uint8_t> packet = std::move(packets.front());
    packets.pop_front();
    ++packet_count;
    if (loses && loses(packet)) continue;
    pbuf* const buffer = pbuf_alloc(PBUF_RAW, static_cast<u16_t>(packet.size()), PBUF_POOL);
    if (buffer == nullptr) continue;  // as a controller does
    pbuf_take(buffer, packet.data(), static_cast<u16_t>(packet.size()));
    if (interface.input(buffer, &interface) != ERR_OK) pbuf_free(buffer);
  }
}

void LwipTest::send_all(Client& client, std::string_view bytes) {
  for (int tries = 0; !bytes.empty() && tries < 100'000 && !client.is_gone; ++tries) {
    bytes.remove_prefix(client.send(bytes));
    run(1);
  }
  EXPECT_TRUE(bytes.empty());
}

std::uint32_t LwipTest::pool_buffers_in_use() { return lwip_stats.memp[MEMP_PBUF_POOL]->used; }

}  // namespace wherry::net::lwip

extern "C" {
std::uint32_t sys_now() { return static_cast<std::uint32_t>(wherry::net::lwip::now_ms); }
std::uint32_t wherry_lwip_random() {
  static std::uint32_t state = 1;
  return state = state * 1664525 + 1013904223;
}
}
