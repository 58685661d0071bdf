# SPDX-License-Identifier: MIT
"""The guide's PUT upload on MicroPython, for bench/run.py: `micropython guide_server.py PORT`.

Microdot itself is not here: neither Debian nor MicroPython's sources have it. What it hands to a
handler as `request.stream` is asyncio's stream, and the guide's handler takes 256 bytes at a time
of that and adds them to a CRC-32; so does this server, in as few lines around it as HTTP allows. It
stores nothing, and like Microdot it says no `100 Continue`. Microdot does more for each request,
and nothing less for each byte: this is the least that it can take.
"""

import asyncio
import binascii
import sys

CHUNK_BYTES = 256


async def receive(stream, content_length):
    received = crc = 0
    while received < content_length:
        data = await stream.read(min(CHUNK_BYTES, content_length - received))
        if not data:
            break
        crc = binascii.crc32(data, crc)
        received += len(data)
    return received, crc


async def serve(reader, writer):
    while True:
        request = (await reader.readline()).split()
        if len(request) < 3:
            break
        content_length = 0
        while True:
            line = await reader.readline()
            if line in (b"\r\n", b""):
                break
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                content_length = int(value)
        size, crc = await receive(reader, content_length)
        name = request[1].decode().split("/")[-1]
        body = '{"filename": "%s", "size": %d, "crc32": "0x%08x"}' % (name, size, crc)
        writer.write(
            "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            % (len(body), body)
        )
        await writer.drain()
    writer.close()
    await writer.wait_closed()


async def main(port):
    server = await asyncio.start_server(serve, "127.0.0.1", port)
    await server.wait_closed()


asyncio.run(main(int(sys.argv[1])))
