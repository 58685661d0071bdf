# SPDX-License-Identifier: MIT
"""GET /status: what a server tells of itself, whatever machine it runs on."""

import random


def status_of(server):
    response = server.get("/status")
    assert response.status == 200, response
    assert response.get("Cache-Control") == "no-store"
    return response.json()


def numbers_in(told):
    for value in told.values():
        if isinstance(value, dict):
            yield from numbers_in(value)
        else:
            yield value


def test_it_tells_of_each_part_in_whole_numbers(server):
    told = status_of(server)
    assert told.pop("version").count(".") == 2
    assert isinstance(told.pop("running"), list)
    for section in ("storage", "connections", "transfers", "arena", "limits"):
        assert told[section], section
    for number in numbers_in(told):
        assert isinstance(number, int) and number >= 0, told


def test_peaks_lie_between_use_and_limit(server):
    told = status_of(server)
    for usage in (told["connections"], told["storage"]["slots"]):
        assert usage["used"] <= usage["peak"] <= usage["limit"], told
    assert told["connections"]["used"] >= 1
    assert 0 < told["arena"]["peak_bytes"] <= told["arena"]["limit_bytes"]
    assert 0 < told["storage"]["free_bytes"] <= told["storage"]["total_bytes"]


def test_uptime_and_counters_only_grow(server):
    before = status_of(server)
    after = status_of(server)
    assert after["uptime_ms"] >= before["uptime_ms"]
    assert after["transfers"]["complete"] > before["transfers"]["complete"]
    assert after["connections"]["accepted"] >= before["connections"]["accepted"]


def test_a_transfer_is_counted_with_its_bytes(server, unique):
    data = random.randbytes(50_000)
    before = status_of(server)["transfers"]
    assert server.put(f"/upload/{unique}.bin", data).status == 201
    assert server.get(f"/download/file/{unique}.bin").body == data
    assert server.get(f"/download/file/{unique}-not-there").status == 404
    after = status_of(server)["transfers"]
    assert after["received_bytes"] - before["received_bytes"] == len(data)
    assert len(data) < after["sent_bytes"] - before["sent_bytes"] < len(data) + 10_000
    assert after["complete"] - before["complete"] == 3  # the first status, and two of these
    assert after["failed"] - before["failed"] == 1


def test_a_process_tells_of_its_memory(start_server):
    process = status_of(start_server())["process"]
    assert 1_000_000 < process["resident_bytes"] <= process["peak_resident_bytes"] * 2
    assert process["loops"] == 1
