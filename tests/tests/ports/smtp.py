"""CPython's smtpd, with a name of its own; what it takes over it answers with."""

import asyncore
import smtpd

smtpd.socket.getfqdn = lambda: "mx.test"
smtpd.__version__ = "ready"


class Server(smtpd.SMTPServer):
    def process_message(self, peer, mailfrom, rcpttos, data, **options):
        lines = data.split(b"\n")
        return f"250 {mailfrom} to {', '.join(rcpttos)}: {len(lines)} lines, {sum(data)}"


server = Server(("127.0.0.1", 0), None, data_size_limit=65536)
print(server.socket.getsockname()[1])
asyncore.loop()
