# SPDX-License-Identifier: MIT
"""script/check-includes finds each kind of wrong edge, in a planted tree, and nothing else there."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

CHECK = Path(__file__).resolve().parents[2] / "script" / "check-includes"


def check(files):
    """Returns: the exit status and the printed lines for a tree of {path: included headers}."""
    with tempfile.TemporaryDirectory() as folder:
        for path, headers in files.items():
            target = Path(folder, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text("// a line before\n" + "".join(f"#include {h}\n" for h in headers))
        result = subprocess.run([sys.executable, CHECK, folder], capture_output=True, text=True)
        return result.returncode, result.stdout.splitlines()


class CheckIncludes(unittest.TestCase):
    def assert_right(self, path, header):
        self.assertEqual(check({path: [header]}), (0, []))

    def assert_wrong(self, path, header):
        status, lines = check({path: ["<cstdint>", header]})
        self.assertEqual(status, 1)
        self.assertEqual(len(lines), 1, lines)
        self.assertTrue(lines[0].startswith(f"{path}:3: "), lines)

    def test_edges_of_the_design_are_right(self):
        for path, header in [
            ("wherry/http/a.cc", '"wherry/base/b.h"'),
            ("wherry/coro/a.cc", '"wherry/coro/b.h"'),
            ("wherry/storage/storage.h", '"wherry/coro/b.h"'),
            ("wherry/storage/posix/a.cc", '"wherry/storage/storage.h"'),
            ("wherry/storage/posix/a.cc", "<sys/stat.h>"),
            ("wherry/net/asio/a.cc", "<asio/io_context.hpp>"),
            ("wherry/app/a.cc", '"wherry/net/net.h"'),
            ("wherry/app/a_test.cc", '"wherry/net/sim/b.h"'),
            ("wherry/app/a_test.cc", "<gtest/gtest.h>"),
            ("wherry/transfer/a.cc", '"wherry/app/b.h"'),
            ("cli/main.cc", '"wherry/storage/posix/b.h"'),
            ("cli/main.cc", '"cli/b.h"'),
            ("examples/a.cpp", '"wherry/net/asio/b.h"'),
            ("tests/vectors/a.cc", '"tests/vectors/b.h"'),
            ("tests/vectors/a.cc", '"boards/common/b.h"'),
            ("bench/a.cc", '"boards/common/b.h"'),
        ]:
            with self.subTest(path=path, header=header):
                self.assert_right(path, header)

    def test_a_room_does_not_include_one_above_it(self):
        for path, header in [
            ("wherry/base/a.h", '"wherry/http/b.h"'),
            ("wherry/http/a.cc", '"wherry/coro/b.h"'),
            ("wherry/coro/a.h", '"wherry/http/b.h"'),
            ("wherry/storage/storage.h", '"wherry/net/net.h"'),
            ("wherry/net/net.h", '"wherry/http/b.h"'),
            ("wherry/app/a.cc", '"wherry/transfer/b.h"'),
            ("wherry/base/a_test.cc", '"wherry/storage/posix/b.h"'),
            ("wherry/transfer/a.cc", '"cli/b.h"'),
        ]:
            with self.subTest(path=path, header=header):
                self.assert_wrong(path, header)

    def test_back_ends_and_ports_are_not_seen_by_the_library(self):
        for path, header in [
            ("wherry/app/a.cc", '"wherry/storage/posix/b.h"'),
            ("wherry/app/a.cc", '"wherry/storage/block_pool.h"'),
            ("wherry/transfer/a.h", '"wherry/net/asio/b.h"'),
            ("wherry/storage/storage.cc", '"wherry/storage/posix/b.h"'),
            ("wherry/storage/posix/a.cc", '"wherry/storage/memory/b.h"'),
            ("wherry/storage/posix/a.cc", '"wherry/net/net.h"'),
            ("wherry/net/sim/a.cc", '"wherry/app/b.h"'),
        ]:
            with self.subTest(path=path, header=header):
                self.assert_wrong(path, header)

    def test_the_library_does_without_heap_threads_clocks_and_the_system(self):
        for path, header in [
            ("wherry/http/a.h", "<string>"),
            ("wherry/app/a.cc", "<vector>"),
            ("wherry/app/a.cc", "<functional>"),
            ("wherry/coro/a.cc", "<mutex>"),
            ("wherry/net/net.h", "<chrono>"),
            ("wherry/storage/storage.h", "<sys/stat.h>"),
            ("wherry/http/a.cc", "<rapidjson/reader.h>"),
            ("wherry/app/a.cc", "<asio.hpp>"),
        ]:
            with self.subTest(path=path, header=header):
                self.assert_wrong(path, header)

    def test_headers_of_wherry_are_included_by_their_whole_path(self):
        self.assert_wrong("wherry/http/a.cc", '"b.h"')
        self.assert_wrong("cli/main.cc", '"b.h"')
        self.assert_wrong("tests/a.cc", '"boards/lm3s6965evb/b.h"')

    def test_an_unknown_room_is_named(self):
        self.assert_wrong("wherry/extra/a.cc", '"wherry/base/b.h"')

    def test_a_folder_without_sources_is_no_success(self):
        self.assertEqual(check({"README.md": []})[0], 1)


if __name__ == "__main__":
    unittest.main()
