"""Ping under asyncore: ICMP echo over a raw socket."""

import asyncore
import os
import socket
import struct

REQUEST, ANSWER = 8, 0
HEAD = struct.Struct("!BBHHH")
PAYLOAD = b"anybody there? anybody there? anybody there? ok?"


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


class Ping(asyncore.dispatcher):
    def __init__(self, to, count):
        super().__init__()
        self.raw = True
        try:
            sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        except PermissionError:
            self.raw, sock = False, socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)
        sock.setblocking(False)
        self.set_socket(sock)
        self.to, self.count, self.next = to, count, 0
        self.number = os.getpid() & 0xFFFF

    def writable(self):
        return self.next < self.count

    def handle_write(self):
        packet = HEAD.pack(REQUEST, 0, 0, self.number, self.next) + PAYLOAD
        packet = HEAD.pack(REQUEST, 0, checksum(packet), self.number, self.next) + PAYLOAD
        self.socket.sendto(packet, (self.to, 0))
        self.next += 1

    def handle_read(self):
        packet, sender = self.socket.recvfrom(2048)
        if self.raw:
            packet = packet[(packet[0] & 15) * 4:]
        kind, _, _, number, sequence = HEAD.unpack_from(packet)
        if kind == ANSWER and (not self.raw or number == self.number) and packet[HEAD.size:] == PAYLOAD:
            print(f"{len(packet)} bytes from {sender[0]}: {sequence}")
            if sequence == self.count - 1:
                self.close()


print(0)
Ping("127.0.0.1", 3)
asyncore.loop()
