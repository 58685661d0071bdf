# SPDX-License-Identifier: MIT
"""`wherry put`: against Wherry, and against servers of another make that speak each protocol."""

import random
import re
import subprocess
import time

import pytest

from cutting_proxy import CuttingProxy
from digests import digest
from resumable_server import Ietf, Plain, Tus
from wherry_client import crc_text
from wherry_command import INTERRUPTED, LOCAL_FILE, MISMATCH, NETWORK, REFUSED, SERVER, USAGE

MiB = 1 << 20
SIZES = [0, 1, 65_536, 3 * MiB + 7]


@pytest.fixture
def wherry(start_server):
    return start_server()


@pytest.fixture
def make_file(tmp_path):
    def make(name, size):
        data = random.randbytes(size)
        (tmp_path / name).write_bytes(data)
        return data

    return make


# ---------------------------------------------------------------- to Wherry


@pytest.mark.parametrize("size", SIZES)
def test_a_file_arrives_verified(client, wherry, make_file, size):
    data = make_file("a.bin", size)
    one = client("put", "a.bin", f"{wherry.url}/upload/b.bin").object()
    assert (wherry.folder / "b.bin").read_bytes() == data
    assert one["status"] == 201 and one["verified"] and one["crc32"] == crc_text(data)
    assert one["sent_bytes"] == one["size"] == size


def test_several_files_go_into_a_folder_under_their_names(client, wherry, make_file, tmp_path):
    names = [f"{i} #ä?.bin" for i in range(9)]
    contents = {name: make_file(name, 50_000) for name in names}
    done = client("put", *names, f"{wherry.url}/files/d/", "-P", "3")
    assert all(one["verified"] for one in done.objects())
    for name, data in contents.items():
        assert (wherry.folder / "d" / name).read_bytes() == data
    client("put", *names, f"{wherry.url}/files/d", expected=USAGE)


def test_conditions_keep_what_is_there(client, wherry, make_file):
    make_file("a", 10)
    url = f"{wherry.url}/files/a"
    assert client("put", "a", url, "--no-clobber").object()["status"] == 201
    one = client("put", "a", url, "--no-clobber", expected=REFUSED).object()
    assert one["status"] == 412
    tag = wherry.get("/files/a").get("ETag")
    client("put", "a", url, "--if-match", '"0000000000000000"', expected=REFUSED)
    assert client("put", "a", url, "--if-match", tag).object()["status"] == 200


def test_errors_have_exit_statuses_of_their_own(client, wherry, make_file, tmp_path):
    make_file("a", 10)
    client("put", "a", expected=USAGE)
    client("put", "a", "ftp://127.0.0.1/", expected=USAGE)
    client("put", "none", f"{wherry.url}/files/", expected=LOCAL_FILE)
    client("put", tmp_path, f"{wherry.url}/files/x", expected=LOCAL_FILE)
    client("put", "a", f"{wherry.url}/nothing/here", expected=REFUSED)
    client("put", "a", f"{wherry.url}/files/%2e%2e/a", expected=REFUSED)
    client("put", "a", "http://127.0.0.1:9/a", "--retries", "1", expected=NETWORK)
    # The first that was not done decides; the others are sent all the same.
    done = client("put", "none", "a", f"{wherry.url}/files/", expected=LOCAL_FILE)
    assert {one["file"]: one["exit"] for one in done.objects()} == {"none": 3, "a": 0}
    assert (wherry.folder / "a").exists()


def test_it_survives_cuts_to_wherry_itself(client, wherry, make_file):
    data = make_file("a.bin", 4 * MiB)
    with CuttingProxy(wherry.port, up_bytes=MiB, max_cuts=3) as proxy:
        one = client("put", "a.bin", proxy.url("/files/a.bin")).object()
    assert (wherry.folder / "a.bin").read_bytes() == data
    assert one["attempts"] == 4 and one["verified"]


def test_what_is_shown_says_size_rate_and_checksum(client, wherry, make_file, tmp_path):
    make_file("a.bin", 1000)
    run = lambda *more: subprocess.run(
        client.command("put", "a.bin", f"{wherry.url}/files/", *more),
        cwd=tmp_path, capture_output=True, check=True, timeout=60,
    )
    done = run()
    assert b"1000 B" in done.stdout and b"CRC-32 0x" in done.stdout and b"verified" in done.stdout
    assert done.stderr == b""
    assert run("-q").stdout == b""


