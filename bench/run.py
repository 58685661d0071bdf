#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Measures Wherry beside nginx and beside the written limit, and prints what it found.

Every row is measured in rounds; in each round every server has one turn, one after the other, and
ratios are taken within a round, so that what else the machine does falls on all of them alike.
The median round counts. script/bench builds what this needs.
"""

import argparse
import dataclasses
import datetime
import json
import os
import pathlib
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import memory
import servers
import tables

KIB, MIB, GIB = 1024, 1024**2, 1024**3
GOT = {KIB: "get-1k", 4 * KIB: "get-4k", MIB: "get-1m", 128 * MIB: "get-128m", GIB: "get-1g"}


@dataclasses.dataclass(frozen=True)
class Row:
    method: str
    size: int
    connections: int
    requests: int  # of each connection
    durable: bool = False

    def title(self):
        method = f"durable {self.method}" if self.durable else self.method
        return f"{method} {size_text(self.size)} x{self.connections}"

    def is_small(self):
        return self.size < MIB


# 16 uploads of 1 GiB at once would need 16 GiB of staging: their size is 128 MiB.
ROWS = [Row(method, *rest) for method in ("GET", "PUT") for rest in (
    (KIB, 1, 4000), (KIB, 16, 1000), (MIB, 1, 256), (MIB, 16, 32), (GIB, 1, 2), (128 * MIB, 16, 1))]
ROWS += [Row("GET", 4 * KIB, 64, 1000), Row("PUT", 4 * KIB, 64, 200)]
DURABLE_ROWS = [Row("PUT", *rest, durable=True) for rest in (
    (KIB, 1, 50), (KIB, 16, 20), (MIB, 1, 32), (MIB, 16, 4), (GIB, 1, 1))]
QUICK_ROWS = [row for row in ROWS if (row.size, row.connections) in (
    (KIB, 1), (4 * KIB, 64), (MIB, 16), (GIB, 1))]
QUICK_DURABLE_ROWS = DURABLE_ROWS[-2:]


def size_text(size):
    for unit, name in ((GIB, "GiB"), (MIB, "MiB"), (KIB, "KiB")):
        if size >= unit:
            return f"{size // unit} {name}"
    return f"{size} B"


class Bench:
    def __init__(self, arguments, report):
        self.report = report
        self.programs = pathlib.Path(arguments.programs).resolve()
        self.is_quick = arguments.quick
        self.rounds = 5
        self.deadline = time.monotonic() + (180 if arguments.quick else 600)
        self.row_budget_s = 8 if arguments.quick else 20
        cpus = sorted(os.sched_getaffinity(0))
        # A processor for the server, with all its threads, and another one for the client.
        self.server_cpus, self.client_cpus = {cpus[0]}, set(cpus[1:2] or cpus)
        if arguments.unpinned:
            self.server_cpus = self.client_cpus = set(cpus)
        self.results = []

    def make_servers(self, folder, durable):
        wherry = servers.Wherry(self.programs, folder / "wherry", self.server_cpus,
                                "full" if durable else "none")
        limit = servers.WrittenLimit(self.programs, folder / "limit", self.server_cpus, durable)
        if durable:
            return [wherry, limit]
        return [wherry, servers.Nginx(folder / "nginx", self.server_cpus), limit]

    def measure_place(self, place, base, rows, durable=False):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="wherry-bench-", dir=base))
        running = []
        try:
            running = self.make_servers(folder, durable)
            if not durable:
                make_files(folder, [server.folder for server in running],
                           {row.size for row in rows if row.method == "GET"})
            for server in running:
                server.start()
            for row in rows:
                self.measure_row(place, row, running)
        finally:
            for server in running:
                server.stop()
            shutil.rmtree(folder, ignore_errors=True)

    def measure_row(self, place, row, running):
        turns = []
        begun = time.monotonic()
        for server in running:
            self.turn(row, server, requests=max(1, row.requests // 10))  # warms up
        while len(turns) < self.rounds:
            used_s = time.monotonic() - begun
            if turns and (used_s > self.row_budget_s or time.monotonic() > self.deadline):
                break
            turns.append({server.name: self.turn(row, server) for server in running})
        result = summarise(place, row, turns)
        self.results.append(result)
        self.report.row(cells_of(result))

    def turn(self, row, server, requests=None):
        path = (f"/download/file/{GOT[row.size]}" if row.method == "GET"
                else f"/upload/put-{size_text(row.size).replace(' ', '')}-%c")
        command = [str(self.programs / "bench/wherry_load_client"), "--port", str(server.port),
                   f"--{row.method.lower()}", path, "--size", str(row.size), "--connections",
                   str(row.connections), "--requests", str(requests or row.requests)]
        before_s = server.cpu_s()
        ran = subprocess.run(command, stdout=subprocess.PIPE, timeout=300, check=True,
                             preexec_fn=lambda: servers.confine(self.client_cpus))
        cpu_s = server.cpu_s() - before_s
        turn = json.loads(ran.stdout)
        if row.method == "PUT" and server.name != "nginx" and not turn["checks_crc"]:
            raise RuntimeError(f"{server.name} told no CRC-32")
        if row.size >= MIB:  # what was written need not fill the disk, nor be written back
            for stored in server.folder.glob("put-*"):
                stored.unlink()
        turn["cpu_s"] = cpu_s
        return turn


def make_files(folder, places, sizes):
    """Files to be fetched, made once and linked into the folder of each server."""
    for size in sizes:
        original = folder / GOT[size]
        block = os.urandom(min(size, MIB))
        with open(original, "wb") as file:
            for _ in range(size // len(block)):
                file.write(block)
        for place in places:
            os.link(original, place / GOT[size])


def median_of(turns, value):
    return statistics.median(value(turn) for turn in turns)


def summarise(place, row, turns):
    """The medians of a row, and the medians of the ratios within each round."""

    def speed(turn):
        return (turn["requests"] if row.is_small() else turn["bytes"] / 1e6) / turn["wall_s"]

    def cost(turn):  # microseconds a request, or seconds a GiB
        return turn["cpu_s"] / turn["requests"] * 1e6 if row.is_small() else (
            turn["cpu_s"] / turn["bytes"] * GIB)

    result = {"place": place, "title": row.title(), **dataclasses.asdict(row),
              "speed_unit": "requests/s" if row.is_small() else "MB/s",
              "cost_unit": "us/request" if row.is_small() else "s/GiB",
              "rounds": len(turns), "servers": {}, "turns": turns}
    for name in turns[0]:
        mine = [turn[name] for turn in turns]
        entry = {"speed": median_of(mine, speed), "cost": median_of(mine, cost),
                 "client_load": median_of(mine, lambda t: t["client_cpu_s"] / t["wall_s"])}
        if name != "wherry":
            entry["speed_ratio"] = median_of(
                turns, lambda t, n=name: speed(t["wherry"]) / speed(t[n]))
            entry["cost_ratio"] = median_of(
                turns, lambda t, n=name: cost(t["wherry"]) / max(cost(t[n]), 1e-9))
        result["servers"][name] = entry
    return result


COLUMNS = ("-place", "-row", "Wherry", "nginx", "limit", "to nginx", "to limit", "Wherry CPU",
           "nginx CPU", "limit CPU", "CPU to nginx", "CPU to limit")


def cells_of(result):
    def cell(name, key, digits):
        value = result["servers"].get(name, {}).get(key)
        return "" if value is None else f"{value:,.{digits}f}"

    unit, cost_unit = result["speed_unit"], result["cost_unit"]
    digits = 1 if cost_unit == "us/request" else 3
    return [result["place"], result["title"], f"{cell('wherry', 'speed', 0)} {unit}",
             cell("nginx", "speed", 0), cell("limit", "speed", 0),
             cell("nginx", "speed_ratio", 2), cell("limit", "speed_ratio", 2),
             f"{cell('wherry', 'cost', digits)} {cost_unit}", cell("nginx", "cost", digits),
             cell("limit", "cost", digits), cell("nginx", "cost_ratio", 2),
             cell("limit", "cost_ratio", 2)]


def machine():
    cpu = next((line.partition(":")[2].strip() for line in open("/proc/cpuinfo")
                if line.startswith("model name")), platform.machine())
    memory_kib = next(int(line.split()[1]) for line in open("/proc/meminfo")
                      if line.startswith("MemTotal"))
    version = subprocess.run(["nginx", "-v"], capture_output=True, text=True, check=False).stderr
    return {"cpu": cpu, "cpus": os.cpu_count(), "memory_gib": round(memory_kib / MIB),
            "kernel": platform.release(), "nginx": version.partition("/")[2].strip(),
            "priority": "raised" if os.geteuid() == 0 else "normal",
            "date": datetime.date.today().isoformat(),
            "load_before": round(os.getloadavg()[0], 2)}


def show_micro(programs, report):
    """What the program for the parts has left."""
    path = programs / "micro.json"
    if not path.exists():
        return
    report.begin("micro", "The parts by themselves, one thread",
                 ("-part", "ns", "MB/s"))
    for found in json.loads(path.read_text())["benchmarks"]:
        report.row([found["name"], f"{found['cpu_time']:,.0f}",
                    f"{found['bytes_per_second'] / 1e6:,.0f}"])


def read_arguments():
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    parser.add_argument("--programs", default="build/bench", help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true", help="fewer rows, about four minutes")
    parser.add_argument("--unpinned", action="store_true",
                        help="do not give server and client one processor each")
    parser.add_argument("--only", choices=("speed", "memory", "micro"), help="a part of it")
    parser.add_argument("--document", help="put the tables into their places in this file")
    return parser.parse_args()


def main():
    arguments = read_arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # servers are stopped on the way out
    report = tables.Tables()
    bench = Bench(arguments, report)
    found = {"machine": machine(), "command": " ".join(["script/bench"] + sys.argv[1:])}
    report.text("machine", ", ".join(f"{key.replace('_', ' ')}: {value}"
                                     for key, value in found["machine"].items()))
    if arguments.only in (None, "micro"):
        show_micro(bench.programs, report)
    if arguments.only in (None, "speed"):
        rows = QUICK_ROWS if arguments.quick else ROWS
        durable_rows = QUICK_DURABLE_ROWS if arguments.quick else DURABLE_ROWS
        report.begin("speed", "Speed, and what it costs the server", COLUMNS)
        bench.measure_place("tmpfs", "/dev/shm", rows)
        bench.measure_place("disk", bench.programs, rows)
        bench.measure_place("disk", bench.programs, durable_rows, durable=True)
        found["rows"] = bench.results
    if arguments.only in (None, "memory"):
        found["memory"] = memory.measure(bench.programs, arguments.quick, report)
    found["load_after"] = round(os.getloadavg()[0], 2)
    part = f"-{arguments.only}" if arguments.only else ""
    results = bench.programs / f"results{part}.json"
    results.write_text(json.dumps(found, indent=1) + "\n")
    if arguments.document:
        report.put_into(arguments.document)
    print(f"\nload average before {found['machine']['load_before']}, after {found['load_after']}; "
          f"every turn is in {results}")


if __name__ == "__main__":
    main()
