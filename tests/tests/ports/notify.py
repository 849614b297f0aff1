"""A folder that is watched, with those in it: inotify read under asyncore's loop, as pyinotify did."""

import asyncore
import ctypes
import os
import struct
import sys

libc = ctypes.CDLL(None, use_errno=True)
CREATE, WRITTEN, FROM, TO, DELETE = 0x100, 0x8, 0x40, 0x80, 0x200
IGNORED, DIRECTORY, NONBLOCK = 0x8000, 0x40000000, os.O_NONBLOCK
NAMES = {CREATE: "created", WRITTEN: "written", FROM: "moved from", TO: "moved to", DELETE: "deleted"}
HEAD = struct.Struct("iIII")


class Watcher(asyncore.file_dispatcher):
    def __init__(self, folder):
        self.inotify = libc.inotify_init1(NONBLOCK)
        self.folders = {}
        self.add(folder)
        super().__init__(self.inotify)

    def writable(self):
        return False

    def add(self, folder):
        number = libc.inotify_add_watch(self.inotify, folder.encode(), sum(NAMES))
        self.folders[number] = folder
        for entry in os.scandir(folder):
            if entry.is_dir(follow_symlinks=False):
                self.add(entry.path)

    def handle_read(self):
        read = os.read(self.inotify, 4096)
        while read:
            number, flags, _, length = HEAD.unpack_from(read)
            name = read[HEAD.size:HEAD.size + length].rstrip(b"\0").decode()
            read = read[HEAD.size + length:]
            if flags & IGNORED:
                self.folders.pop(number, None)
            if number in self.folders:
                self.changed(flags, os.path.join(self.folders[number], name))

    def changed(self, flags, path):
        if flags & DIRECTORY and flags & (CREATE | TO):
            self.add(path)
        for flag, name in NAMES.items():
            if flags & flag:
                print(name, os.path.relpath(path, sys.argv[1]))


watcher = Watcher(sys.argv[1])
print(0)
asyncore.loop()
