#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""differential_test.py ECHO_SERVER: Wherry and Node's http, on the same requests.

Each request goes to both, alone and with another one right behind it. Compared are: each reply's
status, what it says of the request (method, target, version, fields, size and CRC-32 of the body),
whether it ends the connection, and so where the next request began. A difference is a bug, or a row
in docs/SUPPORTED-HTTP.md (expected.py). Each must also answer the same however a request is cut.

The corpus is fixed; --seed and --count are for the part of it that is drawn.
"""

import argparse
import asyncio
import collections
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import corpus
import expected
from exchange import BadReply, Server

ROOT = Path(__file__).resolve().parents[2]
FAILURES_SHOWN = 20
START_BOUND_S = 30.0
CASES_CUT_AT_ONCE = 64


class Child:
    """A server of ours; its first line tells where it is."""

    def __init__(self, name, *command):
        self.name = name
        self.process = subprocess.Popen(
            list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    async def server(self):
        reading = asyncio.to_thread(self.process.stdout.readline)
        self.line = (await asyncio.wait_for(reading, START_BOUND_S)).strip()
        return Server(self.name, int(self.line.rpartition(":")[2]))

    def stop(self):
        """Returns: whether it was still well, and ended in order."""
        was_running = self.process.poll() is None
        self.process.stdin.close()
        self.process.terminate()
        try:
            self.process.wait(START_BOUND_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return False
        finally:
            self.process.stdout.close()
        return was_running and self.process.returncode in (0, -signal.SIGTERM)


def first_difference(wherry, node):
    """Where two outcomes part: the reply of each there, None where there is none."""
    count = max(len(wherry.replies), len(node.replies))
    for index in range(count):
        pair = [replies[index] if index < len(replies) else None
                for replies in (wherry.replies, node.replies)]
        if pair[0] != pair[1]:
            return pair
    return None


def both_refuse(wherry, node):
    """Whether both blame the client and close: of several reasons each may name another."""
    return wherry and node and all(
        400 <= reply.status < 500 and reply.closes for reply in (wherry, node))


def is_cut_off(data, node):
    """Whether Node says so. In a head that does not end it may have seen something bad before."""
    return node.reason == "HPE_INVALID_EOF_STATE" or not data.endswith(b"\r\n\r\n")


def status(reply):
    return str(reply.status) if reply else "none"


class Comparison:
    """What was found, and what was expected."""

    def __init__(self, rows, node_major):
        self.rows = rows
        self.failures = []
        self.cases_by_row = collections.Counter()
        self.exchange_count = 0
        self.cut_count = 0
        self._cut_off = set()  # variants after which more is awaited
        self._variants_of = expected.differences(node_major)
        self._row_of = {name: row for row, names in self._variants_of.items() for name in names}
        # What this version does as Wherry does, when alone, it may not do beside something else.
        self._row_in_company = {name: row for row, names in expected.DIFFERENCES.items()
                                for name in names if self._variants_of[row]}
        named = {name for names in expected.DIFFERENCES.values() for name in names}
        for name in named - set(map(str, corpus.VARIANTS)):
            self.fail(f"expected.py names {name!r}, which the corpus has not")
        for row in rows.keys() ^ expected.DIFFERENCES.keys():
            self.fail(f"{row} stands in one of expected.py and docs/SUPPORTED-HTTP.md alone")

    def fail(self, text):
        self.failures.append(text)

    def fail_case(self, case, what, wherry, other, name="Wherry", other_name="Node"):
        lines = [f"{case}: {what}", f"    {case.data[:600]!r}", f"    {name}: {wherry}",
                 f"    {other_name}: {other}"]
        pair = first_difference(wherry, other)
        if pair and pair[0] and pair[1]:
            lines += [f"    {str(reply.seen)[:600]}" for reply in pair]
        self.fail("\n".join(lines))

    def names_of(self, case):
        """The ids of the rows that may tell of a case."""
        row_of = self._row_of if len(case.variants) == 1 else self._row_in_company
        names = [expected.CUT_OFF, *(row_of.get(str(one)) for one in case.variants)]
        names += [row for row, texts in expected.COMBINED.items()
                  if all(text in case.data.lower() for text in texts)]
        return [name for name in names if name in self.rows]

    def explain(self, case, data, pair):
        """The id of the row that tells why the two differ, None when none does."""
        wherry, node = map(status, pair)
        if wherry == node == "200" and pair[0].seen != pair[1].seen:
            return None  # no reason is good enough to see another request
        for name in self.names_of(case):
            row = self.rows[name]
            is_wherry, is_node = wherry in row.wherry, node in row.node
            if name == expected.CUT_OFF:
                if is_wherry and is_node and is_cut_off(data, pair[1]):
                    return name
            elif is_wherry and is_node:
                return name
            # Beside other oddities, one of the two may have found another reason to refuse.
            elif len(case.variants) > 1 and wherry != node and (is_wherry or is_node):
                if wherry != "none" or is_wherry or self._cut_off & set(case.variants):
                    return name
        return None

    def compare(self, case, data, wherry, node):
        """Returns: the id of the row that the case belongs to, None when the two agree."""
        pair = first_difference(wherry, node)
        if pair is None or len(case.variants) > 1 and both_refuse(*pair):
            return None
        row = self.explain(case, data, pair)
        if row is None:
            where = "alone" if data == case.data else "followed by another request"
            self.fail_case(case, f"not the same, {where}", wherry, node)
        else:
            self.cases_by_row[row] += 1
        return row

    def check_single(self, case, found):
        """A variant alone must differ as it is expected to."""
        for variant in case.variants:
            if expected.CUT_OFF in found:
                self._cut_off.add(variant)
            row = self._row_of.get(str(variant))
            if row is not None and row not in found:
                self.fail(f"{variant}: {row} is expected, and does not occur any more")

    def check_rows(self):
        for row, names in self._variants_of.items():
            if self.cases_by_row[row] == 0 and (names or row == expected.CUT_OFF):
                self.fail(f"{row} does not occur any more")


async def exchange(comparison, case, server, pieces):
    """Returns: the outcome; None when it is none, which has failed then."""
    comparison.exchange_count += 1
    try:
        outcome = await server.exchange(pieces, case.has_head)
        if outcome.continue_count > case.data.lower().count(b"\r\nexpect:"):
            raise BadReply("100 Continue, and nobody waits for it")
        if outcome.end == "never":
            raise BadReply(f"no end came after {outcome}")
    except BadReply as error:
        comparison.fail(f"{case}: {server.name}: {error}\n    {case.data[:600]!r}")
        return None
    return outcome


async def compare_case(comparison, wherry, node, case, is_single):
    found = set()
    for data in (case.data, case.data + corpus.PROBE):
        outcomes = await asyncio.gather(
            *(exchange(comparison, case, server, [data]) for server in (wherry, node)))
        if None in outcomes:
            return
        if outcomes[0].end != "closed":
            comparison.fail_case(case, "Wherry must not reset", *outcomes)
        found.add(comparison.compare(case, data, *outcomes))
    if is_single:
        comparison.check_single(case, found)


async def check_cuts(comparison, server, case, max_cut_size):
    """In two pieces at each place, and byte by byte, another request behind it: the same as whole."""
    data = case.data
    if len(data) > max_cut_size:
        return
    whole = await exchange(comparison, case, server, [data + corpus.PROBE])
    cuts = [[data[:at], data[at:] + corpus.PROBE] for at in range(1, len(data) + 1)]
    cuts.append([data[at:at + 1] for at in range(len(data))] + [corpus.PROBE])
    outcomes = await asyncio.gather(
        *(exchange(comparison, case, server, pieces) for pieces in cuts))
    comparison.cut_count += len(cuts)
    for pieces, outcome in zip(cuts, outcomes):
        if whole and outcome and outcome != whole:
            comparison.fail_case(case, f"cut after {len(pieces[0])} of {len(pieces)} pieces",
                                 outcome, whole, server.name, f"{server.name}, whole")
            return


async def run(options, wherry_child, node_child):
    rows = expected.read_rows((ROOT / "docs" / "SUPPORTED-HTTP.md").read_text())
    wherry, node = await asyncio.gather(wherry_child.server(), node_child.server())
    node_major = int(re.match(r"Node (\d+)\.", node_child.line)[1])
    comparison = Comparison(rows, node_major)
    single = corpus.single()
    others = corpus.pairs() + corpus.random_cases(options.seed, options.count)
    print(f"Wherry beside {node_child.line}", flush=True)
    started = time.monotonic()
    for cases, is_single in ((single, True), (others, False)):
        await asyncio.gather(
            *(compare_case(comparison, wherry, node, case, is_single) for case in cases))
    comparison.check_rows()
    compared = time.monotonic()
    cut_count = min(options.cut_count, len(others))
    cut = single + random.Random(options.seed).sample(others, cut_count)
    for first in range(0, len(cut), CASES_CUT_AT_ONCE):
        await asyncio.gather(*(check_cuts(comparison, server, case, options.max_cut_size)
                               for case in cut[first : first + CASES_CUT_AT_ONCE]
                               for server, is_up_to_cuts in ((wherry, case.may_end_early),
                                                             (node, case.upgrades))
                               if not is_up_to_cuts))
    print(f"{len(single) + len(others)} requests (seed {options.seed}), "
          f"{comparison.exchange_count} connections, {compared - started:.1f} s to compare, "
          f"{time.monotonic() - compared:.1f} s for {comparison.cut_count} cuts")
    for row, count in sorted(comparison.cases_by_row.items()):
        print(f"  {count:5} differ by {row}")
    return comparison


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("echo_server", type=Path)
    parser.add_argument("--node", default="node", help="Node's program")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=1500, help="requests drawn from the seed")
    parser.add_argument("--max-cut-size", type=int, default=200,
                        help="bytes of the largest request that is cut everywhere; 0: none is")
    parser.add_argument("--cut-count", type=int, default=0,
                        help="how many of the pairs and the drawn requests are cut, too")
    options = parser.parse_args()
    if not shutil.which(options.node):
        sys.exit(f"{options.node} is not there (Debian: nodejs; script/install-packages test)")
    return options


def main():
    options = parse_options()
    with tempfile.TemporaryDirectory() as folder:
        children = [Child("Wherry", options.echo_server, folder, 0),
                    Child("Node", options.node, Path(__file__).with_name("node_echo.js"))]
        try:
            comparison = asyncio.run(run(options, *children))
        finally:
            ends = [child.stop() for child in children]
    for child, is_well in zip(children, ends):
        if not is_well:
            comparison.fail(f"{child.name} did not end in order")
    for failure in comparison.failures[:FAILURES_SHOWN]:
        print(f"FAIL  {failure}")
    print(f"{len(comparison.failures)} failures")
    return 1 if comparison.failures else 0


if __name__ == "__main__":
    sys.exit(main())