def test_a_cut_and_where_it_goes_on_are_told(client, wherry, make_file, tmp_path):
    make_file("a.bin", 3 * MiB)
    with CuttingProxy(wherry.port, up_bytes=2 * MiB, max_cuts=1) as proxy:
        run = lambda *more: subprocess.run(
            client.command("put", "a.bin", proxy.url("/files/"), *more),
            cwd=tmp_path, capture_output=True, timeout=60, text=True,
        )
        cut, further = run().stderr.splitlines()
        proxy.max_cuts = 2
        ended = run("--retries", "0").stderr
        (later,) = run().stderr.splitlines()
    assert cut.startswith("wherry: a.bin: the connection was cut (")
    assert cut.endswith("); trying again")
    assert re.fullmatch(r"wherry: a\.bin: going on from [0-9.]+ [MK]iB", further)
    assert ended.endswith("; the same command goes on where this one ended\n")
    assert re.fullmatch(r"wherry: a\.bin: going on from .*, where an earlier run has ended", later)


def test_on_a_terminal_a_bar_shows_rate_and_time_left(client, wherry, make_file):
    make_file("a.bin", 4 * MiB)
    make_file("b.bin", 0)
    with CuttingProxy(wherry.port, delay_s=0.02) as proxy:
        shown = client.on_terminal("put", "a.bin", "b.bin", proxy.url("/files/"))
    for part in (b"a.bin  [", b"1/2", b"%", b"MiB/s", b":0", b" left"):
        assert part in shown, part
    assert shown.endswith(b"\r\x1b[K")  # and leaves nothing behind


# ---------------------------------------------------------------- the IETF's resumable uploads


def check_ietf(server, name, data):
    assert server.files[name] == data
    assert server.violations == []


@pytest.mark.parametrize("size", SIZES)
def test_ietf_without_a_cut_is_one_request(client, make_file, size):
    data = make_file("a", size)
    with Ietf() as server:
        one = client("put", "a", f"{server.url}/upload/a").object()
        check_ietf(server, "a", data)
        assert server.methods() == ["PUT"]
    assert one["verified"] and one["resumes"] == 0 and one["sent_bytes"] == size


@pytest.mark.parametrize("read_once", [[], ["--read-once"]])
def test_ietf_goes_on_behind_the_last_byte_that_arrived(client, make_file, read_once):
    data = make_file("a", 3 * MiB)
    cuts = [1_000_000, 1, 500_000, 0, 700_001]
    with Ietf(cut_after=cuts) as server:
        one = client("put", "a", f"{server.url}/upload/a", *read_once).object()
        check_ietf(server, "a", data)
        assert server.received_bytes == len(data)  # none twice
        assert server.methods() == ["PUT"] + ["HEAD", "PATCH"] * len(cuts)
    assert one["protocol"] == "ietf" and one["resumes"] == len(cuts) and one["verified"]


def test_ietf_a_cut_before_the_first_byte_still_resumes(client, make_file):
    data = make_file("a", MiB)
    with Ietf(cut_after=[0]) as server:
        client("put", "a", f"{server.url}/upload/a")
        check_ietf(server, "a", data)


def test_ietf_failures_of_the_server_are_resumed_too(client, make_file):
    data = make_file("a", MiB)
    with Ietf(cut_after=[300_000]) as server:
        server.failing = []
        original = server.append

        def fail_once(handler, upload):
            server.append = original
            handler.close_connection = True
            return server.reply(handler, 503, [("Retry-After", "1")])

        server.append = fail_once
        begun = time.monotonic()
        client("put", "a", f"{server.url}/upload/a")
        assert time.monotonic() - begun > 1
        check_ietf(server, "a", data)


def test_ietf_a_lost_last_reply_is_found_out_and_nothing_is_sent_again(client, make_file):
    data = make_file("a", MiB)
    with Ietf() as server:
        server.lost_replies = 1
        one = client("put", "a", f"{server.url}/upload/a").object()
        check_ietf(server, "a", data)
        assert server.received_bytes == len(data)
        assert server.methods()[:2] == ["PUT", "HEAD"] and "PATCH" not in server.methods()
    assert one["exit"] == 0


