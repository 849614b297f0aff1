"""Logs over HTTP on a Unix socket: producers that have nothing yet are asked again, as supervisor's."""

import asynchat
import asyncore
import os
import socket
import sys

NOT_YET = object()
PLACE, FOLDER = sys.argv[1:]


class Logs(asynchat.async_chat):
    def __init__(self, sock):
        super().__init__(sock)
        self.head, self.deferred = b"", None
        self.set_terminator(b"\r\n\r\n")

    def collect_incoming_data(self, data):
        self.head += data

    def found_terminator(self):
        head, self.head = self.head.decode(), b""
        method, _, rest = head.partition(" /")
        kind, _, name = rest.split(" ")[0].partition("/")
        if method != "GET" or kind not in ("log", "tail") or "/" in name or name[:1] == ".":
            return self.push(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        try:
            log = Log(os.path.join(FOLDER, name), kind == "tail")
        except OSError:
            return self.push(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        self.push(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        self.deferred = log
        self.ask()

    def readable(self):
        # Asked in each pass of the loop: the time to look again.
        self.ask()
        return super().readable()

    def ask(self):
        while self.deferred is not None and len(self.producer_fifo) < 4:
            part = self.deferred.more()
            if part is NOT_YET:
                return
            if part:
                self.push(b"%x\r\n%s\r\n" % (len(part), part))
            else:
                self.deferred = None
                self.push(b"0\r\n\r\n")


class Log:
    def __init__(self, path, followed):
        self.path, self.followed = path, followed
        self.open()

    def open(self):
        self.file, self.at = open(self.path, "rb"), 0

    def more(self):
        self.file.seek(self.at)
        part = self.file.read(16384)
        self.at += len(part)
        if part or not self.followed:
            return part
        ours = os.fstat(self.file.fileno())
        if ours.st_size < self.at:
            self.at = 0
        elif os.path.exists(self.path) and not os.path.samestat(os.stat(self.path), ours):
            self.open()
        return NOT_YET


class Server(asyncore.dispatcher):
    def __init__(self):
        super().__init__()
        self.create_socket(socket.AF_UNIX)
        self.bind(PLACE)
        self.listen(5)

    def handle_accepted(self, sock, address):
        Logs(sock)


server = Server()
print(0)
asyncore.loop(timeout=0.05)
