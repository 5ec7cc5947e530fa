#!/usr/bin/env python3
"""Verifies an export of a log from docs/formats/{export,record,tree}.md alone: it shares no code with the program.

Rebuilds the header of every record, recomputes every payload digest, every file's digest, every leaf and the root of the tree, and holds
them against the seal and against a root that was kept elsewhere. Files that go on behind one another are given in order.

usage: verify_export.py [--root HEX] FILE...
"""
import argparse
import base64
import collections
import datetime
import hashlib
import json
import struct
import sys

SEAL = "flowstone.export.seal"
BLOB = "flowstone.export.blob"
MOST_PIECE_BYTES = 256 << 10
NO_LINES = bytes(32)
# The names of a record in their order, as members of the export.
NAMES = ("subject", "type", "actor", "commandid", "causationid", "correlationid", "requestid", "traceparent")
NEEDED = {"specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "position", "revision",
          "data", "timemicros", "schemaversion", "appendfirst", "appendlast", "appendwrite", "fingerprint",
          "payloaddigest", "salt", "payload"}
MEMBERS = NEEDED | set(NAMES)


class Wrong(Exception):
    pass


def require(condition, what):
    if not condition:
        raise Wrong(what)


class Tree:
    """RFC 6962 section 2.1, grown leaf by leaf: the roots of the complete subtrees that the leaves make up."""

    def __init__(self):
        self.size, self.peaks = 0, []  # (leaves, hash), the largest first

    def push(self, leaf):
        self.size += 1
        self.peaks.append((1, leaf))
        while len(self.peaks) > 1 and self.peaks[-1][0] == self.peaks[-2][0]:
            (leaves, right), (_, left) = self.peaks.pop(), self.peaks.pop()
            self.peaks.append((2 * leaves, hashlib.sha256(b"\x01" + left + right).digest()))

    def root(self):
        if not self.peaks:
            return hashlib.sha256().digest()
        root = self.peaks[-1][1]
        for _, left in reversed(self.peaks[:-1]):
            root = hashlib.sha256(b"\x01" + left + root).digest()
        return root


def name(text):
    raw = text.encode("ascii")
    require(len(raw) <= 255 and all(0x20 < byte < 0x7f for byte in raw), f"{text!r} is no name")
    return bytes([len(raw)]) + raw


def header_of(event):
    salt, payload = (base64.b64decode(event[member], validate=True) for member in ("salt", "payload"))
    digest = hashlib.sha256(salt + payload).digest()
    require(len(salt) == 16, "the salt is not 16 bytes")
    require(digest.hex() == event["payloaddigest"], "salt and payload do not give payloaddigest")
    require(event["source"].startswith("/workspaces/"), "source is not /workspaces/<id>")
    header = struct.pack("<BQQqHI", 1, event["position"], event["revision"], event["timemicros"], event["schemaversion"],
                         len(payload)) + digest
    return header + name(event["source"][len("/workspaces/"):]) + b"".join(name(event.get(member, "")) for member in NAMES)


def micros_of(text):
    at = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (at - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) // datetime.timedelta(microseconds=1)


class Files:
    """Files in pieces, one after the other."""

    def __init__(self):
        self.count = 0
        self.digest = None  # of the bytes so far of the file that is not whole yet
        self.expected = None  # (source, sha256, size, offset) of its next piece

    def take(self, piece):
        members = {"type", "source", "sha256", "size", "offset", "bytes"}
        require(piece.keys() == members, f"a piece has the members {sorted(members)}")
        place = (piece["source"], piece["sha256"], piece["size"], piece["offset"])
        if self.expected is None:
            require(piece["offset"] == 0, "a file begins in its middle")
            self.digest = hashlib.sha256()
        else:
            require(place == self.expected, "the file before it is cut short")
        some = base64.b64decode(piece["bytes"], validate=True)
        require(len(some) <= MOST_PIECE_BYTES and (some or piece["size"] == 0), "a piece is empty or too long")
        self.digest.update(some)
        behind = piece["offset"] + len(some)
        require(behind <= piece["size"], "a piece goes beyond its file")
        self.expected = place[:3] + (behind,)
        if behind == piece["size"]:
            require(self.digest.hexdigest() == piece["sha256"], f"the file {piece['sha256']} does not have its digest")
            self.count += 1
            self.expected = None