def test_ietf_an_upload_that_is_gone_begins_anew(client, make_file):
    data = make_file("a", MiB)
    with Ietf(cut_after=[300_000]) as server:
        server.forgets = 1
        client("put", "a", f"{server.url}/upload/a")
        check_ietf(server, "a", data)
        assert server.methods().count("PUT") == 2


@pytest.mark.parametrize("tells_limit_by_413", [False, True])
def test_ietf_a_limit_of_requests_is_kept(client, make_file, tells_limit_by_413):
    data = make_file("a", 1_000_000)
    limits = {"max_append": 300_000, "tells_limit_by_413": tells_limit_by_413}
    with Ietf(cut_after=[None, 100_000], **limits) as server:
        client("put", "a", f"{server.url}/upload/a")
        check_ietf(server, "a", data)


def test_ietf_what_is_too_large_is_cancelled(client, make_file):
    make_file("a", 4 * MiB)
    with Ietf(max_size=MiB) as server:
        client("put", "a", f"{server.url}/upload/a", expected=REFUSED)
        assert server.uploads == {} and server.methods()[-1] == "DELETE"


@pytest.mark.parametrize("version", ["6", "9", None])
def test_ietf_an_interop_version_that_is_not_known_is_not_used(client, make_file, version):
    data = make_file("a", 3 * MiB)
    with Ietf(cut_after=[100_000]) as server:
        interim = server.interim
        said = [] if version is None else [("Upload-Draft-Interop-Version", version)]

        def other_version(handler, status, reason, fields=()):
            rest = [field for field in fields if "Interop" not in field[0]]
            interim(handler, status, reason, [*rest, *said])

        server.interim = other_version
        client("put", "a", f"{server.url}/upload/a")
        check_ietf(server, "a", data)
        # What that 104 told of is not gone on with.
        assert server.methods() == ["PUT", "OPTIONS", "PUT", "PATCH"]
        assert server.received_bytes == len(data) + 100_000


# ---------------------------------------------------------------- where no 104 arrives


@pytest.mark.parametrize("read_once", [[], ["--read-once"]])
def test_without_a_104_a_cut_costs_one_beginning_and_no_more(client, make_file, read_once):
    data = make_file("a", 3 * MiB)
    cuts = [1_000_000, 900_000, 1, 700_001]
    with Ietf(cut_after=cuts, sends_interim=False) as server:
        one = client("put", "a", f"{server.url}/upload/a", *read_once).object()
        check_ietf(server, "a", data)
        assert server.received_bytes == len(data) + cuts[0]
        assert cuts[0] <= one["again_bytes"] == one["sent_bytes"] - len(data)
        # The second is without content, and its final reply says where the upload is.
        begun = ["PUT", "OPTIONS", "PUT", "PATCH"]
        assert server.methods() == begun + ["HEAD", "PATCH"] * (len(cuts) - 1)
        assert server.requests[2][2]["Content-Length"] == "0"
        assert server.requests[2][2]["Upload-Length"] == str(len(data))
    assert one["protocol"] == "ietf" and one["resumes"] == len(cuts) - 1 and one["verified"]


def test_without_a_104_nothing_is_sent_again_to_wherry_after_the_first_cut(
    client, wherry, make_file
):
    data = make_file("a", 6 * MiB)
    with CuttingProxy(wherry.port, up_bytes=MiB, drops_104=True) as proxy:
        one = client("put", "a", proxy.url("/files/d/a"), "--no-clobber").object()
    assert (wherry.folder / "d/a").read_bytes() == data
    assert one["protocol"] == "ietf" and one["resumes"] >= 5 and one["verified"]
    begun = [request for request in proxy.requests if request.startswith("PUT")]
    assert len(begun) <= 2 and "OPTIONS /files/d/a" in "".join(proxy.requests)


def test_without_a_104_another_run_goes_on_where_the_first_gave_up(client, wherry, make_file):
    data = make_file("a", 4 * MiB)
    with CuttingProxy(wherry.port, up_bytes=MiB, max_cuts=2, drops_104=True) as proxy:
        url = proxy.url("/files/a")
        client("put", "a", url, "--retries", "1", expected=NETWORK)
        one = client("put", "a", url).object()
    assert one["resumes"] == 1 and one["sent_bytes"] < len(data)
    assert (wherry.folder / "a").read_bytes() == data


