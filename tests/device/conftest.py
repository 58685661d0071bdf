# SPDX-License-Identifier: MIT
import shutil

import pytest

from board import BOARDS, Board, image_of


@pytest.fixture(scope="module", params=BOARDS)
def board(request, tmp_path_factory):
    """A board that runs, on a card of its own, for all tests of a file."""
    name = request.param
    if shutil.which("qemu-system-arm") is None:
        pytest.skip("qemu-system-arm is not installed")
    if not image_of(name).exists():
        pytest.skip(f"not built: cmake --preset {name} && cmake --build --preset {name}")
    folder = tmp_path_factory.mktemp(name)
    with Board(name, folder / "card.img", folder / "console.txt") as running:
        yield running
