import asyncio
import os
import sys

from project import start

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
start("tasks", ["shop"], timeout=0.1)

import tasks  # noqa: E402

asyncio.run(getattr(tasks, sys.argv[1])())