def test_a_link_that_is_away_for_a_while_is_asked_again(client, make_file):
    data = make_file("a", 3 * MiB)
    with Ietf(cut_after=[300_000, 300_000], sends_interim=False) as server:
        original = server.handle
        silent = [2]

        def away(handler, method):
            if method == "OPTIONS" and silent[0]:
                silent[0] -= 1
                return server.cut(handler)
            return original(handler, method)

        server.handle = away
        client("put", "a", f"{server.url}/upload/a")
        check_ietf(server, "a", data)
        assert server.methods()[:6] == ["PUT", "OPTIONS", "OPTIONS", "OPTIONS", "PUT", "PATCH"]


def test_a_server_that_never_replies_to_options_is_sent_all_again(client, make_file):
    data = make_file("a", MiB)
    with Plain(cut_after=[300_000]) as server:
        original = server.handle
        server.handle = lambda handler, method: (
            server.cut(handler) if method == "OPTIONS" else original(handler, method)
        )
        one = client("put", "a", f"{server.url}/a").object()
        assert server.files["a"] == data and server.methods().count("PUT") == 2
    assert one["protocol"] == "put"


def test_without_a_104_limits_are_kept_from_the_first(client, make_file):
    data = make_file("a", 3 * MiB)
    with Ietf(cut_after=[200_000], max_append=1_000_000, sends_interim=False) as server:
        client("put", "a", f"{server.url}/upload/a")
        check_ietf(server, "a", data)
        assert server.methods() == ["PUT", "OPTIONS", "PUT"] + ["PATCH"] * 4
    with Ietf(cut_after=[200_000], max_size=500_000, sends_interim=False) as server:
        client("put", "a", f"{server.url}/upload/a", expected=REFUSED)
        assert server.methods() == ["PUT", "OPTIONS"]


def test_an_upload_that_cannot_be_reached_is_not_created_twice(client, make_file):
    """As behind a proxy that passes on what is below /upload/ alone."""
    data = make_file("a", 3 * MiB)
    with Ietf(cut_after=[300_000], sends_interim=False) as server:
        original = server.handle

        def unreachable(handler, method):
            if handler.path.startswith("/resume/"):
                handler.close_connection = True
                return server.reply(handler, 404)
            return original(handler, method)

        server.handle = unreachable
        one = client("put", "a", f"{server.url}/upload/a").object()
        assert server.files["a"] == data
        assert server.methods().count("PUT") == 3 and one["verified"]


def test_whoever_takes_the_empty_beginning_for_all_gets_all(client, make_file):
    data = make_file("a", 3 * MiB)
    with Ietf(cut_after=[300_000], sends_interim=False) as server:
        server.knows_parts = False
        client("put", "a", f"{server.url}/upload/a")
        assert server.files["a"] == data and server.methods() == ["PUT", "OPTIONS", "PUT", "PUT"]


# ---------------------------------------------------------------- a link that is cut


def test_ietf_through_a_link_that_is_cut_nothing_acknowledged_is_sent_twice(client, make_file):
    data = make_file("a", 12 * MiB)
    with Ietf() as server, CuttingProxy(server.port, up_bytes=2 * MiB) as proxy:
        one = client("put", "a", proxy.url("/upload/a")).object()
        check_ietf(server, "a", data)
        # What was under way in a buffer when a link broke was not acknowledged.
        assert one["sent_bytes"] - len(data) <= proxy.cuts * MiB
        assert server.received_bytes == len(data)
        assert one["resumes"] >= 5


def test_a_file_that_changes_while_it_is_sent_is_told(client, make_file, tmp_path):
    make_file("a", MiB)
    with Ietf(cut_after=[300_000]) as server:
        original = server.tell_offset

        def change_and_tell(handler, upload):
            (tmp_path / "a").write_bytes(b"x" * MiB)
            return original(handler, upload)

        server.tell_offset = change_and_tell
        one = client("put", "a", f"{server.url}/upload/a", expected=LOCAL_FILE).object()
    assert "changed" in one["error"]


def test_what_the_server_has_wrong_is_a_mismatch(client, make_file):
    make_file("a", 1000)
    with Plain() as server:
        original = server.take_body

        def damage(handler, upload):
            arrived = original(handler, upload)
            upload.data[0] ^= 1
            return arrived

        server.take_body = damage
        client("put", "a", f"{server.url}/a", expected=MISMATCH)


