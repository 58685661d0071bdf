# SPDX-License-Identifier: MIT
"""script/count-results adds up what ctest, GoogleTest and pytest report, and fails when they do:
then it says which cases did."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

COUNT = Path(__file__).resolve().parents[2] / "script" / "count-results"


def ctest(**statuses):
    cases = "".join(
        f'<testcase name="{name.replace("_", ".")}" status="{status}"/>'
        for name, status in statuses.items()
    )
    return f"<testsuite>{cases}</testsuite>"


def cases(passed=0, failed=0, errors=0, skipped=0):
    one = "<testcase name='a'>{}</testcase>"
    return (
        "<testsuites><testsuite>"
        + one.format("") * passed
        + one.format("<failure message='1 != 2&#10;more'/>") * failed
        + one.format("<error/>") * errors
        + one.format("<skipped/>") * skipped
        + "</testsuite></testsuites>"
    )


class CountResults(unittest.TestCase):
    def assert_count(self, reports, status, wanted_line, wanted_status, wanted_failures=()):
        with tempfile.TemporaryDirectory() as folder:
            for name, content in reports.items():
                Path(folder, name).write_text(content)
            result = subprocess.run(
                [sys.executable, COUNT, folder, str(status)], capture_output=True, text=True
            )
        *failures, line = result.stdout.splitlines()
        self.assertEqual((line, result.returncode), (wanted_line, wanted_status))
        self.assertEqual(sorted(failures), sorted(f"failed: {told}" for told in wanted_failures))

    def test_a_program_counts_as_its_cases_and_one_without_a_report_as_one(self):
        self.assert_count(
            {"ctest.xml": ctest(unit_a="run", example_b="run"), "unit.a.xml": cases(passed=5),
             "e2e.xml": cases(passed=3, skipped=2)},
            0, "9 passed, 0 failed", 0,
        )

    def test_a_failed_case_and_an_error_are_failures(self):
        self.assert_count(
            {"ctest.xml": ctest(unit_a="fail"), "unit.a.xml": cases(passed=5, failed=1),
             "e2e.xml": cases(passed=3, errors=2)},
            1, "8 passed, 3 failed", 1, ["a 1 != 2", "a", "a"],
        )

    def test_a_program_that_ended_badly_after_its_report_has_failed(self):
        self.assert_count(
            {"ctest.xml": ctest(unit_a="fail"), "unit.a.xml": cases(passed=5)},
            1, "5 passed, 1 failed", 1, ["unit.a ended badly, though its cases passed"],
        )

    def test_a_program_that_crashed_without_a_report_has_failed(self):
        self.assert_count(
            {"ctest.xml": ctest(unit_a="fail", unit_b="run")}, 1, "1 passed, 1 failed", 1, ["unit.a"]
        )

    def test_a_runner_that_failed_without_a_report_is_a_failure(self):
        self.assert_count({"e2e.xml": cases(passed=3)}, 1, "3 passed, 1 failed", 1)

    def test_the_reports_of_all_boards_count(self):
        self.assert_count(
            {"device.a.xml": cases(passed=2), "device.b.xml": cases(passed=3, failed=1),
             "e2e.a.xml": cases(passed=10, skipped=2), "e2e.b.xml": cases(passed=20)},
            1, "35 passed, 1 failed", 1, ["a 1 != 2"],
        )

    def test_nothing_run_is_no_success(self):
        self.assert_count({}, 0, "0 passed, 0 failed", 1)


if __name__ == "__main__":
    unittest.main()
