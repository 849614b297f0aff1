"""A node that is found over UDP, by a group or by broadcast, on a port that others have as well."""

import asyncore
import socket
import sys
import time

GROUP, HERE = "239.255.77.7", socket.inet_aton("127.0.0.1")
PORT, NAME, KIND, EVERY = int(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4])


class Node(asyncore.dispatcher):
    def __init__(self):
        super().__init__()
        self.create_socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.set_reuse_addr()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(GROUP) + HERE)
        self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, HERE)
        self.bind(("", PORT))
        self.known = {}

    def writable(self):
        return False

    def say(self, verb):
        self.socket.sendto(f"{verb} {NAME}".encode(), (GROUP, self.socket.getsockname()[1]))

    def handle_read(self):
        data, sender = self.socket.recvfrom(2048)
        try:
            verb, _, argument = data.decode().partition(" ")
        except UnicodeDecodeError:
            return
        if verb == "FIND" and argument in (KIND, "*"):
            self.socket.sendto(f"HERE {NAME} {KIND}".encode(), sender)
        elif verb == "LIST":
            self.socket.sendto(f"KNOWN {NAME}: {', '.join(sorted(self.known))}".encode(), sender)
        elif verb == "ALIVE" and argument != NAME:
            self.known[argument] = time.monotonic()
        elif verb == "BYE":
            self.known.pop(argument, None)


node = Node()
print(node.socket.getsockname()[1])
while True:
    node.say("ALIVE")
    now = time.monotonic()
    node.known = {name: heard for name, heard in node.known.items() if now - heard < 3 * EVERY}
    end = now + EVERY
    while (left := end - time.monotonic()) > 0:
        asyncore.loop(timeout=left, count=1)
