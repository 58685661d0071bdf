# SPDX-License-Identifier: MIT
"""Ten thousand clients at once: what each costs a server that has nothing to say to it, and whether
slow uploads all come to their end. Files are in memory.
"""

import contextlib
import json
import pathlib
import re
import resource
import subprocess
import time

import memory
import rows
import servers

KIB, MIB = 1024, 1024**2
COUNT = 10_000
FEW = 16  # connections, in the server that they are compared with
PIECES, QUICK_PIECES, PIECE_BYTES = 20, 5, 1024  # of a slow upload, one a second
RESIDENT_KIB = 64 * KIB  # that is wanted at most, beside what the kernel needs
ALL_CPUS = range(4096)


DESCRIPTORS = 2 * COUNT + 1000  # a socket and a file for each slow upload


def raise_descriptor_limit():
    """To what is permitted, for this process and those that it starts; as root to what is needed."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError):
        enough = max(hard, DESCRIPTORS)
        resource.setrlimit(resource.RLIMIT_NOFILE, (enough, enough))
        return enough
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def resident_kib(server):
    return sum(memory.occupied(pid)["resident"] for pid in server.pids)


# ---------------------------------------------------------------- idle

def makers(programs):
    """Of each server one for `count` connections."""
    return {
        "wherry": lambda count: lambda folder: servers.Wherry(
            programs, folder, ALL_CPUS, options=["--max-connections", str(count)]),
        "nginx": lambda count: lambda folder: servers.Nginx(folder, ALL_CPUS, count + 64),
    }


def idle_bytes(make):
    """Resident bytes that each of many idle connections adds to a server that was made for few and
    has none: what is taken for them in advance counts too."""
    with memory.Place(make(FEW)) as server:
        before = resident_kib(server)
    with memory.Place(make(COUNT + FEW)) as server:
        clients = []
        try:
            clients = memory.open_connections(server, COUNT, "idle")
            after = resident_kib(server)
        finally:
            for client in clients:
                client.close()
    return (after - before) * KIB / COUNT


def idle(programs, _):
    each = {name: idle_bytes(make) for name, make in makers(programs).items()}
    yield rows.Line("idle-10k", f"{COUNT:,} idle connections", "both", "nginx",
                    f"{each['wherry']:,.0f} B each", f"{each['nginx']:,.0f} B each",
                    each["wherry"] / each["nginx"], "<=", 0.25)


# ---------------------------------------------------------------- slow

def slow_turn(programs, server, pieces):
    """Returns: what the client says, and the most memory that was seen meanwhile."""
    client = subprocess.Popen(
        [str(programs / "bench/wherry_slow_client"), "--port", str(server.port), "--connections",
         str(COUNT), "--pieces", str(pieces), "--piece", str(PIECE_BYTES)],
        stdout=subprocess.PIPE, text=True)
    kernel_before, kernel, resident = memory.socket_kib(), 0, 0
    cpu_before_s = server.cpu_s()
    try:
        while client.poll() is None:
            resident = max(resident, resident_kib(server))
            kernel = max(kernel, memory.socket_kib() - kernel_before)
            time.sleep(0.1)
    finally:
        client.kill()
        said, _ = client.communicate()
    if client.returncode != 0:
        raise RuntimeError("the slow client failed")
    return {**json.loads(said), "resident_kib": resident, "kernel_tcp_kib": kernel,
            "cpu_s": server.cpu_s() - cpu_before_s}


def slow(programs, is_quick):
    pieces = QUICK_PIECES if is_quick else PIECES
    with memory.Place(makers(programs)["wherry"](COUNT + FEW)) as server:
        turn = slow_turn(programs, server, pieces)
        limits = pathlib.Path(f"/proc/{server.process.pid}/limits").read_text()
    descriptors = int(re.search(r"^Max open files\s+(\d+)", limits, re.M)[1])
    title = f"{COUNT:,} slow uploads, {pieces} s at 1 KiB/s"
    cost = f"{turn['cpu_s'] / COUNT * 1e6:,.0f} us/upload"
    why = f"; {turn['failures']}" if turn["failures"] else ""
    if descriptors < 2 * COUNT + 100:  # a socket and a file each, and its own
        why += f"; {descriptors:,} descriptors are allowed here"
    yield rows.Line("slow-10k", title, "both", f"complete{why}", f"{turn['complete']:,}",
                    value=turn["complete"], wanted=COUNT, our_cost=cost)
    yield rows.Line("slow-10k", title, "both",
                    f"resident MiB; the kernel's TCP beside it {turn['kernel_tcp_kib'] / KIB:,.0f}",
                    f"{turn['resident_kib'] / KIB:,.1f} MiB",
                    value=turn["resident_kib"] / KIB, comparison="<=", wanted=RESIDENT_KIB // KIB)


ROWS = {"idle-10k": idle, "slow-10k": slow}
