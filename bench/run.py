#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Measures Wherry beside nginx and beside the written limit, and prints what it found.

Every row is measured in rounds; in each round every server has one turn, one after the other, and
ratios are taken within a round, so that what else the machine does falls on all of them alike.
The median round counts. script/bench builds what this needs.
"""

import argparse
import contextlib
import dataclasses
import datetime
import itertools
import json
import math
import os
import pathlib
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zlib

import crowd
import device
import memory
import profiling
import rows
import servers
import tables

MIB = 1024**2


class Bench:
    def __init__(self, arguments, report):
        self.report = report
        self.programs = pathlib.Path(arguments.programs).resolve()
        self.is_quick = arguments.quick
        self.rounds = 5
        self.deadline = math.inf  # of what may be cut short
        self.row_budget_s = 8 if arguments.quick else 20
        cpus = sorted(os.sched_getaffinity(0))
        # A processor for the server, with all its threads, and another one for the client.
        self.server_cpus, self.client_cpus = {cpus[0]}, set(cpus[1:2] or cpus)
        if arguments.unpinned:
            self.server_cpus = self.client_cpus = set(cpus)
        self.all_cpus = set(cpus)
        self.results, self.goal_turns = [], []
        self.profiled_servers, self.profiles = set(arguments.profile), []

    def make_server(self, name, folder, durable, cpus):
        """Over a folder of its own in `folder`. "own" is another Wherry, that does another work."""
        place = folder / name
        if name in ("wherry", "own"):
            return servers.Wherry(self.programs, place, cpus, "full" if durable else "none",
                                  name=name)
        if name == "limit":
            return servers.WrittenLimit(self.programs, place, cpus, durable)
        if name == "micropython":
            return servers.MicroPython(self.programs, place, cpus)
        return {"nginx": servers.Nginx, "h2o": servers.H2o, "lighttpd": servers.Lighttpd}[name](
            place, cpus)

    def measure_speeds(self):
        self.deadline = time.monotonic() + (180 if self.is_quick else 600)
        works = rows.QUICK_WORKS if self.is_quick else rows.WORKS
        durable_works = rows.QUICK_DURABLE_WORKS if self.is_quick else rows.DURABLE_WORKS
        self.report.begin("speed", "Speed, and what it costs the server", COLUMNS)
        self.measure_place("tmpfs", "/dev/shm", works)
        self.measure_place("disk", self.programs, works)
        self.measure_place("disk", self.programs, durable_works, durable=True)

    @contextlib.contextmanager
    def running(self, names, base, durable, sizes, cpus):
        """Servers by their names, and files of these sizes to be fetched from each."""
        folder = pathlib.Path(tempfile.mkdtemp(prefix="wherry-bench-", dir=base))
        started = {}
        try:
            made = {name: self.make_server(name, folder, durable, cpus) for name in names}
            make_files(folder, [server.folder for server in made.values()], sizes)
            for name, server in made.items():
                started[name] = server
                server.start()
            yield started
        finally:
            for server in started.values():
                server.stop()
            shutil.rmtree(folder, ignore_errors=True)

    def measure_place(self, place, base, works, durable=False):
        names = ["wherry", "limit"] if durable else ["wherry", "nginx", "limit"]
        sizes = {work.size for work in works if work.method == "GET"}
        with self.running(names, base, durable, sizes, self.server_cpus) as running:
            for work in works:
                turns = self.rounds_of(running, lambda _, work=work: work, self.client_cpus)
                result = {"place": place, "title": work.title(), **dataclasses.asdict(work),
                          "speed_unit": work.speed_unit(), "cost_unit": work.cost_unit(),
                          "rounds": len(turns), "turns": turns,
                          "servers": rows.summarise(turns, lambda _, work=work: work)}
                self.results.append(result)
                self.report.row(cells_of(result))

    def measure_goal(self, goal, mode):
        """Yields the lines of a goal. Each peer that cannot be measured has one that says why."""
        base = self.programs if goal.disk else "/dev/shm"
        server_cpus, client_cpus = ((self.all_cpus, self.all_cpus) if mode == "both"
                                    else (self.server_cpus, self.client_cpus))
        names, missing = ["wherry"], {}
        for name in goal.least:
            why = self.why_missing(name)
            if why:
                missing[name] = why
            else:
                names.append(name)
        sizes = {goal.work_of(name).size for name in names if goal.work_of(name).method == "GET"}
        with self.running(names, base, goal.work.durable, sizes, server_cpus) as running:
            turns = self.rounds_of(running, goal.work_of, client_cpus)
            found = rows.summarise(turns, goal.work_of)
            if goal.is_judged(mode) and goal.work.method != "CURL":
                self.profile(goal, running, found)
        self.goal_turns.append({"name": goal.name, "mode": mode, "turns": turns, "found": found})
        yield from rows.lines_of(goal, mode, found)
        for name, why in missing.items():
            yield rows.Line(goal.name, goal.work.title(), mode, f"{name}: {why}", "",
                            wanted=goal.least[name])

    def profile(self, goal, running, found):
        """Of the servers whose profiles are asked for; they are told when all rows have been."""
        for name in self.profiled_servers & set(running):
            work = goal.work_of(name)
            shares = profiling.profile(
                running[name], self.client_command(work, running[name], 2 * work.requests))
            self.profiles.append((f"{goal.name}, {name}", found[name]["cost"], work.cost_unit(),
                                  shares))

    def why_missing(self, name):
        with tempfile.TemporaryDirectory(prefix="wherry-bench-") as folder:
            return self.make_server(name, pathlib.Path(folder), False, self.all_cpus).why_missing()

    def rounds_of(self, running, work_of, client_cpus):
        """`running`: servers by name. Returns: of each round the turn of each."""
        turns = []
        begun = time.monotonic()
        for name, server in running.items():
            work = work_of(name)
            self.turn(work, server, max(1, work.requests // 10), client_cpus)  # warms up
        while len(turns) < self.rounds:
            used_s = time.monotonic() - begun
            if turns and (used_s > self.row_budget_s or time.monotonic() > self.deadline):
                break
            # Forth and back, so that nobody is always the one after somebody's writing.
            order = list(running) if len(turns) % 2 == 0 else list(reversed(running))
            turns.append({name: self.turn(work_of(name), running[name], work_of(name).requests,
                                          client_cpus) for name in order})
        return turns

    def turn(self, work, server, requests, client_cpus):
        if work.is_upload():
            touch_memory(server.folder.parent, work.size * work.connections * requests)
        before_s = server.cpu_s()
        if work.method == "CURL":
            turn = curl_turn(work, server, requests, client_cpus)
        else:
            turn = self.client_turn(work, server, requests, client_cpus)
        turn["cpu_s"] = server.cpu_s() - before_s
        if work.is_upload() and server.name not in UNCHECKED and not turn["checks_crc"]:
            raise RuntimeError(f"{server.name} told no CRC-32")
        if work.size >= MIB:  # what was written need not fill the disk, nor be written back
            for stored in itertools.chain(server.folder.glob("put-*"), server.folder.glob("form*")):
                stored.unlink()
        return turn

    def client_command(self, work, server, requests):
        return [str(self.programs / "bench/wherry_load_client"), "--port", str(server.port),
                *work.client_arguments(), "--requests", str(requests)]

    def client_turn(self, work, server, requests, client_cpus):
        ran = subprocess.run(self.client_command(work, server, requests), capture_output=True,
                             timeout=300, check=False,
                             preexec_fn=lambda: servers.confine(client_cpus))
        if ran.returncode != 0:
            raise RuntimeError(f"{work.title()} of {server.name}: {ran.stderr.decode()}")
        return json.loads(ran.stdout)


def touch_memory(folder, size):
    """Takes as much for a file in `folder`, and gives it back. The host of a virtual machine may
    have taken away what was free: who needs it next would pay for getting it again."""
    if size < 128 * MIB:
        return
    piece = bytes(MIB)
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        for _ in range(math.ceil(size / MIB)):
            file.write(piece)


def curl_turn(work, server, requests, client_cpus):
    """Of each upload what curl tells of its time: without what it takes to start curl."""
    content = server.own_folder() / "content"
    content.write_bytes(os.urandom(work.size))
    url = f"http://127.0.0.1:{server.port}/upload/put-curl"
    crc = f"0x{zlib.crc32(content.read_bytes()):08x}"
    wall_s = 0
    for _ in range(requests):
        ran = subprocess.run(
            ["curl", "-sSf", "-T", str(content), url, "-w", "\n%{time_total}"],
            capture_output=True, text=True, timeout=60, check=False,
            preexec_fn=lambda: servers.confine(client_cpus))
        body, _, time_s = ran.stdout.rpartition("\n")
        if ran.returncode != 0 or crc not in body:
            raise RuntimeError(f"{work.title()} of {server.name}: {ran.stderr} {body}")
        wall_s += float(time_s)
    return {"requests": requests, "bytes": requests * work.size, "wall_s": wall_s,
            "client_cpu_s": 0, "checks_crc": True}


UNCHECKED = ("nginx", "lighttpd")  # they compute no CRC-32


def make_files(folder, places, sizes):
    """Files to be fetched, made once and linked into the folder of each server."""
    for size in sizes:
        original = folder / rows.GOT[size]
        block = os.urandom(min(size, MIB))
        with open(original, "wb") as file:
            for _ in range(size // len(block)):
                file.write(block)
            file.flush()
            os.fsync(file.fileno())  # else it would be written while others are measured
        for place in places:
            os.link(original, place / rows.GOT[size])


# ---------------------------------------------------------------- goals

def goal_measures(bench):
    """By its name, what yields a goal's lines."""
    measures = {goal.name: lambda goal=goal: itertools.chain.from_iterable(
        bench.measure_goal(goal, mode) for mode in goal.modes()) for goal in rows.GOALS}
    for name, measure in crowd.ROWS.items():
        measures[name] = lambda measure=measure: measure(bench.programs, bench.is_quick)
    measures["board"] = lambda: board_lines(bench.programs)
    return measures


