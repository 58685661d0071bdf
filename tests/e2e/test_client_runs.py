# SPDX-License-Identifier: MIT
"""`wherry put` that goes on in another run: the first is killed, interrupted or gives up; the same
command again sends what the server does not have, and no more."""

import random
import signal
import subprocess

import pytest

from cutting_proxy import CuttingProxy
from resumable_server import Ietf, Tus
from wherry_client import crc_text
from wherry_command import INTERRUPTED, NETWORK, REFUSED, highest_rate
from wherry_server import upload_files, wait_until

MiB = 1 << 20
SIZE = 6 * MiB
CUT_AT = 3 * MiB


@pytest.fixture
def data(tmp_path):
    data = random.randbytes(SIZE)
    (tmp_path / "a.bin").write_bytes(data)
    return data


@pytest.fixture
def wherry(start_server):
    return start_server()


@pytest.fixture
def link(wherry):
    """A link that has cut each connection after CUT_AT bytes, until it is mended."""
    with CuttingProxy(wherry.port, up_bytes=CUT_AT) as proxy:
        yield proxy


@pytest.fixture
def notes(tmp_path):
    """The files in which runs leave word for the next one."""

    def found():
        folder = tmp_path / "state/wherry/uploads"
        return list(folder.iterdir()) if folder.exists() else []

    return found


def mend(link):
    link.up_bytes = None


def give_up(client, url, *more):
    """A run that ends at its first cut."""
    one = client("put", "a.bin", url, "--retries", "0", *more, expected=NETWORK).object()
    assert "the same command goes on" in one["error"]
    return one


def check_second(one, data, first):
    """What was under way when the link was cut is sent again, and nothing else."""
    assert one["crc32"] == crc_text(data) and one["verified"] and one["resumes"] == 1
    assert one["protocol"] == "ietf" and one["status"] in (200, 201)
    assert len(data) - CUT_AT <= one["sent_bytes"] < len(data)
    assert one["again_bytes"] == 0  # in this run
    assert first["sent_bytes"] + one["sent_bytes"] - len(data) <= MiB


@pytest.mark.parametrize("more", [[], ["--read-once"], ["--no-clobber"]])
def test_the_same_command_goes_on_where_the_last_one_gave_up(
    client, wherry, link, data, notes, more
):
    url = link.url("/files/d/a.bin")
    first = give_up(client, url, *more)
    assert len(notes()) == 1
    mend(link)
    check_second(client("put", "a.bin", url, *more).object(), data, first)
    assert (wherry.folder / "d/a.bin").read_bytes() == data
    assert notes() == []
    assert len([request for request in link.requests if request.startswith("PUT")]) == 1


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_ended_is_gone_on_with(client, wherry, data, tmp_path, notes, end):
    with CuttingProxy(wherry.port, delay_s=0.02) as link:
        url = link.url("/files/a.bin")
        running = subprocess.Popen(client.command("put", "a.bin", url, "-q"), cwd=tmp_path)
        assert wait_until(lambda: link.passed_up > MiB, 60)
        running.send_signal(end)
        assert running.wait(30) == (-end if end == signal.SIGKILL else INTERRUPTED)
        assert not (wherry.folder / "a.bin").exists() and len(notes()) == 1
        link.delay_s = 0
        one = client("put", "a.bin", url).object()
    assert one["verified"] and one["resumes"] == 1 and one["sent_bytes"] <= len(data) - MiB // 2
    assert (wherry.folder / "a.bin").read_bytes() == data
    assert notes() == []


def test_many_runs_that_are_killed_end_in_one_file(client, wherry, data, tmp_path, notes):
    with CuttingProxy(wherry.port, delay_s=0.005) as link:
        url = link.url("/files/a.bin")
        kills = 0
        while True:
            before = link.passed_up
            running = subprocess.Popen(client.command("put", "a.bin", url, "-q"), cwd=tmp_path)
            some = random.randrange(MiB)
            wait_until(lambda: link.passed_up - before > some or running.poll() is not None, 60)
            if running.poll() is not None:
                assert running.returncode == 0
                break
            running.kill()
            running.wait(30)
            kills += 1
            assert kills < 200
    assert (wherry.folder / "a.bin").read_bytes() == data
    assert kills >= 3 and notes() == []


def test_a_file_that_was_changed_is_sent_from_the_start(client, wherry, link, data, tmp_path, notes):
    url = link.url("/files/a.bin")
    give_up(client, url)
    mend(link)
    (tmp_path / "a.bin").write_bytes(bytes(reversed(data)))
    one = client("put", "a.bin", url).object()
    assert one["sent_bytes"] == SIZE and one["resumes"] == 0 and one["verified"]
    assert (wherry.folder / "a.bin").read_bytes() == bytes(reversed(data))
    # What there was of the old one has been given back.
    assert notes() == [] and len(upload_files(wherry.folder)) <= 1
    assert any(request.startswith("DELETE /uploads/") for request in link.requests)