# ---------------------------------------------------------------- digests


@pytest.mark.parametrize("read_once", [[], ["--read-once"]])
@pytest.mark.parametrize("tells", ["sha-256", "crc32c"])
@pytest.mark.parametrize("cuts", [[], [100_000]])
def test_where_no_crc32_is_told_the_digest_verifies(client, make_file, tells, cuts, read_once):
    data = make_file("a", 300_000)
    with Ietf(cut_after=cuts) as server:
        server.tells = tells
        one = client("put", "a", f"{server.url}/upload/a", *read_once).object()
        check_ietf(server, "a", data)
    assert one["verified"] and one["crc32"] == crc_text(data)


def test_where_nothing_is_told_nothing_is_verified(client, make_file):
    make_file("a", 1000)
    with Plain() as server:
        server.tells = None
        one = client("put", "a", f"{server.url}/a").object()
    assert one["exit"] == 0 and not one["verified"]


def test_another_digest_is_a_mismatch(client, make_file):
    make_file("a", 1000)
    with Plain() as server:
        server.digest = lambda *_: [("Repr-Digest", digest("sha-256", b"other"))]
        server.tells = "sha-256"
        one = client("put", "a", f"{server.url}/a", expected=MISMATCH).object()
    assert "Repr-Digest" in one["error"]


def test_a_digest_of_the_reply_itself_says_nothing_of_the_file(client, make_file):
    make_file("a", 1000)
    with Plain() as server:
        reply = server.reply
        server.tells = None
        server.reply = lambda handler, status, fields=(), body=b"": reply(
            handler, status, [*fields, ("Repr-Digest", digest("sha-256", body))], body
        )
        one = client("put", "a", f"{server.url}/a").object()
    assert one["exit"] == 0 and not one["verified"]


def test_a_lost_reply_is_found_out_by_the_digest(client, make_file):
    data = make_file("a", MiB)
    with Plain() as server:
        server.tells = "sha-256"
        server.lost_replies = 1
        one = client("put", "a", f"{server.url}/a").object()
        assert server.received_bytes == len(data)
    assert one["verified"]


# ---------------------------------------------------------------- tus


@pytest.mark.parametrize("size", SIZES)
def test_tus_is_found_by_its_options(client, make_file, size):
    data = make_file("ä #.bin", size)
    with Tus() as server:
        one = client("put", "ä #.bin", f"{server.url}/tus/").object()
        assert server.files["ä #.bin"] == data
        assert server.violations == []
    assert one["protocol"] == "tus"


def test_tus_goes_on_behind_the_last_byte_that_arrived(client, make_file):
    data = make_file("a", 3 * MiB)
    # The first body is that of the PUT that finds out that this is tus.
    with Tus(cut_after=[1_000_000, 1, 500_000]) as server:
        one = client("put", "a", f"{server.url}/tus/").object()
        assert server.files["a"] == data and server.violations == []
        assert server.received_bytes == len(data)
        assert server.methods().count("POST") == 1
    assert one["resumes"] == 3


def test_tus_is_asked_for_once_for_all_files(client, make_file):
    contents = {f"f{i}": make_file(f"f{i}", 1000) for i in range(5)}
    with Tus() as server:
        client("put", *contents, f"{server.url}/tus/", "-P", "1")
        assert server.files == contents
        assert server.methods().count("OPTIONS") == server.methods().count("PUT") == 1


def test_tus_a_lost_last_reply_is_found_out(client, make_file):
    data = make_file("a", MiB)
    with Tus() as server:
        server.lost_replies = 1
        client("put", "a", f"{server.url}/tus/")
        assert server.files["a"] == data and server.received_bytes == len(data)


def test_tus_an_upload_that_is_gone_begins_anew(client, make_file):
    data = make_file("a", MiB)
    with Tus(cut_after=[300_000]) as server:
        original = server.append

        def forget(handler, upload):
            original(handler, upload)
            server.uploads.clear()
            server.append = original

        server.append = forget
        client("put", "a", f"{server.url}/tus/")
        assert server.files["a"] == data and server.methods().count("POST") == 2


# ---------------------------------------------------------------- nothing to go on with


