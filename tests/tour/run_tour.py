#!/usr/bin/env python3
"""Runs the console blocks of docs/tour.md against a fresh server and holds what they print against what the page shows.

In a block, a line `$ command` is run in one shell that lives through the whole page; the lines below it are its output.
There, `...` stands for any text within a line, and alone on its line for any number of lines.

usage: run_tour.py FLOWSTONE TOUR.md
"""
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

MARK = "flowstone-tour-end-of-output"
PATIENCE_SECONDS = 60


def commands_of(page):
    """(line number, command, expected output lines) of every console block, in order."""
    inside, found = False, []
    for number, line in enumerate(page.splitlines(), 1):
        if line.startswith("```"):
            inside = line == "```console"
            continue
        if not inside:
            continue
        if line.startswith("$ "):
            found.append((number, line[2:], []))
        else:
            found[-1][2].append(line)
    return found


def matches(expected, actual):
    pattern = []
    for line in expected:
        if line == "...":
            pattern.append(r"(?:[^\n]*\n)*?")
        else:
            pattern.append(re.escape(line).replace(r"\.\.\.", ".*?") + r"\n")
    return re.fullmatch("".join(pattern), actual) is not None


class Shell:
    def __init__(self, directory, environment):
        self.process = subprocess.Popen(["bash", "--norc", "--noprofile"], cwd=directory, env=environment, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def run(self, command):
        self.process.stdin.write(f"{command}\nprintf '\\n%s\\n' {MARK}\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line.rstrip("\n") == MARK:
                break
            lines.append(line)
        output = "".join(lines)
        output = output[:-1] if output.endswith("\n") else output  # of the mark's own line end
        return output if output in ("", "\n") or output.endswith("\n") else output + "\n"


def start_server(flowstone, directory):
    server = subprocess.Popen([flowstone, "serve", "--demo", "--data", directory / "data", "--listen", "127.0.0.1:0", "--no-access-log"],
                              stdout=subprocess.PIPE, stderr=open(directory / "server.log", "w"), text=True)
    first = server.stdout.readline()
    if not first.startswith("ready "):
        sys.exit("tour: the server did not start:\n" + (directory / "server.log").read_text())
    return server, first.split()[1]


def environment_of(flowstone, directory, url):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("FLOWSTONE_")}
    environment |= {
        "PATH": f"{pathlib.Path(flowstone).resolve().parent}:{os.environ['PATH']}",
        "FLOWSTONE_URL": url,
        "FLOWSTONE_KEY": (directory / "data" / "demo.key").read_text().strip(),
        "FLOWSTONE_SPOOL": str(directory / "spool"),
        "DATA": str(directory / "data"),
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
    }
    return environment


def main(flowstone, page):
    signal.alarm(PATIENCE_SECONDS * 5)
    failures = ran = 0
    with tempfile.TemporaryDirectory(prefix="flowstone-tour-") as scratch:
        directory = pathlib.Path(scratch)
        server, url = start_server(flowstone, directory)
        try:
            shell = Shell(directory, environment_of(flowstone, directory, url))
            for number, command, expected in commands_of(pathlib.Path(page).read_text()):
                ran += 1
                actual = shell.run(command)
                if not matches(expected, "" if actual == "\n" else actual):
                    failures += 1
                    print(f"{page}:{number}: $ {command}\n--- the page shows\n" + "\n".join(expected) + f"\n--- printed\n{actual}", flush=True)
        finally:
            server.terminate()
            server.wait()
    print(f"tour: {ran} commands, {failures} printed something else than the page shows")
    sys.exit(1 if failures or not ran else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
