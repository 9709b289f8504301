"""Wall and CPU time of a command with all processes that it waits for, as JSON: "wallMs", "cpuMs" (user and system),
"code". Its standard output goes to the file OUTPUT.
"""
import json, resource, subprocess, sys, time

output, command = sys.argv[1], sys.argv[2:]
with open(output, "wb") as file:
    started = time.monotonic()
    code = subprocess.call(command, stdin=subprocess.DEVNULL, stdout=file)
    wall = time.monotonic() - started
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"wallMs": wall * 1000, "cpuMs": (used.ru_utime + used.ru_stime) * 1000, "code": code}))
