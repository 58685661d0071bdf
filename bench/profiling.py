# SPDX-License-Identifier: MIT
"""Where a server's time goes while a client is busy with it: samples of perf, by function."""

import pathlib
import re
import shutil
import subprocess
import tempfile

COLUMNS = ("-function", "share, %", "of the cost")
FUNCTIONS = 20
SAMPLES_A_SECOND = 1999  # of a processor's time; no multiple of a timer's


def shares_of(report):
    """Of what `perf report` prints: function and share of all samples, the most first. Functions
    that a library tells no names of are one."""
    shares = {}
    for share, library, where, name in re.findall(
            r"^\s+([0-9.]+)%\s+(\S+)\s+\[(.)\]\s+(.+)$", report, re.M):
        name = name.rstrip(" -")
        if name.startswith("0x"):
            name = f"in {library}"
        elif where == "k":
            name += " (kernel)"
        shares[name] = shares.get(name, 0) + float(share)
    return sorted(shares.items(), key=lambda item: -item[1])


def profile(server, command):
    """Runs `command`, which keeps `server` busy. Returns: as shares_of()."""
    if not shutil.which("perf"):
        raise RuntimeError("there is no perf here (Debian: linux-perf)")
    with tempfile.TemporaryDirectory(prefix="wherry-bench-") as folder:
        data = str(pathlib.Path(folder) / "perf.data")
        subprocess.run(
            ["perf", "record", "-q", "-e", "cpu-clock", "-F", str(SAMPLES_A_SECOND), "-o", data,
             "-p", ",".join(map(str, server.pids)), "--", *command],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, timeout=300)
        told = subprocess.run(["perf", "report", "--stdio", "-i", data, "--sort", "dso,symbol"],
                              capture_output=True, text=True, check=True, timeout=300)
    return shares_of(told.stdout)


def tell(report, title, cost, unit, shares):
    """`cost`: of the whole, in `unit`; each function has its share of it."""
    report.begin(f"profile {title}", f"Profile of {title}: {cost:.3f} {unit}", COLUMNS)
    for function, share in shares[:FUNCTIONS]:
        report.row([function[:100], f"{share:.1f}", f"{cost * share / 100:.3f}"])