def test_plain_is_sent_again_from_the_start(client, make_file):
    data = make_file("a", MiB)
    with Plain(cut_after=[300_000, 600_000]) as server:
        one = client("put", "a", f"{server.url}/a").object()
        assert server.files["a"] == data
    assert one["protocol"] == "put" and one["attempts"] == 3 and one["resumes"] == 0
    # An attempt may be cut before all that it sent arrived.
    assert 900_000 <= one["again_bytes"] == one["sent_bytes"] - len(data)


def test_what_is_sent_again_is_told(client, make_file, tmp_path):
    make_file("a", MiB)
    with Plain(cut_after=[300_000]) as server:
        done = subprocess.run(
            client.command("put", "a", f"{server.url}/a"),
            cwd=tmp_path, capture_output=True, check=True, timeout=60, text=True,
        )
        assert " KiB sent again\n" in done.stdout or " MiB sent again\n" in done.stdout
        one = client("put", "a", f"{server.url}/a").object()
    assert one["again_bytes"] == 0


def test_plain_a_lost_reply_is_found_out_by_the_checksum(client, make_file):
    data = make_file("a", MiB)
    with Plain() as server:
        server.lost_replies = 1
        one = client("put", "a", f"{server.url}/a").object()
        assert server.received_bytes == len(data)
    assert one["verified"]


def test_plain_that_is_always_cut_gives_up(client, make_file):
    make_file("a", MiB)
    with Plain(cut_after=[1000] * 50) as server:
        one = client("put", "a", f"{server.url}/a", "--retries", "2", expected=NETWORK).object()
    assert one["attempts"] == 3


def test_a_server_that_fails_is_told_apart_from_the_network(client, make_file):
    make_file("a", 10)
    with Plain() as server:
        server.failing = [500, 502]
        assert client("put", "a", f"{server.url}/a").object()["attempts"] == 3
        server.failing = [500] * 9
        client("put", "a", f"{server.url}/a", "--retries", "1", expected=SERVER)
        server.failing = [507] * 9
        one = client("put", "a", f"{server.url}/a", expected=SERVER).object()
        assert one["attempts"] == 1  # a full disk does not get better by asking


def test_redirects_that_keep_the_method_are_followed(client, make_file):
    data = make_file("a", MiB)
    with Plain() as server, Plain() as other:
        server.handle = lambda handler, method: (
            setattr(handler, "close_connection", True),
            server.reply(handler, 308, [("Location", f"{other.url}/b")]),
        )
        client("put", "a", f"{server.url}/a")
        assert other.files["b"] == data


def test_an_interrupt_ends_at_once(client, wherry, make_file, tmp_path):
    make_file("a", 8 * MiB)
    with CuttingProxy(wherry.port, delay_s=0.5) as proxy:
        running = subprocess.Popen(
            client.command("put", "a", proxy.url("/files/a"), "-q"), cwd=tmp_path
        )
        time.sleep(1)
        running.terminate()
        assert running.wait(30) == INTERRUPTED
    assert not (wherry.folder / "a").exists()


@pytest.mark.parametrize("size", SIZES)
def test_tus_of_wherry_itself_is_found(client, wherry, make_file, size):
    data = make_file("ä #.bin", size)
    one = client("put", "ä #.bin", f"{wherry.url}/tus/").object()
    assert one["protocol"] == "tus" and one["verified"] and one["crc32"] == crc_text(data)
    assert wherry.get("/files/%C3%A4%20%23.bin").body == data


def test_tus_of_wherry_itself_goes_on_over_a_link_that_is_cut(client, wherry, make_file):
    data = make_file("a", 5 * MiB)
    with CuttingProxy(wherry.port, up_bytes=MiB, max_cuts=4) as proxy:
        one = client("put", "a", proxy.url("/tus/")).object()
        assert proxy.cuts == 4
    assert one["protocol"] == "tus" and one["resumes"] >= 3 and one["verified"]
    assert wherry.get("/files/a").body == data
    # Sent twice: what was on its way when the link was cut, also of the PUT that found out.
    assert one["sent_bytes"] - len(data) <= 2 * MiB, one


def test_tus_of_wherry_itself_is_told_the_condition(client, wherry, make_file):
    make_file("a", 1000)
    assert client("put", "a", f"{wherry.url}/tus/", "--no-clobber").object()["protocol"] == "tus"
    one = client("put", "a", f"{wherry.url}/tus/", "--no-clobber", expected=REFUSED).object()
    assert one["status"] == 412
