"""One JSON object on standard output, whatever the user's code prints."""

import json
import os
import sys
import traceback


class Failure(Exception):
    """What is told as `{"ok": false, ...}`."""

    def __init__(self, kind, message, file=None, line=None):
        super().__init__(message)
        self.report = {"ok": False, "kind": kind, "message": message}
        if file is not None:
            self.report["file"] = file
        if line is not None:
            self.report["line"] = line


class DoesNotFit(AttributeError, KeyError):
    """The user's code asked a problem for what it has not."""


def reserve_stdout():
    """Gives everything that writes to standard output, C libraries included, standard error instead.

    Returns the file that alone still reaches the caller.
    """
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    sys.stdout.flush()
    os.dup2(2, 1)
    return channel


def note(message):
    """A remark for the caller, one JSON object a line on standard error."""
    print(json.dumps({"note": message}), file=sys.stderr, flush=True)


def from_exception(kind, error, file):
    """A Failure with the last place in the user's own file."""
    return Failure(kind, f"{type(error).__name__}: {error}", file, line_in(file, error))


def line_in(file, error):
    """The last line of the file that the error came through."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename == file]
    return own[-1].lineno if own else getattr(error, "lineno", None)
