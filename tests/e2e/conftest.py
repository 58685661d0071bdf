# SPDX-License-Identifier: MIT
"""What all end-to-end tests share: the server, its folder, the options of a run.

    pytest tests/e2e                starts `wherry serve`: WHERRY_PROGRAM, or the newest build
    pytest tests/e2e --large        also transfers of 5 GiB, and more repetitions
    pytest tests/e2e --base-url URL a server that runs already, a board for example
"""

import itertools
import os
import shlex
import subprocess
from pathlib import Path

import pytest

from wherry_command import Client, require_client
from wherry_server import OwnServer, Server

ROOT = Path(__file__).resolve().parents[2]

# The one list of what a server that was started elsewhere may lack. Each mark on a test says what
# the test cannot do without; a run against such a server skips the test and shows the reason. A
# test that starts servers of its own has needs_process by itself.
LACKS = {
    "needs_folder": "looks into the served folder, or prepares it",
    "needs_process": "starts, measures or ends the server's process, or sets its limits",
    "needs_log": "reads the transfer log",
    "needs_large": "moves more at once than a board takes, 16 MiB",
    "needs_long_heads": "has a name, a head or a whole body longer than a small board takes",
    "needs_metrics": "asks for /metrics or /events, which a small board has no room for",
    "needs_archives": "fetches a folder as an archive, which takes flash that a small board lacks",
    "needs_uploads": "goes on with an upload that was cut, which a program may leave out",
    "needs_tus": "sends by tus, whose routes a board need not have",
    "needs_versions": "replaces a file while it is read, for which a board waits until it is not",
}


def pytest_addoption(parser):
    group = parser.getgroup("wherry")
    group.addoption(
        "--base-url",
        default=os.environ.get("WHERRY_URL"),
        help="test the server at this address instead of starting one (WHERRY_URL)",
    )
    group.addoption(
        "--lacks",
        default=",".join(LACKS),
        help=f"with --base-url: what that server lacks; default: {','.join(LACKS)}",
    )
    group.addoption("--has", default="", help="with --base-url: what that server has of these")
    group.addoption(
        "--serve-flags",
        default="",
        help="further flags for the server that most tests share: '--threads 4'",
    )
    group.addoption(
        "--large", action="store_true", help="transfers of 5 GiB, 200 kills instead of 10"
    )


def pytest_configure(config):
    for mark, reason in LACKS.items():
        config.addinivalue_line("markers", f"{mark}: {reason}")
    config.addinivalue_line("markers", "large: takes long; runs with --large only")


def pytest_collection_modifyitems(config, items):
    lacking = set()
    if config.getoption("--base-url"):
        lacking = set(filter(None, config.getoption("--lacks").split(",")))
        had = set(filter(None, config.getoption("--has").split(",")))
        assert lacking | had <= set(LACKS), f"unknown: {(lacking | had) - set(LACKS)}"
        lacking -= had
    for item in items:
        if {"program", "start_server"} & set(item.fixturenames):
            item.add_marker(pytest.mark.needs_process)
        for mark in lacking:
            if item.get_closest_marker(mark):
                item.add_marker(pytest.mark.skip(reason=f"this server: the test {LACKS[mark]}"))
        if item.get_closest_marker("large") and not config.getoption("--large"):
            item.add_marker(pytest.mark.skip(reason="large: runs with --large"))


def pytest_make_parametrize_id(config, val, argname):
    """Keeps the names of tests short where a value is a whole message."""
    if isinstance(val, (str, bytes)) and len(val) > 60:
        return f"{val[:50]!r}... of {len(val)}"
    return None


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if not report.failed:
        return
    for value in getattr(item, "funcargs", {}).values():
        servers = getattr(value, "servers", [value])
        for server in servers if isinstance(servers, list) else []:
            if isinstance(server, Server):
                report.sections.append(("server", server.report()))


