# SPDX-License-Identifier: MIT
"""script/device, as somebody at a terminal runs it."""

import os
import signal
import subprocess
import time
import urllib.request

import pytest

from board import ROOT, free_port


# On one board: both are tested at the same time, and would build the tools in one folder.
@pytest.mark.only_on("lm3s6965evb")
def test_builds_and_boots_a_board_with_its_card_and_configuration(name, is_built, tmp_path):
    config = tmp_path / "boot.json"
    config.write_text('{"hostname": "desk"}\n')
    port = free_port()
    said = tmp_path / "said.txt"
    command = [
        str(ROOT / "script/device"), name, "--sd", str(tmp_path / "card.img"),
        "--config", str(config), "--port", str(port),
    ]
    with open(said, "wb") as output:
        terminal = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + 300
        while b"Server: http://10.0.2.15:8000" not in said.read_bytes():
            assert terminal.poll() is None, said.read_text()
            assert time.monotonic() < deadline, said.read_text()
            time.sleep(0.1)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as reply:
            assert reply.read() == b"OK"
        assert "bytes of flash" in said.read_text()
    finally:
        os.killpg(terminal.pid, signal.SIGINT)  # Ctrl-C
        terminal.wait(timeout=30)
