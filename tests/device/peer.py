# SPDX-License-Identifier: MIT
"""The other end of a board's cable: Ethernet frames by UDP datagrams (QEMU's `-nic socket,udp=`).
It gives leases by DHCP (RFC 2131), answers ARP, and sees what the board sends."""

import socket
import struct
import threading
import time

OWN_MAC = bytes.fromhex("525400000001")
BROADCAST = b"\xff" * 6
OWN = "10.9.0.1"

DISCOVER, OFFER, REQUEST, ACK, NAK = 1, 2, 3, 5, 6


def packed(address):
    return socket.inet_aton(address)


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ip_packet(protocol, source, target, payload):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 1, 0, 64, protocol, 0,
                       packed(source), packed(target))
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def options_of(dhcp):
    options, rest = {}, dhcp[240:]
    while rest and rest[0] != 255:
        if rest[0] == 0:
            rest = rest[1:]
            continue
        options[rest[0]] = rest[2:2 + rest[1]]
        rest = rest[2 + rest[1]:]
    return options


class Peer:
    """Runs from `with` to its end. `lease`: the address that it gives; None: it gives none."""

    def __init__(self, lease=None, renew_s=3600):
        self.lease = lease
        self.renew_s = renew_s
        self.dhcp_types = []  # of the messages that came
        self.hostnames = set()
        self.arp_replies = {}  # address: MAC
        self.syn_acks = set()  # (address, port)
        self.board_mac = None
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            self.board_port = probe.getsockname()[1]
        self.is_running = True
        self.thread = threading.Thread(target=self.run)

    @property
    def nic(self):
        own_port = self.socket.getsockname()[1]
        return f"socket,udp=127.0.0.1:{own_port},localaddr=127.0.0.1:{self.board_port}"

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_running = False
        self.thread.join()
        self.socket.close()

    def send(self, target_mac, kind, payload):
        frame = target_mac + OWN_MAC + struct.pack("!H", kind) + payload
        self.socket.sendto(frame.ljust(60, b"\0"), ("127.0.0.1", self.board_port))

    def run(self):
        while self.is_running:
            try:
                frame = self.socket.recv(2000)
            except (TimeoutError, ConnectionRefusedError):
                continue
            self.board_mac = frame[6:12]
            kind = struct.unpack("!H", frame[12:14])[0]
            if kind == 0x0806:
                self.on_arp(frame[14:42])
            elif kind == 0x0800 and frame[23] == 17 and frame[36:38] == b"\0\x43":
                self.on_dhcp(frame[42:])
            elif kind == 0x0800 and frame[23] == 6 and frame[47] & 0x12 == 0x12:
                port = struct.unpack("!H", frame[34:36])[0]
                self.syn_acks.add((socket.inet_ntoa(frame[26:30]), port))

    def on_arp(self, arp):
        operation = struct.unpack("!H", arp[6:8])[0]
        sender_mac, sender, target = arp[8:14], arp[14:18], arp[24:28]
        if operation == 2:
            self.arp_replies[socket.inet_ntoa(sender)] = sender_mac
        elif target == packed(OWN):
            self.send(sender_mac, 0x0806, struct.pack(
                "!HHBBH6s4s6s4s", 1, 0x0800, 6, 4, 2, OWN_MAC, target, sender_mac, sender))

    def on_dhcp(self, dhcp):
        options = options_of(dhcp)
        kind = options[53][0]
        self.dhcp_types.append(kind)
        if 12 in options:
            self.hostnames.add(options[12].decode())
        if self.lease is None or kind not in (DISCOVER, REQUEST):
            return
        wanted = options.get(50) or dhcp[12:16]
        if kind == DISCOVER:
            self.reply(dhcp, OFFER)
        else:
            self.reply(dhcp, ACK if wanted == packed(self.lease) else NAK)

    def reply(self, dhcp, kind):
        lease = packed("0.0.0.0" if kind == NAK else self.lease)
        message = struct.pack("!BBBB", 2, 1, 6, 0) + dhcp[4:8] + b"\0" * 8 + lease + b"\0" * 8
        message += dhcp[28:44] + b"\0" * 192 + bytes.fromhex("63825363") + bytes([53, 1, kind])
        message += bytes([54, 4]) + packed(OWN)
        if kind != NAK:
            message += bytes([51, 4]) + struct.pack("!I", 4 * self.renew_s)
            message += bytes([58, 4]) + struct.pack("!I", self.renew_s)
            message += bytes([59, 4]) + struct.pack("!I", 3 * self.renew_s)
            message += bytes([1, 4]) + packed("255.255.255.0") + bytes([3, 4]) + packed(OWN)
        message += b"\xff"
        udp = struct.pack("!HHHH", 67, 68, 8 + len(message), 0) + message
        self.send(BROADCAST, 0x0800, ip_packet(17, OWN, "255.255.255.255", udp))

    def answers(self, address, port, within_s=20):
        """Whether the board answers ARP for `address`, and a connection to its `port`."""
        deadline = time.monotonic() + within_s
        self.arp_replies.pop(address, None)
        self.syn_acks.discard((address, port))
        source_port = 40000
        while time.monotonic() < deadline:
            self.send(BROADCAST, 0x0806, struct.pack(
                "!HHBBH6s4s6s4s", 1, 0x0800, 6, 4, 1, OWN_MAC, packed(OWN), b"\0" * 6,
                packed(address)))
            if address in self.arp_replies:
                source_port += 1
                head = struct.pack("!HHIIBBHHH", source_port, port, 1000, 0, 0x50, 2, 2000, 0, 0)
                pseudo = packed(OWN) + packed(address) + struct.pack("!BBH", 0, 6, len(head))
                head = head[:16] + struct.pack("!H", checksum(pseudo + head)) + head[18:]
                self.send(self.arp_replies[address], 0x0800, ip_packet(6, OWN, address, head))
            time.sleep(0.2)
            if (address, port) in self.syn_acks:
                return True
        return False
