import asynchat
import asyncore
import socket
import sys


class Line(asynchat.async_chat):
    def __init__(self, sock):
        super().__init__(sock)
        self.data = []
        self.set_terminator(b"\r\n")

    def collect_incoming_data(self, data):
        self.data.append(data)

    def found_terminator(self):
        self.push(b"".join(self.data) + b"\r\n")
        self.data.clear()


class Server(asyncore.dispatcher):
    def __init__(self):
        super().__init__()
        self.create_socket()
        self.bind(("127.0.0.1", 0))
        self.listen(1024)

    def handle_accepted(self, sock, addr):
        if "nodelay" in sys.argv:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        Line(sock)


server = Server()
print("listening on %s:%d" % server.socket.getsockname(), flush=True)
# select() ends at 1,024 descriptors.
asyncore.loop(use_poll=True)
