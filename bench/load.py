"""A load generator in a process of its own: lock-step MLLP senders on raw sockets, as cheap as they can be."""

import multiprocessing
import selectors
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass

END = b"\x1c\r"
_FILLER = "\r".join(
    f"NTE|{n}||{'A line of remarks that makes the message as long as usual ones are. ' * 2}" for n in range(1, 11)
)
_HEAD = "MSH|^~\\&|ADT|MERCY|HUB|CARERING|20260302124000-0500||ADT^A08^ADT_A01|"
_REST = (
    "|P|2.5.1\rEVN|A08|202603021240-0500\rPID|1||{patient}^^^MERCY^MR||Sample^Person||19550914|M|||14 Mill Street"
    "^^Fairview^NY^12508\rPV1|1|E|ED^12^1|||||||||||||||V{patient}|||||||||||||||||||||||||202603021240-0500\r"
)


@dataclass(frozen=True, slots=True)
class Load:
    """What a run did: all messages of it, messages per second, and the time from sending to the ACK in milliseconds
    (median, 99 %)."""

    count: int
    rate: float
    median_ms: float
    p99_ms: float
    refused: int


def adt(control_id: str, patient: int) -> bytes:
    """A framed ADT^A08 of about 2 KB."""
    return f"\x0b{_HEAD}{control_id}{_REST.format(patient=patient)}{_FILLER}\r\x1c\r".encode()


def measure(port: int, connections: int, seconds: float, authority: str = "") -> Load:
    """Keeps one message under way on each connection for so many seconds; the first tenth is not in the rate. With an
    ``authority`` (PEM file) the connections speak TLS."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_generate, args=(port, connections, seconds, authority, theirs))
    process.start()
    theirs.close()
    load: Load = ours.recv()
    process.join()
    return load


def _connections(port: int, number: int, authority: str) -> Iterator[socket.socket]:
    context = ssl.create_default_context(cafile=authority) if authority else None
    for _ in range(number):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield context.wrap_socket(connection, server_hostname="localhost") if context else connection


def _generate(port: int, connections: int, seconds: float, authority: str, result) -> None:  # type: ignore[no-untyped-def]
    selector = selectors.DefaultSelector()
    marker = f"{time.time_ns():x}"
    before, after = (part.encode() for part in adt("\x00", 0).decode().split("\x00"))
    sockets = list(_connections(port, connections, authority))
    for number, connection in enumerate(sockets):
        selector.register(connection, selectors.EVENT_READ, number)
    sent = [0.0] * connections
    times: list[float] = []
    refused = count = 0
    clock = time.perf_counter
    start = clock()
    counted_from, end = start + seconds / 10, start + seconds

    def send(number: int) -> None:
        nonlocal count
        count += 1
        sent[number] = clock()
        sockets[number].sendall(before + b"%b-%d" % (marker.encode(), count) + after)

    for number in range(connections):
        send(number)
    under_way = connections
    while under_way:
        for key, _ in selector.select():
            answer = sockets[key.data].recv(65536)
            now = clock()
            if not answer:
                raise ConnectionError("the hub closed the connection")
            if not answer.endswith(END):
                continue
            refused += b"MSA|AA|" not in answer
            if now >= counted_from:
                times.append(now - sent[key.data])
            if now < end:
                send(key.data)
            else:
                under_way -= 1
    took = clock() - counted_from
    times.sort()
    result.send(
        Load(count, len(times) / took, times[len(times) // 2] * 1000, times[len(times) * 99 // 100] * 1000, refused)
    )
