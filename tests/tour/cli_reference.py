#!/usr/bin/env python3
"""Prints docs/cli.md: the --help of every command. With --check FILE it compares instead, and says how to write the page anew.

usage: cli_reference.py FLOWSTONE [--check FILE]
"""
import os
import pathlib
import re
import subprocess
import sys

HEAD = """# The command line

The `--help` of every command, as the program prints it. Settings of `serve` and `config` are explained in
[configuration.md](configuration.md). This page is written by `python3 tests/tour/cli_reference.py build/dev/flowstone > docs/cli.md`.
"""


def help_of(flowstone, words):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("FLOWSTONE_")}
    text = subprocess.run([flowstone, *words, "--help"], capture_output=True, text=True, check=True, env=environment).stdout
    return text.replace(flowstone, "flowstone").rstrip()


def subcommands_of(text):
    found = re.search(r"^Subcommands:\n((?:  .*\n?)+)", text, re.M)
    return re.findall(r"^  ([a-z_]+)\b", found[1], re.M) if found else []


def sections(flowstone, words=()):
    text = help_of(flowstone, words)
    yield f"\n## {' '.join(['flowstone', *words])}\n\n```text\n{text}\n```\n"
    for word in subcommands_of(text):
        yield from sections(flowstone, (*words, word))


def main(flowstone, *options):
    page = HEAD + "".join(sections(flowstone))
    if options[:1] != ("--check",):
        print(page, end="")
    elif pathlib.Path(options[1]).read_text() != page:
        sys.exit(f"{options[1]} is not what the program prints; write it anew:\n"
                 "  python3 tests/tour/cli_reference.py build/dev/flowstone > docs/cli.md")


if __name__ == "__main__":
    main(*sys.argv[1:])
