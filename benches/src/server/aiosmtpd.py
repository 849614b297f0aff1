"""aiosmtpd, which stores each message as a maildir does, without fsync."""

import asyncio
import itertools
import os
import sys

from aiosmtpd.controller import UnthreadedController

root = sys.argv[1]
for directory in "tmp", "new":
    os.makedirs(f"{root}/{directory}", exist_ok=True)
count = itertools.count()


class Store:
    async def handle_DATA(self, server, session, envelope):
        name = f"{next(count)}.{os.getpid()}"
        with open(f"{root}/tmp/{name}", "xb") as file:
            file.write(envelope.content)
        os.rename(f"{root}/tmp/{name}", f"{root}/new/{name}")
        return "250 OK"


loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
controller = UnthreadedController(Store(), hostname="127.0.0.1", port=0, loop=loop)
controller.begin()
print("listening on 127.0.0.1:%d" % controller.server.sockets[0].getsockname()[1], flush=True)
loop.run_forever()
