"""A shell for each connection, on a terminal of its own, under asyncore."""

import asyncore
import errno
import os
import pty

import serving


class User(asyncore.dispatcher_with_send):
    def __init__(self, sock):
        super().__init__(sock)
        child, terminal = pty.fork()
        if child == 0:
            os.environ.pop("ENV", None)
            os.environ.update(PS1="ready\n", TERM="dumb")
            os.execvp("env", ["env", "--default-signal", "sh", "-i"])
        self.shell = Shell(self, child, terminal)
        os.close(terminal)  # the dispatcher has a copy

    def handle_read(self):
        self.shell.out += self.recv(4096)

    def handle_close(self):
        self.close()
        self.shell.handle_close()


class Shell(asyncore.file_dispatcher):
    def __init__(self, user, child, terminal):
        super().__init__(terminal)
        self.user, self.child, self.out = user, child, b""

    def readable(self):
        return len(self.user.out_buffer) < 65536

    def writable(self):
        return bool(self.out)

    def handle_write(self):
        self.out = self.out[self.send(self.out):]

    def handle_read(self):
        try:
            data = os.read(self.socket.fd, 4096)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            data = b""  # the last of the other side has gone
        if data:
            self.user.send(data)
        else:
            self.handle_close()

    def handle_close(self):
        if self.child:
            self.close()
            os.waitpid(self.child, 0)
            self.child = 0
            self.user.close()


serving.serve(User)
