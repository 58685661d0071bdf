# SPDX-License-Identifier: MIT
"""The wire between a board in QEMU and its network: it loses frames, or is cut, as it is told.

QEMU's filter-redirector hands each frame to a socket, and takes frames from another: 4 bytes of
length, the most significant first, then the frame. Whatever comes out of one is put into the other
here, or is lost. Which frames are lost depends on `seed` and their order alone.
"""

import random
import socket
import threading
from pathlib import Path

# queue=rx: what the board sends; queue=tx: what is sent to the board. QEMU goes through the
# filters of rx from the last to the first: the one that takes frames in must be declared first, or
# its frames come by the other again.
DIRECTIONS = {"rx": ("in", "out"), "tx": ("out", "in")}
ACCEPT_BOUND_S = 60


class Wire:
    """Made before the board is started, with `options` for its command line."""

    def __init__(self, folder, loss=0.0, seed=1):
        self.is_cut = False
        self.passed = dict.fromkeys(DIRECTIONS, 0)
        self.lost = dict.fromkeys(DIRECTIONS, 0)
        self._loss = loss
        self._sockets = []
        self.options = []
        filters = []
        for direction, ends in DIRECTIONS.items():
            listeners = {}
            for end in ends:
                name = f"wire-{direction}-{end}"
                listeners[end] = self._listen(Path(folder) / name)
                self.options += ["-chardev", f"socket,id={name},path={Path(folder) / name}"]
                filters += [
                    "-object",
                    f"filter-redirector,id=filter-{direction}-{end},netdev=net0,"
                    f"queue={direction},{end}dev={name}",
                ]
            threading.Thread(
                target=self._carry,
                args=(direction, listeners, random.Random(f"{seed} {direction}")),
                daemon=True,
            ).start()
        self.options += filters

    def _listen(self, path):
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen(1)
        listener.settimeout(ACCEPT_BOUND_S)
        self._sockets.append(listener)
        return listener

    def _carry(self, direction, listeners, chance):
        try:
            ends = {end: listener.accept()[0] for end, listener in listeners.items()}
            self._sockets += ends.values()
            with ends["out"].makefile("rb") as frames:
                while header := frames.read(4):
                    frame = frames.read(int.from_bytes(header, "big"))
                    if chance.random() < self._loss or self.is_cut:
                        self.lost[direction] += 1
                        continue
                    self.passed[direction] += 1
                    ends["in"].sendall(header + frame)
        except OSError:
            pass  # the emulator has ended, or was never started

    def close(self):
        for one in self._sockets:
            one.close()
