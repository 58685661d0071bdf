# SPDX-License-Identifier: MIT
"""script/memory knows whose a symbol is, and finds what a document says wrongly."""

import importlib.machinery
import importlib.util
import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
SCRIPT = str(Path(__file__).resolve().parents[2] / "script" / "memory")
LOADER = importlib.machinery.SourceFileLoader("memory", SCRIPT)
memory = importlib.util.module_from_spec(importlib.util.spec_from_loader("memory", LOADER))
LOADER.exec_module(memory)


def document(app, total):
    columns = {board: {"app": app, "net": total - app} for board in memory.BOARDS}
    return memory.table("flash, bytes", columns, "all of it", [("budget", [9000, 9000])])


class Memory(unittest.TestCase):
    def test_symbols_belong_to_rooms(self):
        for name, room in {
            "wherry::app::serve(wherry::app::Session&) [clone .actor]": "app",
            "wherry::storage::littlefs::Writer::go_on()": "storage",
            "vtable for wherry::net::lwip::LwipLoop": "net",
            "non-virtual thunk to wherry::app::Server::record()": "app",
            "void rapidjson::GenericReader<wherry::app::LentMemory>::Parse<6u>()": "RapidJSON",
            "wherry_main": "boards",
            "lfs2_dir_commit": "littlefs",
            "tcp_receive": "lwIP",
            "ram_heap": "lwIP",
            "__aeabi_dmul": "C library and compiler's functions",
            "strchr.lto_priv.0": "C library and compiler's functions",
            "nobody_knows_this": "of no known room",
        }.items():
            self.assertEqual(memory.room_of(name, {"strchr"}), room, name)

    def test_small_differences_are_none(self):
        told, found = document(5000, 8000), document(5512, 8512)
        self.assertEqual(list(memory.differences(told, found, 512)), [])

    def test_larger_ones_are_told_for_the_row_and_the_sum(self):
        told, found = document(5000, 8000), document(5513, 8513)
        self.assertEqual(len(list(memory.differences(told, found, 512))), 2 * len(memory.BOARDS))

    def test_rows_that_one_side_lacks_are_told(self):
        told = document(5000, 8000)
        without = [line for line in told if "| net |" not in line]
        for one, other in ((told, without), (without, told)):
            self.assertEqual(len(list(memory.differences(one, other, 64))), len(memory.BOARDS))

    def test_what_is_told_of_the_two_images_is_compared_too(self):
        told = ["| `wherry_firmware` | 8,000 | 9,000 |"]
        found = ["| `wherry_firmware` | 8,600 | 9,000 |"]
        self.assertEqual(list(memory.differences(told, told, 512, memory.IMAGE_COLUMNS)), [])
        (line,) = memory.differences(told, found, 512, memory.IMAGE_COLUMNS)
        self.assertEqual(line, "flash, `wherry_firmware`: 8,600 bytes; docs/MEMORY.md says 8,000")

    def test_an_empty_document_is_all_wrong(self):
        self.assertTrue(list(memory.differences([], document(5000, 8000), 512)))


if __name__ == "__main__":
    unittest.main()
