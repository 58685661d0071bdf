# SPDX-License-Identifier: MIT
"""What the tests of the boards share.

    pytest tests/device                        each board
    pytest tests/device --board lm3s6965evb    this one
    pytest tests/device --power-cuts 100       the power goes so often, at random moments
    pytest tests/device --seed 7               which moments, and which frames are lost
"""

import contextlib
import json
import shutil

import pytest

from board import BOARDS, CARD_TOOL, Board, image_of, make_card, put_config


def pytest_addoption(parser):
    group = parser.getgroup("wherry")
    group.addoption("--board", action="append", choices=BOARDS, help="default: each")
    group.addoption("--power-cuts", type=int, default=20, help="for each board")
    group.addoption("--seed", type=int, default=1, help="of everything that is random")


def pytest_configure(config):
    config.addinivalue_line("markers", "only_on(board): what no other board has, or takes long")


def pytest_generate_tests(metafunc):
    if "name" in metafunc.fixturenames:
        names = metafunc.config.getoption("--board") or BOARDS
        metafunc.parametrize("name", names, scope="session")


def pytest_collection_modifyitems(config, items):
    """A test of one board is none of another's."""

    def is_wanted(item):
        only_on = item.get_closest_marker("only_on")
        return only_on is None or item.callspec.params["name"] in only_on.args

    config.hook.pytest_deselected(items=[item for item in items if not is_wanted(item)])
    items[:] = [item for item in items if is_wanted(item)]


@pytest.fixture(scope="session")
def seed(request):
    return request.config.getoption("--seed")


@pytest.fixture(scope="session")
def is_built(name):
    if shutil.which("qemu-system-arm") is None:
        pytest.skip("qemu-system-arm is not installed")
    if not image_of(name).exists() or not CARD_TOOL.exists():
        pytest.skip("not built: script/test-device builds all that is needed")


@pytest.fixture(scope="module")
def board(name, is_built, tmp_path_factory):
    """A board that runs, on a card of its own, for all tests of a file."""
    folder = tmp_path_factory.mktemp(name)
    with Board(name, folder / "card.img", folder / "console.txt") as running:
        yield running


@pytest.fixture
def boot(name, is_built, tmp_path):
    """boot(config={…}, options=…, card_bytes=…): a board for one test, with this boot.json; each
    boot of a test has the same card. The one before has lost its power by then."""
    with contextlib.ExitStack() as stack:

        def start(config=None, **options):
            stack.close()
            if config is not None:
                make_card(tmp_path / "card.img")
                assert put_config(tmp_path / "card.img", json.dumps(config)) is None
            return stack.enter_context(
                Board(name, tmp_path / "card.img", tmp_path / "console.txt", **options)
            )

        yield start
