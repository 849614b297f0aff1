"""Plays scenario lines (JSON, stdin) through CPython's own asynchat and prints a trace line each.

Needs a Python that still has asynchat: 3.11 or older. The format is that of `asyncore-tests`' binary
`trace`, whose traces are compared with these.
"""

import asynchat
import asyncore
import json
import select
import socket
import struct
import sys

WRITE = 65536  # what the peer hands to the kernel at a time
LIMIT = 200000  # passes; a session that needs more has hung


def terminator_of(item):
    if isinstance(item, str):
        return item.encode("latin-1")
    if isinstance(item, dict):
        return bytes.fromhex(item["hex"])
    return item


def shown(terminator):
    return {"hex": terminator.hex()} if isinstance(terminator, bytes) else terminator


class Pieces:
    """A producer of a given list of pieces."""

    def __init__(self, pieces):
        self.pieces = iter([bytes.fromhex(piece) for piece in pieces])

    def more(self):
        return next(self.pieces, b"")


class Scripted(asynchat.async_chat):
    """Does what the scenario says, and notes what asynchat does."""

    def __init__(self, sock, scenario):
        self.scenario = scenario
        self.todo = iter(map(terminator_of, scenario["terminators"]))
        self.events, self.collected, self.collects, self.sends = [], b"", [], []
        self.frames = 0
        self.ac_in_buffer_size = scenario.get("in_buffer", 65536)
        self.ac_out_buffer_size = scenario.get("out_buffer", 65536)
        super().__init__(sock, map={})
        self.next_terminator()

    def next_terminator(self):
        nothing = object()
        item = next(self.todo, nothing)
        if item is nothing and self.scenario.get("cycle"):
            self.todo = iter(map(terminator_of, self.scenario["terminators"]))
            item = next(self.todo, nothing)
        if item is not nothing:
            self.set_terminator(item)

    def do(self, verb, argument=None):
        if verb == "push":
            self.push(bytes.fromhex(argument))
        elif verb == "producer":
            self.push_with_producer(Pieces(argument))
        elif verb == "terminator":
            self.set_terminator(terminator_of(argument))
        elif verb == "raise":
            raise RuntimeError("as the scenario says")
        else:
            {"close": self.close, "close_when_done": self.close_when_done,
             "discard": self.discard_buffers}[verb]()

    # what asynchat calls

    def collect_incoming_data(self, data):
        self.collected += data
        self.collects.append(data.hex())

    def found_terminator(self):
        self.events.append(["found", self.collected.hex()])
        self.collected = b""
        actions = self.scenario.get("actions", {}).get(str(self.frames), [])
        self.frames += 1
        self.next_terminator()
        for action in actions:
            self.do(*action)

    def send(self, data):
        self.sends.append(super().send(data))
        return self.sends[-1]

    def handle_error(self):
        self.events.append(["error", sys.exc_info()[0].__name__])
        self.handle_close()

    def handle_close(self):
        self.events.append(["close"])
        self.close()


class Peer:
    """The other end of the connection."""

    def __init__(self, sock):
        sock.setblocking(False)
        self.sock, self.received, self.eof = sock, b"", False

    def read(self):
        while self.sock and not self.eof:
            try:
                data = self.sock.recv(WRITE)
            except BlockingIOError:
                break
            except OSError:
                data = b""
            self.eof = not data
            self.received += data

    def write(self, data):
        try:
            return self.sock.send(data)
        except BlockingIOError:
            return 0
        except OSError:
            return None

    def end(self, how):
        if how == "shutdown":
            self.sock.shutdown(socket.SHUT_WR)
        elif how in ("close", "reset"):
            self.read()  # or the close would be a reset
            if how == "reset":
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.sock.close()
            self.sock = None


class Session:
    def __init__(self, scenario):
        self.scenario = scenario
        self.is_inet = scenario.get("family") == "inet"
        self.pass_once = asyncore.poll2 if scenario.get("poll") == "poll" else asyncore.poll
        self.ours, theirs = self.connection()
        self.peer = Peer(theirs)
        self.unread = 0

    def connection(self):
        if not self.is_inet:
            return socket.socketpair()
        with socket.create_server(("127.0.0.1", 0)) as server:
            theirs = socket.create_connection(server.getsockname())
            ours, _ = server.accept()
        for sock in ours, theirs:  # or a chunk waits until the one before it is acknowledged
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return ours, theirs

    def settle(self):
        """Passes until there is nothing to read and nothing to write."""
        for _ in range(LIMIT):
            self.peer.read()
            if not self.chat._map:
                return
            writers = [self.ours] if self.chat.writable() else []
            ready = select.select([self.ours], writers, [], 0.005 if self.is_inet else 0)
            if not any(ready):
                return
            self.pass_once(0, self.chat._map)
        raise RuntimeError("no end of it")

    def write(self, data):
        while data:
            taken = self.peer.write(data) if self.chat._map else None
            if taken is None:
                self.unread += len(data)
                return
            data = data[taken:]
            if not self.scenario.get("burst"):
                self.settle()

    def play(self):
        try:
            self.chat = Scripted(self.ours, self.scenario)
            for action in self.scenario.get("output", []):
                self.chat.do(*action)
        except Exception as error:
            return {"events": [["error", type(error).__name__]], "rejected": True}
        self.settle()
        for chunk in map(bytes.fromhex, self.scenario["chunks"]):
            for at in range(0, len(chunk), WRITE):
                self.write(chunk[at:at + WRITE])
        if self.chat._map:
            self.peer.end(self.scenario.get("end", "close"))
            if self.is_inet and self.scenario.get("burst"):
                select.select([self.ours], [], [], 0.5)
        self.settle()
        return self.trace()

    def trace(self):
        chat, peer = self.chat, self.peer
        terminator = shown(chat.terminator) if hasattr(chat, "terminator") else {"unset": True}
        trace = {
            "events": chat.events, "leftover": chat.collected.hex(),
            "held": chat.ac_in_buffer.hex(), "terminator": terminator,
            "sent": peer.received.hex(), "eof": peer.eof, "open": bool(chat._map),
            "unread": self.unread,
        }
        if self.scenario.get("raw"):
            trace.update(collects=chat.collects, sends=chat.sends)
        return trace

    def close(self):
        for sock in (self.ours, self.peer.sock):
            if sock:
                sock.close()


def main():
    for line in sys.stdin:
        session = Session(json.loads(line))
        try:
            print(json.dumps(session.play()))
        finally:
            session.close()


main()