def board_lines(programs):
    """Of the firmware, which script/bench has built, in QEMU."""
    counter = programs / "instruction_counter.so"
    if not shutil.which("qemu-system-arm") or not counter.exists():
        raise RuntimeError("the firmware could not be built here, or there is no qemu-system-arm")
    return device.goals(counter)


def measure_goals(bench, names, report):
    """Returns: the lines. What fails has a line that says why; the others are measured."""
    report.begin("goals", "What is wanted, and what there is", rows.COLUMNS)
    lines = []
    for name, measure in goal_measures(bench).items():
        if names and name not in names:
            continue
        try:
            for line in measure():
                lines.append(line)
                report.row(line.cells())
        except (RuntimeError, OSError, subprocess.SubprocessError) as error:
            lines.append(rows.Line(name, name, "", f"not measured: {' '.join(str(error).split())}",
                                   ""))
            report.row(lines[-1].cells())
    verdicts = [line.verdict() for line in lines if line.wanted is not None]
    print(f"\n{verdicts.count('met')} of {len(verdicts)} are met")
    return lines


# ---------------------------------------------------------------- telling

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


def version_of(*command):
    """As a program tells it, somewhere in its first line; empty: it is not here."""
    if not shutil.which(command[0]):
        return ""
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"[0-9]+\.[0-9.]+", ran.stdout + ran.stderr)
    return found[0] if found else ""


