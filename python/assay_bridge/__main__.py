"""python -m assay_bridge export FILE.py:NAME OUT.pt2 | (toys | toys-fit | toys-call) FOLDER | doctor"""

import argparse
import json
import sys

from . import toys
from .doctor import doctor
from .export import export
from .protocol import Failure, reserve_stdout


def main():
    parser = argparse.ArgumentParser(prog="assay_bridge", description="Captures and trains models for Assay.")
    commands = parser.add_subparsers(dest="command", required=True)
    exporting = commands.add_parser("export", help="export a model with torch.export")
    exporting.add_argument("target", metavar="FILE.py:NAME")
    exporting.add_argument("out", metavar="OUT.pt2")
    commands.add_parser("toys", help="train an entry on one problem").add_argument("folder", metavar="FOLDER")
    commands.add_parser("toys-fit", help="try an entry on several problems").add_argument("folder", metavar="FOLDER")
    calling = commands.add_parser("toys-call", help="call one function of an entry on given numbers")
    calling.add_argument("folder", metavar="FOLDER")
    commands.add_parser("doctor", help="versions of what is installed")
    arguments = parser.parse_args()
    channel = reserve_stdout()
    if arguments.command in toys.COMMANDS:
        return toys.run(arguments.command, arguments.folder, channel)
    try:
        report = doctor() if arguments.command == "doctor" else export(arguments.target, arguments.out)
    except Failure as failure:
        report = failure.report
    channel.write(json.dumps(report) + "\n")
    channel.close()
    return 0 if report["ok"] else 2


sys.exit(main())
