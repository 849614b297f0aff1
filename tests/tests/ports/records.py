"""Records with a length, flags and a chained checksum, as asynchat had them: two counts that take turns."""

import asynchat
import struct
import zlib

import serving

MORE, BYE, WRONG = 1, 2, 128
HEAD = struct.Struct("!IBI")
LONGEST = 65536


class Records(asynchat.async_chat):
    def __init__(self, sock):
        super().__init__(sock)
        self.read, self.message = b"", b""
        self.head = None
        self.theirs = self.ours = 1
        self.set_terminator(HEAD.size)

    def collect_incoming_data(self, data):
        self.read += data

    def found_terminator(self):
        read, self.read = self.read, b""
        if self.head is not None:
            head, self.head = self.head, None
            self.payload(head[1], head[2], read)
            return
        self.head = HEAD.unpack(read)
        if self.head[0] > LONGEST:
            self.end(WRONG, b"too long")
        elif self.head[0]:
            self.set_terminator(self.head[0])
        else:
            self.found_terminator()

    def payload(self, flags, checksum, payload):
        self.set_terminator(HEAD.size)
        self.theirs = zlib.adler32(payload, self.theirs)
        if self.theirs != checksum:
            return self.end(WRONG, b"checksum")
        self.message += payload
        if len(self.message) > LONGEST:
            return self.end(WRONG, b"too long")
        if not flags & MORE:
            message, self.message = self.message.upper(), b""
            while len(message) > 1000:
                self.record(MORE, message[:1000])
                message = message[1000:]
            self.record(0, message)
        if flags & BYE:
            self.end(BYE, b"")

    def record(self, flags, payload):
        self.ours = zlib.adler32(payload, self.ours)
        self.push(HEAD.pack(len(payload), flags, self.ours) + payload)

    def end(self, flags, why):
        self.record(flags, why)
        self.close_when_done()


serving.serve(Records)