def machine():
    cpu = next((line.partition(":")[2].strip() for line in open("/proc/cpuinfo")
                if line.startswith("model name")), platform.machine())
    memory_kib = next(int(line.split()[1]) for line in open("/proc/meminfo")
                      if line.startswith("MemTotal"))
    return {"cpu": cpu, "cpus": os.cpu_count(), "memory_gib": round(memory_kib / MIB),
            "kernel": platform.release(), "nginx": version_of("nginx", "-v"),
            "h2o": version_of("h2o", "--version"), "lighttpd": version_of("lighttpd", "-v"),
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
    parser.add_argument("--quick", action="store_true", help="fewer rows, and fewer rounds of each")
    parser.add_argument("--row", action="append", default=[], metavar="NAME",
                        help="only this row of what is wanted; repeatable")
    parser.add_argument("--profile", action="append", default=[], metavar="SERVER",
                        help="also where its time goes, for each of these rows (perf); repeatable")
    parser.add_argument("--unpinned", action="store_true",
                        help="do not give server and client one processor each")
    parser.add_argument("--only", choices=("goals", "speed", "memory", "micro"),
                        help="a part of it")
    parser.add_argument("--document", help="put the tables into their places in this file")
    parser.add_argument("--json", metavar="FILE", help="where results go")
    return parser.parse_args()


def main():
    arguments = read_arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # servers are stopped on the way out
    crowd.raise_descriptor_limit()
    report = tables.Tables()
    bench = Bench(arguments, report)
    unknown = set(arguments.row) - set(goal_measures(bench))
    if unknown:
        sys.exit(f"there is no row {', '.join(sorted(unknown))}: {', '.join(goal_measures(bench))}")
    only = "goals" if arguments.row else arguments.only
    found = {"machine": machine(), "command": " ".join(["script/bench"] + sys.argv[1:])}
    report.text("machine", ", ".join(f"{key.replace('_', ' ')}: {value}"
                                     for key, value in found["machine"].items()))
    if only in (None, "goals"):
        lines = measure_goals(bench, arguments.row, report)
        for profile in bench.profiles:
            profiling.tell(report, *profile)
        found["goals"] = {"lines": [line.as_json() for line in lines], "turns": bench.goal_turns,
                          "profiles": bench.profiles}
    if only in (None, "micro"):
        show_micro(bench.programs, report)
    if only in (None, "speed"):
        bench.measure_speeds()
        found["rows"] = bench.results
    if only in (None, "memory"):
        found["memory"] = memory.measure(bench.programs, arguments.quick, report)
    found["load_after"] = round(os.getloadavg()[0], 2)
    results = pathlib.Path(arguments.json or bench.programs / (
        f"results-{only}.json" if only else "results.json"))
    results.write_text(json.dumps(found, indent=1) + "\n")
    if arguments.document:
        report.put_into(arguments.document)
    print(f"\nload average before {found['machine']['load_before']}, after {found['load_after']}; "
          f"every turn is in {results}")


if __name__ == "__main__":
    main()
