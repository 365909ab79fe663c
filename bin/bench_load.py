"""Two hundred people at once, for `bin.bench_save`: plain sockets that stay open, one each.

Reads the people from standard input as JSON, writes the ratio. Each sends his next request when the
last is answered. Saves and bare writes alternate, so that a busy machine slows both.
"""

import asyncio
import json
import statistics
import sys
import time
from dataclasses import dataclass
from typing import Any

PHASES, ROUNDS = 3, 2


@dataclass
class Person:
    """His cell, the version of it that he knows, and his open connection."""

    told: dict[str, Any]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    version: int = 0

    async def save(self) -> float:
        cell = f"r{self.told['indicator']}"
        body = f"{cell}-value={self.version + 1}&{cell}-version={self.version}"
        took = await self.post(self.told["save"], body)
        self.version += 1
        return took

    async def bare(self) -> float:
        return await self.post(self.told["bare"], f"value={self.version + 1}")

    async def post(self, path: str, body: str) -> float:
        head = [
            f"POST {path} HTTP/1.1",
            "Host: 127.0.0.1",
            f"Cookie: {self.told['cookies']}",
            f"X-CSRFToken: {self.told['csrf']}",
            "HX-Request: true",
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(body)}",
        ]
        began = time.perf_counter()
        self.writer.write("\r\n".join([*head, "", body]).encode())
        status = await self.answer()
        took = time.perf_counter() - began
        if status != 200:
            raise SystemExit(f"{path}: máy chủ trả lời {status}.")
        return took

    async def answer(self) -> int:
        """The status, once all of the answer is here."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        if "transfer-encoding: chunked" in head:
            while size := int(await self.reader.readline(), 16):
                await self.reader.readexactly(size + 2)
            await self.reader.readline()
        else:
            length = head.partition("content-length:")[2].split("\r\n")[0]
            await self.reader.readexactly(int(length or 0))
        return int(head.split()[1])


async def phase(people: list[Person], act: str) -> float:
    """The 95th percentile of the seconds that one waits, everybody acting at once."""

    async def each(person: Person) -> list[float]:
        return [await getattr(person, act)() for _ in range(ROUNDS)]

    waits = [wait for waits in await asyncio.gather(*map(each, people)) for wait in waits]
    return statistics.quantiles(waits, n=20)[-1]


async def main() -> None:
    asked = json.load(sys.stdin)
    people = [
        Person(told, *await asyncio.open_connection("127.0.0.1", asked["port"]))
        for told in asked["people"]
    ]
    await phase(people, "save"), await phase(people, "bare")  # warms both up
    ratios = []
    for _ in range(PHASES):
        saved, bare = await phase(people, "save"), await phase(people, "bare")
        ratios.append(saved / bare)
    for person in people:
        person.writer.close()
    print(json.dumps(statistics.median(ratios)))


if __name__ == "__main__":
    asyncio.run(main())
