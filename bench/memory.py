# SPDX-License-Identifier: MIT
"""What Wherry's process occupies: over the size of a transfer, and over the number of connections.

`resident` is what /proc tells of the process (VmRSS), `own` what no other process shares and no file
backs (RssAnon: heap, stacks, slots), `PSS` resident with shared pages divided among those that share.
Sockets are the kernel's memory, which no process is charged for: they are told apart.
"""

import pathlib
import re
import resource
import shutil
import socket
import subprocess
import tempfile
import time

import servers

KIB, MIB, GIB = 1024, 1024**2, 1024**3


def occupied(pid):
    """In KiB."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    found = {name: int(re.search(rf"^{key}:\s+(\d+)", status, re.M)[1])
             for name, key in (("resident", "VmRSS"), ("own", "RssAnon"), ("peak", "VmHWM"))}
    rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    found["pss"] = int(re.search(r"^Pss:\s+(\d+)", rollup, re.M)[1])
    return found


class Place:
    """A fresh server over a fresh folder in memory."""

    def __init__(self, make):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="wherry-bench-", dir="/dev/shm"))
        self.server = make(self.folder / "served")

    def __enter__(self):
        self.server.start()
        return self.server

    def __exit__(self, *_):
        self.server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def own_kib(server):
    return sum(occupied(pid)["own"] for pid in server.pids)


def transfer(programs, server, method, size):
    path = "/upload/file" if method == "put" else "/download/file/file"
    load = subprocess.Popen(
        [str(programs / "bench/wherry_load_client"), "--port", str(server.port), f"--{method}", path,
         "--size", str(size), "--connections", "1", "--requests", str(max(1, 64 * MIB // size))],
        stdout=subprocess.DEVNULL)
    peak = occupied(server.process.pid)
    while load.poll() is None:
        now = occupied(server.process.pid)
        peak = {key: max(peak[key], now[key]) for key in peak}
        time.sleep(0.005)
    if load.returncode != 0:
        raise RuntimeError(f"{method} of {size} bytes failed")
    return peak


def over_size(programs, report):
    """The peaks of a server that has just started, while it moves one file."""
    report.begin("transfers", "Memory of one transfer, KiB",
                 ("-transfer", "resident", "own", "PSS", "peak resident"))
    found = []
    for method in ("put", "get"):
        for size in (MIB, GIB):
            with Place(lambda folder: servers.Wherry(programs, folder, set(range(4096)))) as server:
                if method == "get":
                    with open(server.folder / "file", "wb") as file:
                        file.truncate(size)
                before = occupied(server.process.pid)
                peak = transfer(programs, server, method, size)
            name = f"{method.upper()} {'1 MiB' if size == MIB else '1 GiB'}"
            found.append({"transfer": name, "before": before, "during": peak})
            report.row([name] + [f"{peak[key]:,}" for key in ("resident", "own", "pss", "peak")])
    return found


REQUESTS = {
    "idle": b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "uploading": b"PUT /upload/slow-%d HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n"
                 + b"x" * 8192,
    "downloading": b"GET /download/file/file HTTP/1.1\r\nHost: a\r\n\r\n",
}


def open_connections(server, count, state):
    """Clients that have begun and then say and take nothing more."""
    request = REQUESTS[state]
    sockets = []
    for index in range(count):
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(20)
        client.connect(("127.0.0.1", server.port))
        client.sendall(request % index if b"%d" in request else request)
        if state == "idle" and not client.recv(4096):
            raise RuntimeError("the server closed an idle connection")
        sockets.append(client)
    time.sleep(0.5)
    return sockets


def socket_kib():
    """What the kernel holds for TCP on this machine: buffers, and the sockets themselves."""
    pages = int(re.search(r"^TCP: .* mem (\d+)", pathlib.Path("/proc/net/sockstat").read_text(),
                          re.M)[1])
    return pages * resource.getpagesize() // KIB


def over_connections(programs, is_quick, report):
    """Own memory before and with N connections in a state, and the difference for each of them."""
    counts = (1, 100) if is_quick else (1, 100, 1000)
    makers = {
        "wherry": lambda folder: servers.Wherry(programs, folder, set(range(4096)),
                                                options=["--max-connections", "1024"]),
        "nginx": lambda folder: servers.Nginx(folder, set(range(4096))),
    }
    report.begin("connections", "Memory of connections: own memory of the process, KiB",
                 ("-server", "connections", "-state", "before", "with them", "bytes each",
                  "kernel TCP, KiB each"))
    found = []
    for name, make in makers.items():
        for state in REQUESTS:
            for count in counts:
                with Place(make) as server:
                    with open(server.folder / "file", "wb") as file:
                        file.truncate(64 * MIB)
                    before, kernel_before = own_kib(server), socket_kib()
                    clients = open_connections(server, count, state)
                    after, kernel_after = own_kib(server), socket_kib()
                    for client in clients:
                        client.close()
                each = (after - before) * KIB // count
                kernel_each = (kernel_after - kernel_before) / count
                found.append({"server": name, "state": state, "count": count, "before_kib": before,
                              "after_kib": after, "bytes_each": each, "tcp_kib_each": kernel_each})
                report.row([name, f"{count:,}", state, f"{before:,}", f"{after:,}", f"{each:,}",
                            f"{kernel_each:,.0f}"])
    return found


def fixed_sizes(programs, report):
    """The terms of the sum that is fixed at the start."""
    report.begin("fixed", "Fixed at the start", ("-what", "bytes each", "count", "bytes"))
    table = subprocess.run([str(programs / "bench/wherry_memory_sizes")], check=True,
                           stdout=subprocess.PIPE, text=True).stdout
    rows = [line.split("\t") for line in table.splitlines()]
    for what, *numbers in rows:
        report.row([what] + [f"{int(number):,}" for number in numbers])
    return rows


def measure(programs, is_quick, report):
    return {"transfers": over_size(programs, report),
            "connections": over_connections(programs, is_quick, report),
            "fixed": fixed_sizes(programs, report)}
