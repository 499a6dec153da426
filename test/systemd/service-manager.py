#!/usr/bin/env python3
"""Stands in for systemd: runs a program under a unit's sandbox and notes what it says by sd_notify(3).

    service-manager.py run SPEC     as JSON: allow, families, capability (or null), command, watchdogUsec, until, stopAfter
    service-manager.py enter SPEC   (used by `run`) loads the system call filter, then becomes the program

`run` prints each notification as a line `notify <text>`, each line of the program's own output as `says <text>`, sends SIGTERM
once `until` was said `stopAfter` times (or after 90 s), and ends with `exit <status>`.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time

mode, spec_text = sys.argv[1], sys.argv[2]
spec = json.loads(spec_text)

if mode == "enter":
    import errno

    import seccomp

    rules = seccomp.SyscallFilter(defaction=seccomp.ERRNO(errno.EPERM))
    for name in spec["allow"]:
        try:
            if name != "socket":
                rules.add_rule(seccomp.ALLOW, name)
        except RuntimeError:
            pass  # A call of another architecture.
    for family in spec["families"]:
        rules.add_rule(seccomp.ALLOW, "socket", seccomp.Arg(0, seccomp.EQ, getattr(socket, family)))
    rules.load()
    os.execvp(spec["command"][0], spec["command"])

caps = "-all" + (f",+{spec['capability']}" if spec["capability"] else "")
folder = tempfile.mkdtemp(prefix="tapspot-notify-")
path = os.path.join(folder, "notify")
sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
sock.bind(path)
child = subprocess.Popen(
    ["setpriv", f"--inh-caps={caps}", f"--ambient-caps={caps}", f"--bounding-set={caps}", "--no-new-privs",
     sys.executable, __file__, "enter", spec_text],
    env={**os.environ, "NOTIFY_SOCKET": path, "WATCHDOG_USEC": str(spec["watchdogUsec"])},
    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
)
os.set_blocking(child.stdout.fileno(), False)
deadline = time.monotonic() + 90
left = spec["stopAfter"]
stopping = False
buffer = b""


def note(text: str) -> None:
    global left
    if spec["until"] in text:
        left -= 1


while True:
    select.select([sock, child.stdout], [], [], 0.1)
    try:
        while True:
            for line in sock.recv(4096, socket.MSG_DONTWAIT).decode().split("\n"):
                print("notify", line, flush=True)
                note(line)
    except BlockingIOError:
        pass
    got = child.stdout.read()
    if got:
        buffer += got
        *lines, buffer = buffer.split(b"\n")
        for line in lines:
            print("says", line.decode(errors="replace"), flush=True)
            note(line.decode(errors="replace"))
    if not stopping and (left <= 0 or time.monotonic() > deadline):
        stopping = True
        child.send_signal(signal.SIGTERM)
    elif stopping and time.monotonic() > deadline + 60:
        child.kill()
    if child.poll() is not None and not got:
        break
print("exit", child.returncode)
os.unlink(path)
os.rmdir(folder)
