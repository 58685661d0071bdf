#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Measures the firmware on the boards that QEMU has, and prints what it found beside the targets.

A board runs twice: once as it is, for what takes time on this machine, and once with a plugin of
QEMU's that counts the instructions that the board executes. Counts are exact, and nearly the same
from run to run whatever else this machine does; what the board executes while it waits is taken off.
"""

import argparse
import array
import bisect
import contextlib
import dataclasses
import datetime
import http.client
import json
import os
import pathlib
import shlex
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zlib

import rows
import servers
import tables

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/device"))
from board import BOARDS, Board, image_of  # noqa: E402

KIB, MIB = 1024, 1024**2
SIZE = 2 * MIB
RUNS, SMALL_REQUESTS = 5, 50
PIECE = 128 * KIB  # as bench/lwip_httpd.cc has it: what flash has room for
HTTPD_BOARD = "lm3s6965evb"
PIECES = f"GET {SIZE // PIECE} x {PIECE // KIB} KiB, generated"
HTTPD = f"GET {SIZE // PIECE} x {PIECE // KIB} KiB from flash, lwIP httpd, instructions a byte"
COUNTS = 512 * KIB  # as bench/instruction_counter.cc has it
STACK_PAINT = b"\xef\xbe\xad\xde"  # as boards/common/startup.cc has it
PROFILE_ROWS = 15


# ---------------------------------------------------------------- the image

class Image:
    """What the linker has made: its sizes, and where its functions are."""

    def __init__(self, path):
        self.path = path
        sizes = output_of("arm-none-eabi-size", self.path).splitlines()[1].split()
        text, data, bss = (int(size) for size in sizes[:3])
        self.flash_bytes, self.static_ram_bytes = text + data, data + bss
        self.symbols, functions = {}, []
        for line in output_of("arm-none-eabi-nm", "-C", self.path).splitlines():
            address, kind, name = line.split(" ", 2)
            self.symbols[name] = int(address, 16)
            if kind in "tTwW" and not name.startswith(("$", ".L")):
                functions.append((int(address, 16), name))
        functions.sort()
        self.addresses = [address for address, _ in functions]
        self.names = [name for _, name in functions]

    def function_at(self, offset):
        """`offset`: from the first multiple of the counted range that the image lies behind."""
        base = self.addresses[0] // (2 * COUNTS) * (2 * COUNTS)
        return self.names[max(0, bisect.bisect_right(self.addresses, base + offset) - 1)]


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def slot_bytes(board, folder):
    """What a connection takes, of the limits in the board's main.cc."""
    main = ROOT / f"boards/{board.replace('-', '_')}/main.cc"
    commands = json.loads((ROOT / "build" / board / "compile_commands.json").read_text())
    entry = next(e for e in commands if pathlib.Path(e["file"]) == main)
    target = str(folder / "sizes.o")
    options = shlex.split(entry["command"])
    options[options.index("-o") + 1] = target
    options[options.index(entry["file"])] = str(ROOT / "bench/device_sizes.cc")
    subprocess.run([*options, f'-DWHERRY_BOARD_MAIN="{main}"', "-fno-lto", "-w", "-Wno-psabi"],
                   cwd=entry["directory"], check=True)
    for line in output_of("arm-none-eabi-nm", "-S", target).splitlines():
        if line.endswith(" wherry_slot_bytes"):
            return int(line.split()[1], 16)
    raise RuntimeError("the size of a connection is not there")


# ---------------------------------------------------------------- the board

class MeasuredBoard(Board):
    """A board with a door to its memory and, where `counter` is given, one to its counts. `image`:
    another one than Wherry's firmware."""

    def __init__(self, name, folder, counter=None, image=None):
        self.folder = folder
        self.image = image or image_of(name)
        self.counts_file = folder / "counts"
        options = ["-qmp", f"unix:{folder / 'qmp'},server=on,wait=off"]
        if counter:
            options += ["-plugin", f"{counter},counts={self.counts_file}"]
        super().__init__(name, folder / "card.img", folder / "console.txt", options)

    def command(self):
        command = super().command()
        command[command.index("-kernel") + 1] = str(self.image)
        return command

    def wait_until_it_answers(self, within_s=60):
        begun = time.monotonic()
        super().wait_until_it_answers(within_s)
        self.boot_ms = (time.monotonic() - begun) * 1e3

    def counts(self):
        counts = array.array("Q")
        counts.frombytes(self.counts_file.read_bytes())
        return counts

    def memory(self, address, size):
        """The bytes of the board's memory: QEMU writes them to a file."""
        path = self.folder / "memory"
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(10)
            control.connect(str(self.folder / "qmp"))
            stream = control.makefile("rw")
            stream.readline()  # its greeting
            for command, arguments in (("qmp_capabilities", {}), ("memsave", {
                    "val": address, "size": size, "filename": str(path)})):
                stream.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
                stream.flush()
                while "return" not in (answer := json.loads(stream.readline())):
                    if "error" in answer:
                        raise RuntimeError(answer["error"])
        return path.read_bytes()

    def peak_stack_bytes(self, image):
        bottom, top = image.symbols["wherry_bss_end"], image.symbols["wherry_stack_top"]
        stack = self.memory(bottom, top - bottom)
        unused = 0
        while stack[unused:unused + 4] == STACK_PAINT:
            unused += 4
        return top - bottom - unused


