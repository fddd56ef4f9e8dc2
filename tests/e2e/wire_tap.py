#!/usr/bin/python3
"""Stand between clients and a server on loopback and keep what the clients send.

    wire_tap.py SERVER_PORT DIR        the first line of output is the port to connect to

DIR gets one file a connection, with the octets from the client as they came.
"""
import asyncio
import itertools
import os
import sys

PIECE = 1 << 16
numbers = itertools.count(1)


async def pass_on(reader, writer, keep):
    try:
        while data := await reader.read(PIECE):
            keep(data)
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    writer.close()


async def serve(reader, writer):
    name = os.path.join(sys.argv[2], "connection-%04d" % next(numbers))
    try:
        from_server, to_server = await asyncio.open_connection("127.0.0.1", int(sys.argv[1]))
    except OSError:
        writer.close()
        return
    with open(name, "wb", buffering=0) as file:
        await asyncio.gather(pass_on(reader, to_server, file.write),
                             pass_on(from_server, writer, lambda data: None))


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=PIECE)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

os.makedirs(sys.argv[2], exist_ok=True)
asyncio.run(main())
