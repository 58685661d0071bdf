# SPDX-License-Identifier: MIT
"""bench/rows.py takes ratios within a round, medians over rounds, and says who has met what;
bench/profiling.py reads what perf says."""

import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))
import profiling  # noqa: E402
import rows  # noqa: E402


def turn(wall_s, cpu_s=1.0, size=rows.GIB, requests=1):
    return {"requests": requests, "bytes": size * requests, "wall_s": wall_s, "cpu_s": cpu_s,
            "client_cpu_s": 0.1}


class Ratios(unittest.TestCase):
    goal = rows.Goal("get", rows.GET_GIB, {"nginx": 1.0, "h2o": None}, uses_both=True)

    def found(self, turns):
        return rows.summarise(turns, self.goal.work_of)

    def test_a_ratio_is_taken_within_a_round(self):
        # All slow down alike: the ratio of medians would be another one.
        turns = [{"wherry": turn(1), "nginx": turn(2)}, {"wherry": turn(10), "nginx": turn(20)},
                 {"wherry": turn(30), "nginx": turn(30)}]
        self.assertAlmostEqual(self.found(turns)["nginx"]["speed_ratio"], 2.0)

    def test_the_median_round_counts(self):
        turns = [{"wherry": turn(1), "nginx": turn(wall_s)} for wall_s in (1, 3, 100)]
        self.assertAlmostEqual(self.found(turns)["nginx"]["speed_ratio"], 3.0)

    def test_cost_is_seconds_a_gib_or_microseconds_a_request(self):
        self.assertAlmostEqual(rows.GET_GIB.cost(turn(1, cpu_s=0.5)), 0.5)
        small = rows.Work("GET", 4 * rows.KIB, 64, 1000)
        self.assertAlmostEqual(small.cost(turn(1, 0.5, 4 * rows.KIB, 1000)), 500)

    def test_contenders_may_do_other_works(self):
        goal = rows.Goal("guide", rows.Work("PUT", rows.GIB, 1, 4), {"own": 3},
                         other_work={"own": rows.PUT_GIB})
        found = rows.summarise([{"wherry": turn(2, requests=4), "own": turn(1)}], goal.work_of)
        self.assertAlmostEqual(found["own"]["speed_ratio"], 2.0)
        self.assertEqual([line.verdict() for line in rows.lines_of(goal, "one each", found)],
                         ["missed by 1.00"])

    def test_one_mode_is_judged_and_the_other_one_told(self):
        found = self.found([{"wherry": turn(1), "nginx": turn(2)}])
        verdicts = {mode: [line.verdict() for line in rows.lines_of(self.goal, mode, found)]
                    for mode in self.goal.modes()}
        self.assertEqual(verdicts, {"both": ["met"], "one each": [""]})

    def test_contenders_may_have_their_turns_in_any_order(self):
        turns = [{"nginx": turn(2), "wherry": turn(1)}]
        self.assertAlmostEqual(self.found(turns)["nginx"]["speed_ratio"], 2.0)

    def test_a_line_has_a_cell_for_each_column(self):
        found = self.found([{"wherry": turn(1), "nginx": turn(2), "h2o": turn(2)}])
        lines = list(rows.lines_of(self.goal, "both", found))
        self.assertEqual([line.peer for line in lines], ["nginx", "h2o"])
        for line in lines:
            self.assertEqual(len(line.cells()), len(rows.COLUMNS))


class Verdicts(unittest.TestCase):
    def test_what_is_wanted_is_met_or_missed_by_so_much(self):
        for value, comparison, wanted, said in (
                (1.0, ">=", 1.0, "met"), (0.9, ">=", 1.0, "missed by 0.10"),
                (0.2, "<=", 0.25, "met"), (13.0, "<=", 0.25, "missed by 12.75"),
                (0.9499, ">=", 0.95, "missed by 0.01"), (120, ">=", 300, "missed by 180"),
                (1.0, ">=", None, ""), (None, ">=", 1.0, "")):
            self.assertEqual(rows.verdict(value, comparison, wanted), said, (value, wanted))

    def test_what_is_wanted_is_told(self):
        self.assertEqual(rows.wanted_text(">=", 0.95), "≥ 0.95")
        self.assertEqual(rows.wanted_text("<=", 64), "≤ 64")
        self.assertEqual(rows.wanted_text(">=", None), "")


class Profiles(unittest.TestCase):
    def test_functions_have_their_shares_and_a_library_without_names_is_one(self):
        report = """
# Samples: 3K of event 'cpu-clock'
    40.00%  wherry             [.] wherry::app::serve(int)  -      -
    30.50%  [kernel.kallsyms]  [k] tcp_poll                 -      -
     9.00%  libdeflate.so.0    [.] 0x000000000001dc87       -      -
    20.50%  libdeflate.so.0    [.] 0x000000000001dc1f       -      -
"""
        self.assertEqual(profiling.shares_of(report), [
            ("wherry::app::serve(int)", 40.0), ("tcp_poll (kernel)", 30.5),
            ("in libdeflate.so.0", 29.5)])


class Goals(unittest.TestCase):
    def test_names_are_unique(self):
        names = [goal.name for goal in rows.GOALS]
        self.assertEqual(len(names), len(set(names)))

    def test_each_wants_something(self):
        for goal in rows.GOALS:
            if goal.name != "guide-2m-bytes":  # told beside the row that is judged
                self.assertTrue(any(least for least in goal.least.values()), goal.name)


if __name__ == "__main__":
    unittest.main()
