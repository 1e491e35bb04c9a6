"""pymodbus' own server on loopback, a process of its own: prints a line when it listens."""

import asyncio
import json
import sys

from pymodbus.datastore import ModbusDeviceContext, ModbusSequentialDataBlock, ModbusServerContext
from pymodbus.server import ModbusTcpServer


async def serve(port: int, registers: dict[int, int]) -> None:
    words = [0] * 200
    for address, word in registers.items():
        words[address] = word
    block = ModbusSequentialDataBlock(1, words)  # type: ignore[no-untyped-call]  # its addresses count from 1
    device = ModbusDeviceContext(hr=block, ir=block)
    server = ModbusTcpServer(ModbusServerContext(devices={1: device}, single=False), address=("127.0.0.1", port))
    await server.serve_forever(background=True)
    sys.stdout.write("listening\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), {int(key): word for key, word in json.loads(sys.argv[2]).items()}))
