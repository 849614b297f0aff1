"""An FTP server as asyncore's users had it: a control channel, and one for each transfer."""

import asynchat
import asyncore
import io
import socket

import serving

FILES = {"hello": b"hello, world\n", "large": bytes(range(256)) * 131072}


class Ftp(asynchat.async_chat):
    def __init__(self, sock):
        super().__init__(sock)
        # The end of ABOR may come as urgent data.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, 1)
        self.client = sock.getpeername()[0]
        self.line = b""
        self.passive = self.active = self.data = self.waiting = None
        self.busy = False
        self.set_terminator(b"\r\n")
        self.say("220 Ready.")

    def say(self, text):
        self.push(text.encode() + b"\r\n")

    def collect_incoming_data(self, data):
        self.line += data

    def found_terminator(self):
        line, self.line = self.line.decode(), b""
        verb, _, argument = line.partition(" ")
        getattr(self, "do_" + verb.lower(), self.do_unknown)(argument)

    def handle_expt(self):
        pass  # it is in its line

    def do_unknown(self, argument):
        self.say("502 Not here.")

    def do_user(self, argument):
        self.say("230 Logged in.")

    do_pass = do_user

    def do_type(self, argument):
        self.say("200 OK.")

    do_noop = do_type

    def do_quit(self, argument):
        self.say("221 Bye.")
        self.close_when_done()

    def do_size(self, name):
        self.say(f"213 {len(FILES[name])}" if name in FILES else "550 No such file.")

    def do_pasv(self, argument):
        if self.passive:
            self.passive.close()
        self.passive = Passive(self)
        high, low = divmod(self.passive.socket.getsockname()[1], 256)
        self.say(f"227 Entering passive mode (127,0,0,1,{high},{low}).")

    def do_port(self, argument):
        numbers = argument.split(",")
        if len(numbers) != 6:
            return self.say("501 No address.")
        self.active = self.client, int(numbers[4]) * 256 + int(numbers[5])
        self.say("200 OK.")

    def do_nlst(self, argument):
        self.start("", "\r\n".join(sorted(FILES)).encode())

    def do_retr(self, name):
        if name not in FILES:
            return self.say("550 No such file.")
        self.start(name, FILES[name])

    def do_stor(self, name):
        self.start(name, None)

    def start(self, name, content):
        if not (self.active or self.passive or self.data):
            return self.say("425 Use PORT or PASV first.")
        self.waiting = name, content
        self.say("150 Here it goes.")
        if self.active:
            self.data, address, self.active = Data(self), self.active, None
            self.data.create_socket()
            self.data.connect(address)
        if self.data:
            self.go(self.data)

    def go(self, data):
        self.data = data
        if self.waiting and data.stands:
            (name, content), self.waiting = self.waiting, None
            self.busy = True
            data.start(name, content)

    def do_abor(self, argument):
        self.waiting = None
        if self.data:
            self.data.close()
        self.data, busy, self.busy = None, self.busy, False
        if busy:
            self.say("426 Aborted.")
            self.say("226 Done.")
        else:
            self.say("226 Nothing to abort.")

    def done(self, data, whole):
        if self.data is data:
            self.data, busy, self.busy = None, self.busy, False
            if busy:
                self.say("226 Complete." if whole else "426 Cut off.")

    def handle_close(self):
        self.close()
        for channel in self.passive, self.data:
            if channel:
                channel.close()


class Passive(asyncore.dispatcher):
    """Listens for one connection, from the address of the client."""

    def __init__(self, control):
        super().__init__()
        self.control = control
        self.create_socket()
        self.bind(("127.0.0.1", 0))
        self.listen(1)

    def handle_accepted(self, sock, address):
        self.close()
        self.control.passive = None
        if address[0] != self.control.client:
            return sock.close()
        self.control.go(Data(self.control, sock))


class File:
    """A producer of a file's content."""

    def __init__(self, content):
        self.content = io.BytesIO(content)

    def more(self):
        return self.content.read(16384)


class Data(asynchat.async_chat):
    def __init__(self, control, sock=None):
        super().__init__(sock)
        self.control = control
        self.stands = sock is not None
        self.name, self.parts, self.sends = None, [], False
        self.set_terminator(None)

    def handle_connect(self):
        self.stands = True  # `connected` is set behind this
        self.control.go(self)

    def readable(self):
        return self.name is not None or self.sends

    def start(self, name, content):
        if content is None:
            self.name = name
        else:
            self.sends = True
            self.push_with_producer(File(content))
            self.close_when_done()

    def collect_incoming_data(self, data):
        self.parts.append(data)

    def handle_close(self):
        whole = not self.producer_fifo
        if self.name is not None:
            FILES[self.name] = b"".join(self.parts)
        self.close()
        self.control.done(self, whole)


serving.serve(Ftp)
