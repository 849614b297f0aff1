"""A SOCKS5 proxy for TCP connections, as asyncore's users had it: counts for the greeting, then two
channels that carry for each other."""

import asynchat
import errno
import socket
import struct

import serving

ANSWER = struct.Struct("!BBBB4sH")


class Socks(asynchat.async_chat):
    def __init__(self, sock):
        super().__init__(sock)
        self.read, self.upstream = b"", None
        self.wait(2, self.greeting)

    def wait(self, count, then):
        self.then = then
        self.set_terminator(count)

    def collect_incoming_data(self, data):
        if self.then is None:
            if self.upstream is not None:
                self.upstream.push(data)
        else:
            self.read += data

    def found_terminator(self):
        read, self.read = self.read, b""
        self.then(read)

    def greeting(self, read):
        if read[0] != 5:
            return self.close()
        self.wait(read[1], self.methods)

    def methods(self, read):
        self.push(b"\x05\x00" if 0 in read else b"\x05\xff")
        if 0 not in read:
            return self.close_when_done()
        self.wait(4, self.request)

    def request(self, read):
        if read[1] != 1:
            return self.refuse(7)
        if read[3] == 3:
            return self.wait(1, lambda read: self.wait(read[0] + 2, self.named))
        if read[3] not in (1, 4):
            return self.refuse(8)
        self.family = socket.AF_INET if read[3] == 1 else socket.AF_INET6
        self.wait(6 if read[3] == 1 else 18, self.numbered)

    def numbered(self, read):
        self.dial(self.family, (socket.inet_ntop(self.family, read[:-2]), *struct.unpack("!H", read[-2:])))

    def named(self, read):
        try:
            found = socket.getaddrinfo(read[:-2].decode(), *struct.unpack("!H", read[-2:]), type=socket.SOCK_STREAM)
        except OSError:
            return self.refuse(4)
        self.dial(found[0][0], found[0][4])

    def dial(self, family, to):
        self.wait(None, None)
        self.upstream = Upstream(self, family, to)

    def answer(self, code):
        self.push(ANSWER.pack(5, code, 0, 1, bytes(4), 0))

    def refuse(self, code):
        self.answer(code)
        self.close_when_done()

    def handle_close(self):
        self.close()
        if self.upstream is not None:
            self.upstream.close_when_done()


class Upstream(asynchat.async_chat):
    def __init__(self, client, family, to):
        super().__init__()
        self.client, self.is_up = client, False
        self.set_terminator(None)
        self.create_socket(family)
        self.connect(to)

    def handle_connect(self):
        self.is_up = True
        self.client.answer(0)

    def collect_incoming_data(self, data):
        self.client.push(data)

    def handle_error(self):
        # A connection that is refused is told as an error of the event.
        if not self.is_up:
            code = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            self.client.refuse(5 if code in (0, errno.ECONNREFUSED) else 1)
        self.close()

    def handle_close(self):
        self.close()
        self.client.close_when_done()


serving.serve(Socks)