# ---------------------------------------------------------------- what is transferred

CONTENT = os.urandom(SIZE)
GENERATED = bytes(range(256)) * (SIZE // 256)


def get(board, path, wanted):
    status, body, _ = board.request("GET", path)
    if status != 200 or body != wanted:
        raise RuntimeError(f"GET {path}: {status}, {len(body)} bytes")


def put(board, path):
    status, body, _ = board.request("PUT", path, CONTENT)
    if status not in (200, 201) or json.loads(body)["crc32"] != f"0x{zlib.crc32(CONTENT):08x}":
        raise RuntimeError(f"PUT {path}: {status}, {body}")


def get_pieces(board):
    """As many bytes as the other transfers have."""
    for _ in range(SIZE // PIECE):
        get(board, f"/download/generate/{PIECE}", GENERATED[:PIECE])


TRANSFERS = {
    "GET 2 MiB, generated": lambda board: get(board, f"/download/generate/{SIZE}", GENERATED),
    "PUT 2 MiB, discarded": lambda board: put(board, "/discard/x.bin"),
    "PUT 2 MiB, stored": lambda board: put(board, "/upload/x.bin"),
    "GET 2 MiB, from the card": lambda board: get(board, "/download/file/x.bin", CONTENT),
}


def four_at_once(board):
    """Two each way. Returns how many were complete, with the right CRC-32."""
    complete = []

    def transfer(title):
        with contextlib.suppress(OSError, http.client.HTTPException, RuntimeError, ValueError):
            TRANSFERS[title](board)
            complete.append(title)

    titles = ["GET 2 MiB, generated", "PUT 2 MiB, discarded", "PUT 2 MiB, stored",
              "GET 2 MiB, generated"]
    threads = [threading.Thread(target=transfer, args=(title,)) for title in titles]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(complete)


def use_everything(board):
    """What else a client may do, so that the stack has seen it."""
    json_type = {"Content-Type": "application/json"}
    form = b"--b\r\nContent-Disposition: form-data; name=f; filename=f.bin\r\n\r\n" + (
        CONTENT[:10_000] + b"\r\n--b--\r\n")
    for method, path, body, headers in (
            ("POST", "/upload", form, {"Content-Type": "multipart/form-data; boundary=b"}),
            ("POST", "/download/report", b'{"size": 5000, "pattern": "random"}', json_type),
            ("POST", "/download/report", b'{"size": [', json_type),
            ("GET", "/download/file/x.bin", None, {"Range": "bytes=1000-2000"}),
            ("GET", "/download/file/none.bin", None, {}),
            ("PUT", "/upload/a/b/c.bin", CONTENT[:5000], {})):
        board.request(method, path, body, headers)


def small_requests(board):
    connection = board.connect()
    for _ in range(SMALL_REQUESTS):
        connection.request("GET", "/")
        if connection.getresponse().read() != b"OK":
            raise RuntimeError("GET / is not answered")
    connection.close()


def small_connections(board):
    for _ in range(SMALL_REQUESTS):
        get(board, "/", b"OK")


# ---------------------------------------------------------------- measuring

def wall_s(board, transfer):
    begun = time.monotonic()
    transfer(board)
    return time.monotonic() - begun


class Counting:
    """Instructions, less what the board executes when nobody asks for anything."""

    def __init__(self, board):
        self.board = board
        time.sleep(0.5)
        counts, elapsed_s = self._run(lambda: time.sleep(2))
        self.idle_each_s = [count / elapsed_s for count in counts]

    def _run(self, work):
        before, begun = self.board.counts(), time.monotonic()
        work()
        elapsed_s = time.monotonic() - begun
        after = self.board.counts()
        return [b - a for a, b in zip(before, after)], elapsed_s

    def of(self, transfer):
        """Returns: the count of each place."""
        def work():
            transfer(self.board)
            time.sleep(0.05)  # until the connection has been closed

        counts, elapsed_s = self._run(work)
        return [count - idle * elapsed_s for count, idle in zip(counts, self.idle_each_s)]


def profile(counts, image):
    """Instructions a byte of each function, the most first."""
    by_name = {}
    for index, count in enumerate(counts):
        if count:
            name = image.function_at(2 * index)
            by_name[name] = by_name.get(name, 0) + count / SIZE
    return sorted(by_name.items(), key=lambda item: -item[1])


@dataclasses.dataclass
class Found:
    board: str
    image: Image
    values: dict
    profiles: dict


def measure_time(name, folder, found):
    values = found.values
    with MeasuredBoard(name, folder) as board:
        small_connections(board)
        for title, transfer in TRANSFERS.items():
            times = [wall_s(board, transfer) for _ in range(RUNS)]
            values[f"{title}, MB/s"] = SIZE / 1e6 / statistics.median(times)
        use_everything(board)
        values["complete of 4 x 2 MiB at once"] = min(four_at_once(board) for _ in range(3))
        values["peak of the stack"] = board.peak_stack_bytes(found.image)
        time.sleep(1)
        used_s, begun = servers.cpu_s_of(board.process.pid), time.monotonic()
        time.sleep(3)
        used_s = servers.cpu_s_of(board.process.pid) - used_s
        values["idle host CPU, %"] = used_s / (time.monotonic() - begun) * 100
    boots = []
    for _ in range(RUNS):
        with MeasuredBoard(name, folder) as board:
            boots.append(board.boot_ms)
    values["boot to the first 200, ms"] = statistics.median(boots)


def httpd_image():
    return ROOT / "build" / HTTPD_BOARD / "bench" / "wherry_lwip_httpd.elf"


def pieces_each(name, folder, counter, image=None):
    """Instructions a byte of a file that lies in flash: Wherry's, or of another image."""
    with MeasuredBoard(name, folder, counter, image) as board:
        counting = Counting(board)
        return statistics.median(sum(counting.of(get_pieces)) for _ in range(RUNS)) / SIZE


def measure_instructions(name, folder, counter, found):
    values = found.values
    values[f"{PIECES}, instructions a byte"] = pieces_each(name, folder, counter)
    if name == HTTPD_BOARD:
        values[HTTPD] = pieces_each(name, folder, counter, httpd_image())
    with MeasuredBoard(name, folder, counter) as board:
        counting = Counting(board)
        for title, transfer in TRANSFERS.items():
            runs = sorted((counting.of(transfer) for _ in range(RUNS)), key=sum)
            median = runs[RUNS // 2]
            values[f"{title}, instructions a byte"] = sum(median) / SIZE
            found.profiles[title] = profile(median, found.image)
        crc = dict(found.profiles["PUT 2 MiB, discarded"])
        values["of that CRC-32"] = sum(
            cost for function, cost in crc.items() if function.startswith("wherry::crc32"))
        for title, requests in (("small GET, kept connection", small_requests),
                                ("small GET, its own connection", small_connections)):
            runs = [sum(counting.of(requests)) / SMALL_REQUESTS for _ in range(RUNS)]
            values[f"{title}, instructions"] = statistics.median(runs)


def measure(name, counter):
    image = Image(image_of(name))
    found = Found(name, image, {}, {})
    with tempfile.TemporaryDirectory(prefix="wherry-bench-") as folder:
        folder = pathlib.Path(folder)
        found.values["bytes a connection"] = slot_bytes(name, folder)
        measure_time(name, folder, found)
        measure_instructions(name, folder, counter, found)
    found.values["flash"] = image.flash_bytes
    found.values["RAM"] = image.static_ram_bytes + found.values["peak of the stack"]
    return found


# ---------------------------------------------------------------- what is wanted

# What the instructions of a stored byte are for, by the beginnings of the functions' names.
KINDS = (
    ("CRC-32", ("wherry::crc32",)),
    ("card and SPI", ("wherry::boards::SdCard", "wherry::boards::spi")),
    ("littlefs", ("lfs2_",)),
    ("copying and comparing", ("memc", "memset", "(anonymous namespace)::copy_")),
    ("controller and checksum", ("wherry::boards::take_words", "wherry_internet_checksum")),
)


def by_kind(functions):
    """Of a profile: the instructions a byte of each kind, and of all that is of none."""
    sums = dict.fromkeys([kind for kind, _ in KINDS] + ["all else"], 0)
    for name, cost in functions:
        kind = next((kind for kind, begins in KINDS if name.startswith(begins)), "all else")
        sums[kind] += cost
    return sums


def goals(counter):
    """Yields the lines of the smallest board."""
    name = BOARDS[0]
    with tempfile.TemporaryDirectory(prefix="wherry-bench-") as folder:
        found = Found(name, Image(image_of(name)), {}, {})
        measure_instructions(name, pathlib.Path(folder), counter, found)
    values = found.values

    def text(key):
        return f"{values[key]:,.2f} a byte"

    ours = f"{PIECES}, instructions a byte"
    yield rows.Line("board-get", f"{name}: {PIECES}", "emulated", "lwIP httpd", text(ours),
                    text(HTTPD), values[ours] / values[HTTPD], "<=", 1.1)
    put = "PUT 2 MiB, discarded, instructions a byte"
    yield rows.Line("board-put", f"{name}: PUT 2 MiB, discarded", "emulated",
                    f"of it CRC-32 {values['of that CRC-32']:.2f}", text(put),
                    value=values[put], comparison="<=", wanted=17)
    kinds = by_kind(found.profiles["PUT 2 MiB, stored"])
    yield rows.Line("board-put", f"{name}: PUT 2 MiB, stored", "emulated",
                    ", ".join(f"{kind} {cost:.2f}" for kind, cost in kinds.items()),
                    text("PUT 2 MiB, stored, instructions a byte"))


# ---------------------------------------------------------------- telling

# What is told, in this order; how; and what the smallest board is to hold, by what comparison.
ROWS = [
    ("flash", "flash, bytes", 0, "<=", 180 * KIB),  # the budget of script/memory
    ("RAM", "RAM, bytes: all static, and the peak of the stack", 0, "<=", 48 * KIB),
    ("peak of the stack", "of that the stack", 0, None, None),
    ("bytes a connection", "a connection: state, head, arena, bytes", 0, "<=", 2 * KIB),
    ("GET 2 MiB, generated, instructions a byte", None, 2, "<=", 6),
    (f"{PIECES}, instructions a byte", None, 2, None, None),
    (HTTPD, None, 2, None, None),
    ("GET 2 MiB, from the card, instructions a byte", None, 2, None, None),
    ("PUT 2 MiB, discarded, instructions a byte", None, 2, "<=", 17),
    ("of that CRC-32", None, 2, None, None),
    ("PUT 2 MiB, stored, instructions a byte", None, 2, None, None),
    ("small GET, kept connection, instructions", None, 0, None, None),
    ("small GET, its own connection, instructions", None, 0, None, None),
    ("complete of 4 x 2 MiB at once", None, 0, ">=", 4),
    ("idle host CPU, %", None, 1, "<=", 10),
    ("boot to the first 200, ms", None, 0, None, None),
    ("GET 2 MiB, generated, MB/s", None, 1, None, None),
    ("GET 2 MiB, from the card, MB/s", None, 1, None, None),
    ("PUT 2 MiB, discarded, MB/s", None, 1, None, None),
    ("PUT 2 MiB, stored, MB/s", None, 1, None, None),
]


def tell(everything, report):
    report.begin("device", "Boards in QEMU",
                 ("-what", *(found.board for found in everything), "target, lm3s6965evb"))
    for key, title, digits, comparison, target in ROWS:
        cells = [f"{found.values[key]:,.{digits}f}" if key in found.values else ""
                 for found in everything]
        report.row([title or key, *cells, verdict(everything[0], key, comparison, target)])


def verdict(smallest, key, comparison, target):
    if comparison is None or smallest.board != BOARDS[0]:
        return ""
    value = smallest.values[key]
    is_met = value <= target if comparison == "<=" else value >= target
    return f"{'≤' if comparison == '<=' else '≥'} {target:,}" + ("" if is_met else ": missed")


def tell_profile(found, report):
    for title, functions in found.profiles.items():
        report.begin(f"device {found.board} {title}", f"{found.board}, {title}: instructions a byte",
                     ("-function", "a byte"))
        for name, cost in functions[:PROFILE_ROWS]:
            name = name.replace("(anonymous namespace)::", "").partition("(")[0]
            report.row([name, f"{cost:.3f}"])


def read_arguments():
    parser = argparse.ArgumentParser(prog="script/bench device", description=__doc__)
    parser.add_argument("--counter", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--board", choices=BOARDS, action="append", help="only this one")
    parser.add_argument("--profile", action="store_true", help="which functions take the most")
    parser.add_argument("--document", help="put the table into its place in this file")
    return parser.parse_args()


def main():
    arguments = read_arguments()
    report = tables.Tables()
    everything = [measure(name, arguments.counter) for name in arguments.board or BOARDS]
    tell(everything, report)
    if arguments.document:
        report.put_into(arguments.document)
    if arguments.profile:
        for found in everything:
            tell_profile(found, report)
    results = pathlib.Path(arguments.counter).parent / "results-device.json"
    results.write_text(json.dumps({
        "date": datetime.date.today().isoformat(), "load_after": round(os.getloadavg()[0], 2),
        "boards": {f.board: {"values": f.values, "profiles": f.profiles} for f in everything},
    }, indent=1) + "\n")
    print(f"\nall of it is in {results}")


if __name__ == "__main__":
    main()
