# SPDX-License-Identifier: MIT
"""What is measured, by which peers, and what Wherry is to reach; and what turns come to.

Nothing here starts a process: it is tables, medians, and who has met what.
"""

import dataclasses
import statistics

KIB, MIB, GIB = 1024, 1024**2, 1024**3
GOT = {KIB: "get-1k", 4 * KIB: "get-4k", MIB: "get-1m", 128 * MIB: "get-128m", GIB: "get-1g"}


def size_text(size):
    for unit, name in ((GIB, "GiB"), (MIB, "MiB"), (KIB, "KiB")):
        if size >= unit:
            return f"{size // unit} {name}"
    return f"{size} B"


@dataclasses.dataclass(frozen=True)
class Work:
    """What a client asks for. FORM is a browser's upload, GENERATE a download of no file, and CURL
    the upload of a new curl for each request, as a person does it."""

    method: str
    size: int
    connections: int
    requests: int  # of each connection
    durable: bool = False

    def title(self):
        method = {"FORM": "form of", "GENERATE": "generate", "CURL": "curl -T"}.get(
            self.method, self.method)
        if self.durable:
            method = f"durable {method}"
        return f"{method} {size_text(self.size)} x{self.connections}"

    def is_small(self):
        return self.size < MIB

    def is_upload(self):
        return self.method in ("PUT", "FORM", "CURL")

    def client_arguments(self):
        how, path = {
            "GET": ("--get", f"/download/file/{GOT.get(self.size)}"),
            "PUT": ("--put", f"/upload/put-{size_text(self.size).replace(' ', '')}-%c"),
            "FORM": ("--form", "/upload"),
            "GENERATE": ("--get", f"/download/generate/{self.size}"),
        }[self.method]
        return [how, path, "--size", str(self.size), "--connections", str(self.connections)]

    def speed(self, turn):
        """Of a turn: requests or megabytes a second."""
        return (turn["requests"] if self.is_small() else turn["bytes"] / 1e6) / turn["wall_s"]

    def cost(self, turn):
        """CPU time of the server: microseconds a request, or seconds a GiB."""
        return turn["cpu_s"] / turn["requests"] * 1e6 if self.is_small() else (
            turn["cpu_s"] / turn["bytes"] * GIB)

    def speed_unit(self):
        return "requests/s" if self.is_small() else "MB/s"

    def cost_unit(self):
        return "us/request" if self.is_small() else "s/GiB"


# ---------------------------------------------------------------- speeds at many sizes

# 16 uploads of 1 GiB at once would need 16 GiB of staging: their size is 128 MiB.
WORKS = [Work(method, *rest) for method in ("GET", "PUT") for rest in (
    (KIB, 1, 4000), (KIB, 16, 1000), (MIB, 1, 256), (MIB, 16, 32), (GIB, 1, 2), (128 * MIB, 16, 1))]
WORKS += [Work("GET", 4 * KIB, 64, 1000), Work("PUT", 4 * KIB, 64, 200)]
DURABLE_WORKS = [Work("PUT", *rest, durable=True) for rest in (
    (KIB, 1, 50), (KIB, 16, 20), (MIB, 1, 32), (MIB, 16, 4), (GIB, 1, 1))]
QUICK_WORKS = [work for work in WORKS if (work.size, work.connections) in (
    (KIB, 1), (4 * KIB, 64), (MIB, 16), (GIB, 1))]
QUICK_DURABLE_WORKS = DURABLE_WORKS[-2:]


# ---------------------------------------------------------------- goals

@dataclasses.dataclass(frozen=True)
class Goal:
    """One work at which Wherry is to be so many times as fast as some others.

    `least` has the peers that can do it, and the ratio of speeds that is wanted; None: it is only
    told. The peer "own" is Wherry itself at another work. `uses_both`: judged where all may use all
    processors, as a large transfer does that one client asks for, and told for one processor each;
    what many clients ask for is measured and judged with one processor each: with more, the client
    would take the server's, and it would be the scheduler that is compared.
    """

    name: str
    work: Work
    least: dict
    disk: bool = False  # else files are in memory, so that no disk is measured
    uses_both: bool = False
    other_work: dict = dataclasses.field(default_factory=dict)  # of peers that do not do `work`

    def work_of(self, contender):
        return self.other_work.get(contender, self.work)

    def modes(self):
        return ("both", "one each") if self.uses_both else ("one each",)

    def is_judged(self, mode):
        return mode == self.modes()[0]