@pytest.fixture(scope="session")
def program():
    """The program under test."""
    named = os.environ.get("WHERRY_PROGRAM")
    if named:
        assert os.access(named, os.X_OK), f"WHERRY_PROGRAM={named} is no program"
        return Path(named).resolve()
    built = [path for path in ROOT.glob("build/*/cli/wherry") if os.access(path, os.X_OK)]
    if not built:
        pytest.exit("no build/*/cli/wherry: build it, or name it in WHERRY_PROGRAM", 2)
    return max(built, key=lambda path: path.stat().st_mtime)


@pytest.fixture(scope="session")
def is_sanitized(program):
    """Whether the program is built with a sanitizer, whose own memory hides the server's."""
    return b"__asan_init" in program.read_bytes()


@pytest.fixture(scope="session")
def _shared_server(request, tmp_path_factory):
    url = request.config.getoption("--base-url")
    if url:
        yield Server(url)
        return
    program = request.getfixturevalue("program")
    flags = shlex.split(request.config.getoption("--serve-flags"))
    server = OwnServer(program, tmp_path_factory.mktemp("served"), *flags)
    yield server
    assert server.stop() == 0, server.report()


@pytest.fixture
def server(_shared_server):
    """The server that most tests share; it must be well after each of them."""
    yield _shared_server
    _shared_server.check()


class Starter:
    """Starts servers for one test and ends them after it."""

    def __init__(self, program, folders):
        self.servers = []
        self._program = program
        self._folders = folders

    def __call__(self, *flags, folder=None, **options):
        if folder is None:
            folder = self._folders.mktemp("served")
        server = OwnServer(self._program, folder, *flags, **options)
        self.servers.append(server)
        return server


@pytest.fixture
def start_server(program, tmp_path_factory):
    """start_server(*flags, folder=…, durability="none", log_format="json")"""
    starter = Starter(program, tmp_path_factory)
    yield starter
    for server in starter.servers:
        server.stop()


@pytest.fixture
def client(program, tmp_path, monkeypatch):
    """client("put", file, url, expected=…): a command of the client, in a folder of its own, which
    also has what it notes for its next run."""
    require_client(program)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return Client(program, tmp_path)


@pytest.fixture(scope="session")
def scripts():
    """The folder of the scripts that run under node, with what they need as its lock file says."""
    folder = Path(__file__).parent / "browser"
    done = subprocess.run(
        ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done
    return folder


_numbers = itertools.count(1)


@pytest.fixture
def unique():
    """A name that no other test of this run uses."""
    return f"t{next(_numbers)}-{os.getpid()}"


def greatest(accepts, refused):
    """The greatest size that a server accepts; None when it accepts `refused` too."""
    if accepts(refused):
        return None
    accepted = 100
    while refused - accepted > 1:
        middle = (accepted + refused) // 2
        accepted, refused = (middle, refused) if accepts(middle) else (accepted, middle)
    return accepted


@pytest.fixture(scope="session")
def limits_elsewhere(_shared_server):
    """limits_elsewhere(status, make): the greatest `size` for which a server that was started
    elsewhere does not say `status` to the request `make(size)`. Found once for each status."""
    found = {}

    def limit(status, make, refused):
        def accepts(size):
            with _shared_server.connect() as connection:
                connection.send(make(size))
                return connection.read_response().status != status

        if status not in found:
            found[status] = greatest(accepts, refused)
        if found[status] is None:
            pytest.skip(f"this server accepts {refused} bytes")
        return found[status]

    return limit


@pytest.fixture
def split_points(request):
    """split_points(size): where to cut `size` bytes in two: everywhere; at every fifth place where
    a board stores a file for each."""
    step = 5 if request.config.getoption("--base-url") else 1
    return lambda size: range(1, size, step)


@pytest.fixture
def repetitions(request):
    """How often a test repeats what happens at random moments."""
    return 50 if request.config.getoption("--large") else 10


@pytest.fixture
def kills(request):
    """How often a server is killed while uploads go on."""
    return 200 if request.config.getoption("--large") else 10