def test_fresh_begins_from_the_start(client, wherry, link, data, notes):
    url = link.url("/files/a.bin")
    give_up(client, url)
    mend(link)
    one = client("put", "a.bin", url, "--fresh").object()
    assert one["sent_bytes"] == SIZE and one["resumes"] == 0 and notes() == []


def test_other_conditions_or_another_name_are_another_upload(client, wherry, link, data):
    give_up(client, link.url("/files/a.bin"))
    mend(link)
    for target, more in (("b.bin", []), ("a.bin", ["--no-clobber"])):
        one = client("put", "a.bin", link.url(f"/files/{target}"), *more).object()
        assert one["sent_bytes"] == SIZE and one["resumes"] == 0


def test_an_upload_that_the_server_has_no_more_begins_anew_at_once(
    client, wherry, link, data, notes
):
    url = link.url("/files/a.bin")
    give_up(client, url)
    mend(link)
    (upload,) = {name.split("/")[-1].split(".")[0] for name in upload_files(wherry.folder)}
    assert wherry.exchange("DELETE", f"/uploads/{upload}").status == 204
    one = client("put", "a.bin", url).object()
    assert one["sent_bytes"] == SIZE and one["attempts"] == 1 and notes() == []


def test_an_upload_that_was_complete_is_found_out_by_the_next_run(client, data, notes):
    with Ietf() as server:
        server.lost_replies = 99
        client("put", "a.bin", f"{server.url}/upload/a", "--retries", "0", expected=NETWORK)
        server.lost_replies = 0
        one = client("put", "a.bin", f"{server.url}/upload/a").object()
        assert server.files["a"] == data and server.received_bytes == SIZE
    assert one["sent_bytes"] == 0 and notes() == []


def test_what_the_server_refuses_is_not_gone_on_with(client, wherry, link, data, notes):
    url = link.url("/files/a.bin")
    give_up(client, url, "--no-clobber")
    wherry.put("/files/a.bin", b"of another")
    mend(link)
    one = client("put", "a.bin", url, "--no-clobber", expected=REFUSED).object()
    assert one["status"] == 412 and notes() == []
    assert (wherry.folder / "a.bin").read_bytes() == b"of another"


def test_of_two_runs_at_once_each_sends_a_whole_file(client, wherry, data, tmp_path, notes):
    url = f"{wherry.url}/files/a.bin"
    command = client.command("put", "a.bin", url, "-q")
    runs = [subprocess.Popen(command, cwd=tmp_path) for _ in range(3)]
    assert [run.wait(60) for run in runs] == [0, 0, 0]
    assert (wherry.folder / "a.bin").read_bytes() == data and notes() == []


def test_tus_goes_on_in_another_run(client, data, notes):
    with Tus(cut_after=[CUT_AT]) as server:
        url = f"{server.url}/tus/"
        client("put", "a.bin", url, "--retries", "0", expected=NETWORK)
        assert len(notes()) == 1
        one = client("put", "a.bin", url).object()
        assert server.files["a.bin"] == data and server.violations == []
    assert one["protocol"] == "tus" and one["resumes"] == 1 and notes() == []
    assert one["sent_bytes"] == SIZE - CUT_AT


def test_a_state_folder_that_cannot_be_written_is_no_reason_to_fail(
    client, wherry, data, monkeypatch
):
    monkeypatch.setenv("XDG_STATE_HOME", "/dev/null/state")
    assert client("put", "a.bin", f"{wherry.url}/files/a.bin").object()["verified"]


def test_what_an_earlier_run_has_sent_is_not_part_of_the_rate(client, wherry, tmp_path):
    (tmp_path / "a.bin").write_bytes(random.randbytes(34 * MiB))
    with CuttingProxy(wherry.port, up_bytes=32 * MiB) as link:
        url = link.url("/files/a.bin")
        give_up(client, url)
        link.delay_s = 0.02
        shown = client.on_terminal("put", "a.bin", url)
    assert b" 9" in shown and highest_rate(shown) < 16 * MiB


def test_sync_goes_on_with_a_file_in_another_run(client, wherry, link, data, tmp_path, notes):
    (tmp_path / "d").mkdir()
    (tmp_path / "a.bin").rename(tmp_path / "d/a.bin")
    url = link.url("/files/s/")
    client("sync", "d", url, "--retries", "0", expected=NETWORK)
    mend(link)
    one = client("sync", "d", url).objects()[0]
    assert one["sent_bytes"] < SIZE and one["resumes"] == 1
    assert (wherry.folder / "s/a.bin").read_bytes() == data and notes() == []
