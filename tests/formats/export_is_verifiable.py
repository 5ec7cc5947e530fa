#!/usr/bin/env python3
"""An auditor's day: an export of a demo log, verified by verify_export.py against `flowstone audit root`; and one flipped
character at a time, anywhere in it, is found.

usage: export_is_verifiable.py FLOWSTONE
"""
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

VERIFIER = pathlib.Path(__file__).parent / "verify_export.py"
FLIPS_ANYWHERE = 40


class Server:
    def __init__(self, flowstone, directory):
        self.flowstone, self.directory = flowstone, directory
        self.log = open(directory / "server.log", "w")
        self.process = subprocess.Popen(
            [flowstone, "serve", "--demo", "--data", directory / "data", "--listen", "127.0.0.1:0", "--no-access-log"],
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        first = self.process.stdout.readline()
        if not first.startswith("ready "):
            sys.exit("the server did not start:\n" + (directory / "server.log").read_text())
        self.url = first.split()[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()

    def run(self, *words):
        clean = {key: value for key, value in os.environ.items() if not key.startswith("FLOWSTONE_")}
        key = (self.directory / "data" / "demo.key").read_text().strip()
        ran = subprocess.run([self.flowstone, *words], env=clean | {"FLOWSTONE_URL": self.url, "FLOWSTONE_KEY": key},
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if ran.returncode != 0:
            sys.exit(f"flowstone {' '.join(map(str, words))}: {ran.stderr}")
        return ran.stdout


def verify(*arguments):
    return subprocess.run([sys.executable, VERIFIER, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True)


def flipped(text, at):
    """The text with another character at one place, of the same kind, so that the line stays JSON where it can."""
    other = {"0": "1", "a": "b", "A": "B", '"': "'"}
    old = text[at]
    new = other.get(old) or (str((int(old) + 1) % 10) if old.isdigit() else chr(ord(old) ^ 1))
    return text[:at] + new + text[at + 1:]


def places(text, seed):
    """One in every member of some event's line, then some anywhere."""
    lines = text.splitlines(keepends=True)
    begin = sum(map(len, lines[:7]))
    for member in re.finditer(r'"(\w+)":"?([^",{}]+)', lines[7]):
        yield begin + member.start(2), f"{member[1]} of line 8"
    for member in re.finditer(r'"(\w+)":"?([^",{}]+)', lines[-1]):
        yield len(text) - len(lines[-1]) + member.start(2), f"{member[1]} of the seal"
    for at in random.Random(seed).sample(range(len(text)), FLIPS_ANYWHERE):
        yield at, f"byte {at}"


def check_flips(directory, text, root):
    seed = int(os.environ.get("FLOWSTONE_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"FLOWSTONE_SEED={seed}")
    altered, missed, tried = directory / "altered.ndjson", [], 0
    for at, what in places(text, seed):
        altered.write_text(flipped(text, at))
        tried += 1
        if verify("--root", root, altered).returncode == 0:
            missed.append(what)
    print(f"{tried} characters flipped, {len(missed)} not found")
    return missed


def main(flowstone):
    with tempfile.TemporaryDirectory(prefix="flowstone-formats-") as scratch:
        directory = pathlib.Path(scratch)
        first, second = directory / "first.ndjson", directory / "second.ndjson"
        with Server(flowstone, directory) as server:
            server.run("do", "create_task", 'title=Zürich: "quoted" \\ and more', "labels=a,b")
            contract = directory / "contract.md"
            contract.write_text("# Contract\n\nThe fee is 12 %.\n")
            server.run("bundle", "push", str(contract), "--name", "Contract")
            server.run("export", "--data", str(directory / "data"), str(first))
            size = json.loads(first.read_text().splitlines()[-1])["size"]
            server.run("do", "create_task", "title=After the first export")
            server.run("export", "--data", str(directory / "data"), "--from", str(size + 1), str(second))
            earlier = json.loads(server.run("audit", "root", "--json", "--size", str(size)))
            head = json.loads(server.run("audit", "root", "--json"))
        failures = []
        carried = first.read_text().count('{"type":"flowstone.export.blob"')
        if carried < 5:  # the file, its text, its structure, what was extracted, and the lists of them
            failures.append(f"the export carries {carried} pieces of files")
        for files, expected in (([first], earlier), ([first, second], head)):
            ran = verify("--root", expected["root"], *files)
            print(ran.stdout, ran.stderr, sep="", end="")
            if ran.returncode != 0 or json.loads(ran.stdout) != {"size": expected["size"], "root": expected["root"]}:
                failures.append(f"{len(files)} files do not verify: {ran.stderr}")
        if verify("--root", head["root"], first).returncode == 0:
            failures.append("an earlier root passed as the head's")
        if verify(second).returncode == 0:
            failures.append("an export without its beginning passed")
        failures += [f"a flipped character was not found: {what}" for what in check_flips(directory, first.read_text(), earlier["root"])]
    sys.exit("\n".join(failures) or 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
