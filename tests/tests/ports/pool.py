"""An HTTP server with a pool of threads over asyncore, in waitress's shape: the loop reads and writes, a
pipe wakes it when a thread has an answer."""

import asynchat
import asyncore
import collections
import os
import queue
import threading

import serving

MOST = 1 << 20
jobs = queue.Queue()
meeting = threading.Barrier(3)


def application(method, path, body):
    if path == "/":
        return "200 OK", b"hello\n"
    if path == "/echo":
        return "200 OK", body
    if path == "/meet":
        meeting.wait(10)
        return "200 OK", b"met\n"
    if path == "/boom":
        raise RuntimeError("boom")
    return "404 Not Found", b"404 Not Found\n"


def work():
    while True:
        channel, answer, request = jobs.get()
        method, path, body, keeps = request
        try:
            status, said = application(method, path, body)
        except Exception:
            status, said = "500 Internal Server Error", b"500 Internal Server Error\n"
            method, keeps = "", False
        answer.append(written(method, keeps, status, said))
        answer.append(keeps)
        trigger.pull(channel)


def written(method, keeps, status, body):
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n"
    head += "\r\n" if keeps else "Connection: close\r\n\r\n"
    return head.encode() + (b"" if method == "HEAD" else body)


class Trigger(asyncore.file_dispatcher):
    """Wakes the loop from threads."""

    def __init__(self):
        reader, self.writer = os.pipe()
        super().__init__(reader)
        self.channels = collections.deque()

    def writable(self):
        return False

    def pull(self, channel):
        self.channels.append(channel)
        os.write(self.writer, b"x")

    def handle_read(self):
        for _ in self.recv(512):
            self.channels.popleft().answer()


class Http(asynchat.async_chat):
    def __init__(self, sock):
        super().__init__(sock)
        self.read, self.request = b"", None
        self.owed, self.over = collections.deque(), False
        self.set_terminator(b"\r\n\r\n")

    def collect_incoming_data(self, data):
        self.read += data

    def found_terminator(self):
        read, self.read = self.read, b""
        if self.over:
            return
        if self.request is not None:
            self.set_terminator(b"\r\n\r\n")
            return self.start(read)
        first, *lines = read.decode().lstrip().split("\r\n")
        method, path, version = (first.split(" ") + ["", "", ""])[:3]
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers.setdefault(name.lower(), value.strip())
        keeps = headers.get("connection", "keep-alive" if version == "HTTP/1.1" else "close").lower() == "keep-alive"
        self.request = method, path, keeps
        length = headers.get("content-length", "0")
        if not length.isdigit() or not version.startswith("HTTP/1."):
            return self.refuse("400 Bad Request")
        if "transfer-encoding" in headers:
            return self.refuse("501 Not Implemented")
        if int(length) > MOST:
            return self.refuse("413 Content Too Large")
        if headers.get("expect", "").lower() == "100-continue":
            self.owed.append([b"HTTP/1.1 100 Continue\r\n\r\n", True])
            self.answer()
        if int(length) == 0:
            return self.start(b"")
        self.set_terminator(int(length))

    def start(self, body):
        (method, path, keeps), self.request = self.request, None
        self.over = not keeps
        answer = []
        self.owed.append(answer)
        jobs.put((self, answer, (method, path, body, keeps)))

    def refuse(self, status):
        self.owed.append([written("", False, status, status.encode() + b"\n"), False])
        self.over = True
        self.answer()

    def answer(self):
        while self.connected and self.owed and len(self.owed[0]) == 2:
            said, keeps = self.owed.popleft()
            self.push(said)
            if not keeps:
                self.owed.clear()
                self.close_when_done()


trigger = Trigger()
for _ in range(4):
    threading.Thread(target=work, daemon=True).start()
serving.serve(Http)
