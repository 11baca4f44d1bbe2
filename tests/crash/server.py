"""Forks one child per crash, from a process that has loaded everything already.

    LD_PRELOAD=shim.so python server.py SHIM TARGET

TARGET is `module:function`; the function takes the arguments of a request as strings and returns an exit code.
One request per line on stdin: {"arguments": […], "below": FOLDER, "at": K, "mode": M, "sockets": bool}; one answer per
line on stdout: {"status": wait status, "calls": counted calls, "error": text}. `calls` is -1 where the child did not
end by itself.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any

FAILED = 3  # exit code of a child that ended in a traceback


def serve(shim: ctypes.CDLL, target: Callable[..., int]) -> None:
    for line in sys.stdin:
        request = json.loads(line)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            run(shim, target, request, writing)
        os.close(writing)
        with os.fdopen(reading) as answers:
            answer = json.loads(answers.read() or '{"calls": -1, "error": ""}')
        _, status = os.waitpid(child, 0)
        sys.stdout.write(json.dumps({"status": status, **answer}) + "\n")
        sys.stdout.flush()


def run(shim: ctypes.CDLL, target: Callable[..., int], request: dict[str, Any], answers: int) -> None:
    """In the child: never returns."""
    code, error = FAILED, ""
    shim.crash_arm(request["below"].encode(), ctypes.c_long(request["at"]), request["mode"])
    if request["sockets"]:
        shim.crash_sockets()
    try:
        code = target(*request["arguments"])
    except BaseException:  # noqa: BLE001  the test shows it
        error = traceback.format_exc()
    calls = shim.crash_calls()
    os.write(answers, json.dumps({"calls": calls, "error": error}).encode())
    os._exit(code)


if __name__ == "__main__":
    module, _, function = sys.argv[2].partition(":")
    serve(ctypes.CDLL(sys.argv[1]), getattr(importlib.import_module(module), function))
