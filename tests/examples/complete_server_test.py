# SPDX-License-Identifier: MIT
"""complete_server_test.py PROGRAM: the example does what its endpoints say, with curl at the other end."""

import binascii
import json
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROGRAM = None


def curl(*arguments):
    """Returns: what curl received. Fails when curl does."""
    command = ["curl", "--silent", "--show-error", "--max-time", "30", *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True).stdout


class CompleteServer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls._temporary = tempfile.TemporaryDirectory()
        cls.outside = Path(cls._temporary.name, "outside")
        cls.served = Path(cls._temporary.name, "served")
        cls.outside.mkdir()
        cls.served.mkdir()
        cls.process = subprocess.Popen(
            [PROGRAM, cls.served, "0"], stdout=subprocess.PIPE, text=True
        )
        line = cls.process.stdout.readline()
        cls.url = re.fullmatch(r"Server: (http://\S+)\n", line)[1]

    @classmethod
    def tearDownClass(cls):
        cls.process.terminate()
        cls.process.wait(15)
        cls.process.stdout.close()
        cls._temporary.cleanup()

    def file(self, name, content):
        path = self.outside / name
        path.write_bytes(content)
        return path

    def test_home_answers(self):
        self.assertEqual(curl(self.url + "/"), b"OK")

    def test_what_is_put_is_stored_checked_and_fetched(self):
        for size in (0, 1, 255, 256, 257, 100 * 1024):
            with self.subTest(size=size):
                content = bytes(i * 31 % 251 for i in range(size))
                path = self.file(f"put-{size}.bin", content)
                reply = json.loads(curl("-T", path, f"{self.url}/upload/{path.name}"))
                self.assertEqual(
                    reply,
                    {"filename": path.name, "size": size, "crc32": f"0x{binascii.crc32(content):08x}"},
                )
                self.assertEqual(curl(f"{self.url}/download/file/{path.name}"), content)

    def test_a_form_is_stored(self):
        path = self.file("form.bin", b"form content" * 1000)
        reply = json.loads(curl("-F", f"file=@{path}", self.url + "/upload"))
        self.assertEqual((reply["filename"], reply["size"]), ("form.bin", 12000))
        self.assertEqual((self.served / "form.bin").read_bytes(), path.read_bytes())

    def test_a_missing_file_is_said_to_be_missing(self):
        reply = curl("-w", "%{http_code}", self.url + "/download/file/none.bin")
        self.assertEqual(reply, b'{"error": "File not found"}404')

    def test_bytes_are_made_while_they_are_sent(self):
        for size in (0, 1, 1023, 1024, 1025, 100_000):
            with self.subTest(size=size):
                content = curl(f"{self.url}/download/generate/{size}")
                self.assertEqual(content, bytes(i % 256 for i in range(size)))

    def test_a_report_takes_parameters_in_json(self):
        parameters = json.dumps({"size": 5000, "pattern": "random"})
        content = curl("-H", "Content-Type: application/json", "-d", parameters,
                       self.url + "/download/report")
        self.assertEqual(content, bytes(i * 37 % 256 for i in range(5000)))


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
