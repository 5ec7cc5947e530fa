"""What the checks share: the project's files, and reporting findings as `file:line: what`."""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def files(*extensions):
    """The project's own files, relative to the root; all of them without extensions."""
    listed = subprocess.run([ROOT / "cmake/checks/files", *extensions], check=True, capture_output=True, text=True)
    return listed.stdout.splitlines()


def text_of(path):
    return (ROOT / path).read_text(encoding="utf-8", errors="replace")


def finish(findings):
    """Prints the findings and ends the check: 0 without any, 1 otherwise."""
    for finding in findings:
        print(finding)
    sys.exit(1 if findings else 0)