GET_GIB, PUT_GIB = Work("GET", GIB, 1, 2), Work("PUT", GIB, 1, 1)
GOALS = [
    Goal("get-1g", GET_GIB, {"nginx": 1.0, "limit": 0.95, "h2o": None, "lighttpd": None},
         disk=True, uses_both=True),
    Goal("put-1g", PUT_GIB, {"nginx": 1.2, "limit": 0.9, "lighttpd": None}, uses_both=True),
    Goal("put-1g-durable", dataclasses.replace(PUT_GIB, durable=True), {"limit": 0.95},
         disk=True, uses_both=True),
    Goal("get-4k", Work("GET", 4 * KIB, 64, 1000),
         {"nginx": 1.5, "h2o": 1.0, "lighttpd": None, "limit": None}),
    Goal("put-4k", Work("PUT", 4 * KIB, 64, 200), {"nginx": 2.0, "lighttpd": None, "limit": None}),
    Goal("form-1g", Work("FORM", GIB, 1, 1), {"own": 0.9}, uses_both=True,
         other_work={"own": PUT_GIB}),
    Goal("generate-1g", Work("GENERATE", GIB, 1, 2), {"own": 0.8}, uses_both=True,
         other_work={"own": GET_GIB}),
    Goal("guide-2m", Work("CURL", 2 * MIB, 1, 20), {"micropython": 300},
         other_work={"micropython": Work("CURL", 2 * MIB, 1, 1)}),
    Goal("guide-2m-bytes", Work("PUT", 2 * MIB, 1, 64), {"micropython": None},
         other_work={"micropython": Work("PUT", 2 * MIB, 1, 1)}),
]

COLUMNS = ("-row", "-processors", "-peer", "Wherry", "peer", "ratio", "-wanted", "-verdict",
           "Wherry CPU", "peer CPU", "CPU ratio")


@dataclasses.dataclass
class Line:
    """One comparison as it is printed. `value` is what is judged by `comparison` and `wanted`: the
    ratio, or, where there is nothing to compare with, what there is."""

    row: str
    title: str
    mode: str
    peer: str
    ours: str
    theirs: str = ""
    value: float = None
    comparison: str = ">="
    wanted: float = None  # None: nothing is
    our_cost: str = ""
    their_cost: str = ""
    cost_ratio: float = None

    def verdict(self):
        return verdict(self.value, self.comparison, self.wanted)

    def cells(self):
        return [self.title, self.mode, self.peer, self.ours, self.theirs,
                number_text(self.value) if self.theirs else "",
                wanted_text(self.comparison, self.wanted), self.verdict(), self.our_cost,
                self.their_cost, number_text(self.cost_ratio)]

    def as_json(self):
        return {**dataclasses.asdict(self), "verdict": self.verdict()}


def number_text(value):
    return "" if value is None else f"{value:,.2f}" if value < 100 else f"{value:,.0f}"


def wanted_text(comparison, wanted):
    if wanted is None:
        return ""
    sign = "≤" if comparison == "<=" else "≥"
    return f"{sign} {wanted:,}" if wanted == int(wanted) else f"{sign} {wanted:.2f}"


def verdict(value, comparison, wanted):
    if value is None or wanted is None:
        return ""
    missing = value - wanted if comparison == "<=" else wanted - value
    return "met" if missing <= 0 else f"missed by {number_text(max(missing, 0.01))}"


def median_of(turns, value):
    return statistics.median(value(turn) for turn in turns)


def summarise(turns, work_of):
    """`turns`: of each round, the turn of each contender. Returns: of each contender its medians,
    and the medians of the ratios of Wherry's turn to its own within each round."""
    found = {}
    ours = work_of("wherry")
    for name in turns[0]:
        work = work_of(name)
        mine = [turn[name] for turn in turns]
        entry = {"speed": median_of(mine, work.speed), "cost": median_of(mine, work.cost),
                 "client_load": median_of(mine, lambda t: t["client_cpu_s"] / t["wall_s"])}
        if name != "wherry":
            entry["speed_ratio"] = median_of(turns, lambda t, n=name, w=work: (
                ours.speed(t["wherry"]) / w.speed(t[n])))
            entry["cost_ratio"] = median_of(turns, lambda t, n=name, w=work: (
                ours.cost(t["wherry"]) / max(w.cost(t[n]), 1e-9)))
        found[name] = entry
    return found


def lines_of(goal, mode, found):
    """What a goal came to: a line for each peer that was measured."""

    def speed(name):
        return f"{found[name]['speed']:,.0f} {goal.work_of(name).speed_unit()}"

    def cost(name):
        work = goal.work_of(name)
        return f"{found[name]['cost']:,.{1 if work.is_small() else 3}f} {work.cost_unit()}"

    for name, least in goal.least.items():
        if name not in found:
            continue
        peer = f"own {goal.work_of(name).title()}" if name == "own" else name
        yield Line(goal.name, goal.work.title(), mode, peer, speed("wherry"), speed(name),
                   found[name]["speed_ratio"], ">=", least if goal.is_judged(mode) else None,
                   cost("wherry"), cost(name), found[name]["cost_ratio"])