class Log:
    def __init__(self):
        self.tree = Tree()
        self.revisions = collections.Counter()  # of each stream
        self.time = 0
        self.append = None  # (first, last, fingerprint) of the append that is not whole yet

    def take(self, event):
        strange, missing = event.keys() - MEMBERS, NEEDED - event.keys()
        require(not strange and not missing, f"members missing {sorted(missing)}, unknown {sorted(strange)}")
        header = header_of(event)
        position = event["position"]
        require(position == self.tree.size + 1, f"position {position} follows {self.tree.size}")
        stream = (event["source"], event["subject"])
        self.revisions[stream] += 1
        require(event["revision"] == self.revisions[stream], f"revision {event['revision']} of {event['subject']} follows "
                f"{self.revisions[stream] - 1}")
        require(event["timemicros"] >= self.time, "the time is before that of the event before it")
        require(micros_of(event["time"]) == event["timemicros"], "time and timemicros differ")
        require(event["id"] == str(position), "id is not the position")
        require(event["specversion"] == "1.0" and event["datacontenttype"] == "application/json", "no CloudEvent 1.0")
        self.take_append(event)
        self.time = event["timemicros"]
        self.tree.push(hashlib.sha256(b"\x00" + header).digest())

    def take_append(self, event):
        position, append = event["position"], (event["appendfirst"], event["appendlast"], event["fingerprint"])
        require(len(bytes.fromhex(event["fingerprint"])) == 32, "the fingerprint is not 32 bytes")
        require(self.append is None or self.append == append, "the append before it is cut short")
        require(self.append is not None or append[0] == position, "an append does not begin here")
        require(append[0] <= position <= append[1], "the event is not within its append")
        self.append = append if position < append[1] else None

    def close(self, seal, events, lines):
        require(self.append is None, "the last append is cut short")
        require(seal["events"] == events, f"the seal is of {seal['events']} events, here are {events}")
        require(seal["size"] == self.tree.size, f"the seal is of {seal['size']} leaves, here are {self.tree.size}")
        require(seal["root"] == self.tree.root().hex(), f"the seal's root is {seal['root']}, the records give {self.tree.root().hex()}")
        require(seal["lines"] == lines.hex(), f"the seal's lines are {seal['lines']}, the file gives {lines.hex()}")


def read_export(file, log):
    events, lines, seal, files = 0, NO_LINES, None, Files()
    for number, raw in enumerate(file, 1):
        try:
            require(raw.endswith(b"\n"), "the line has no end")
            require(seal is None, "nothing may follow the seal")
            value = json.loads(raw.decode("utf-8"))
            require(isinstance(value, dict), "is no JSON object")
            if value.get("type") == SEAL:
                seal = value
                log.close(seal, events, lines)
                require(seal.get("blobs", 0) == files.count, f"the seal is of {seal.get('blobs')} files, here are {files.count}")
                continue
            if value.get("type") == BLOB:
                files.take(value)
            else:
                require(files.expected is None, "the file before it is cut short")
                log.take(value)
                events += 1
            lines = hashlib.sha256(lines + raw[:-1]).digest()
        except (Wrong, ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
            raise Wrong(f"line {number}: {error}") from error
    require(seal is not None, "no seal at the end: the export is not whole")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", help="the root that the log must have, kept elsewhere")
    parser.add_argument("files", nargs="+", metavar="FILE")
    arguments = parser.parse_args()
    log = Log()
    for path in arguments.files:
        try:
            with open(path, "rb") as file:
                read_export(file, log)
        except (Wrong, OSError) as error:
            sys.exit(f"{path}: {error}")
    root = log.tree.root().hex()
    if arguments.root not in (None, root):
        sys.exit(f"the records give the root {root}, not {arguments.root}")
    print(json.dumps({"size": log.tree.size, "root": root}))


if __name__ == "__main__":
    main()
