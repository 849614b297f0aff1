"""What the servers beside the ports have in common."""

import asyncore


class Server(asyncore.dispatcher):
    """Makes a channel of each connection."""

    def __init__(self, channel):
        super().__init__()
        self.channel = channel
        self.create_socket()
        self.bind(("127.0.0.1", 0))
        self.listen(5)

    def handle_accepted(self, sock, address):
        self.channel(sock)


def serve(channel):
    """Prints the port, and serves until it is killed."""
    print(Server(channel).socket.getsockname()[1])
    asyncore.loop()
