#!/usr/bin/env python3
"""Kills the server with runs of workflows in flight, and holds what became of them against what was promised.

Each run passes a value on, waits, asks a server three times in a Map (one call in four is answered 500 first), runs another
workflow, and then does three things side by side: it waits for an event, makes the task that is this event, and has a worker
do an activity (one worker in eight falls silent with it first). Then: every run has completed, every step of its machine began
and ended once, the sequence has no gap, every run made one task and saw that one, and no effect was asked for and no activity
handed out more often than it was intended plus once for each time that the server was killed.

usage: runs_outlive_the_server.py FLOWSTONE [RUNS [KILLS [SEED]]]
"""
import collections
import http.client
import http.server
import json
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import zlib

PATIENCE_SECONDS = 300
MOST_AT_ONCE = 1000  # the limit of a definition
STEPS = 13
WORKERS = 32


class Effects(http.server.BaseHTTPRequestHandler):
    """Counts what is asked of it, by the key that names the effect."""

    protocol_version = "HTTP/1.1"
    asked = collections.Counter()
    lock = threading.Lock()

    def log_message(self, *_):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        key = self.headers["Idempotency-Key"]
        with self.lock:
            self.asked[key] += 1
            first = self.asked[key] == 1
        body = b"{}"
        time.sleep(seconds_at_it(key))
        self.send_response(500 if first and fails_first(key) else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def seconds_at_it(key):
    return zlib.crc32(key.encode()) % 500 / 1000


def fails_first(key):
    return zlib.crc32(key.encode()) % 4 == 0


class EffectServer(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def handle_error(self, *_):  # whoever asked was killed
        pass


class Workers:
    """Do the activity `double`, through every death of the server. One task in eight is taken and never heard of first."""

    def __init__(self, server):
        self.server = server
        self.taken = collections.Counter()
        self.lock = threading.Lock()
        self.stop = threading.Event()
        for _ in range(WORKERS):
            threading.Thread(target=self.work, daemon=True).start()

    def work(self):
        while not self.stop.is_set():
            task = self.call("poll", {"activity": "double", "wait_seconds": 2}).get("task")
            if not task:
                continue
            with self.lock:
                self.taken[task["key"]] += 1
                first = self.taken[task["key"]] == 1
            if not (first and falls_silent(task["key"])):
                time.sleep(seconds_at_it(task["key"]))
                self.call(f"{task['token']}/complete", {"output": 2 * task["input"]})

    def call(self, what, body):
        while not self.stop.is_set():
            try:
                return self.server.call("POST", f"/v1/activities/{what}", body)
            except urllib.error.HTTPError as refused:
                if refused.code == 409:  # it came twice, or too late
                    break
                time.sleep(0.1)
            except (OSError, ValueError, http.client.HTTPException):  # the server is dead
                time.sleep(0.1)
        return {}


def falls_silent(key):
    return zlib.crc32(key.encode()) % 8 == 0


class Server:
    def __init__(self, program, directory, effects):
        self.command = [program, "serve", "--demo", "--data", str(directory), "--listen", "127.0.0.1:0", "--no-access-log",
                        "--task-http-hosts", effects]
        self.directory = directory
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in self.process.stdout:
            if line.startswith("ready "):
                self.url = line.split()[1]
                break
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        self.key = (self.directory / "demo.key").read_text().strip()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def call(self, method, target, body=None):
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + target, method=method, data=data, headers=headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def publish(self, name, states, start):
        definition = {"concurrency": {"mode": "parallel", "max": MOST_AT_ONCE},
                      "body": {"QueryLanguage": "JSONata", "StartAt": start, "States": states}}
        workflow = self.call("POST", "/v1/workflows", {"name": name, "definition": definition})["id"]
        self.call("POST", f"/v1/workflows/{workflow}/publish", {})
        return workflow

    def events(self, run):
        yield from self.pages(f"/v1/events?stream=run-{run}&limit=200")

    def pages(self, target):
        cursor = ""
        while True:
            page = self.call("GET", target + cursor)
            yield from page["items"]
            if not page["next_cursor"]:
                return
            cursor = f"&cursor={page['next_cursor']}"


def publish_workflows(server, effects):
    child = server.publish("Child", {"Wait": {"Type": "Wait", "Seconds": 1, "Next": "Done"}, "Done": {"Type": "Succeed"}}, "Wait")
    ask = {"Type": "Task", "Resource": "flowstone:http", "End": True,
           "Arguments": {"Method": "POST", "Url": f"http://{effects}/", "Body": {"n": "{% $states.input %}"}},
           "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 5}]}
    return server.publish("Parent", {
        "Pass": {"Type": "Pass", "Output": {"n": 1}, "Next": "Wait"},
        "Wait": {"Type": "Wait", "Seconds": 2, "Next": "Each"},
        "Each": {"Type": "Map", "Items": [1, 2, 3], "ItemProcessor": {"StartAt": "Ask", "States": {"Ask": ask}}, "Next": "Run"},
        "Run": {"Type": "Task", "Resource": "flowstone:run", "Arguments": {"Workflow": child}, "Next": "Together"},
        "Together": {"Type": "Parallel", "Branches": branches_side_by_side(), "Next": "Done",
                     "Output": {"saw": "{% $states.result[0].data.title %}", "made": "{% $states.result[1].Entity.title %}",
                                "doubled": "{% $states.result[2] %}"}},
        "Done": {"Type": "Succeed"}}, "Pass")


def branches_side_by_side():
    run = "{% $states.context.Execution.Id %}"
    await_task = {"Type": "Task", "Resource": "flowstone:event", "End": True, "Arguments": {
        "Type": "task.created", "Condition": "event.data.title = input", "Input": run}}
    make_task = {"Type": "Task", "Resource": "flowstone:command", "End": True, "Arguments": {
        "Command": "create_task", "Body": {"title": run}}}
    work = {"Type": "Task", "Resource": "flowstone:activity", "End": True, "HeartbeatSeconds": 3,
            "Arguments": {"Activity": "double", "Input": 21},
            "Retry": [{"ErrorEquals": ["States.HeartbeatTimeout"], "IntervalSeconds": 1, "BackoffRate": 1, "MaxAttempts": 10}]}
    return [{"StartAt": "Await", "States": {"Await": await_task}},
            {"StartAt": "Pause", "States": {"Pause": {"Type": "Wait", "Seconds": 1, "Next": "Make"}, "Make": make_task}},
            {"StartAt": "Work", "States": {"Work": work}}]


def wait_for_ends(server, runs):
    deadline = time.monotonic() + PATIENCE_SECONDS
    left = list(runs)
    while left:
        if time.monotonic() > deadline:
            raise SystemExit(f"{len(left)} runs have not ended, among them {left[0]}")
        if server.call("GET", f"/v1/runs/{left[-1]}").get("finished_at"):
            left.pop()
        else:
            time.sleep(0.1)


def mistakes_of(server, run):
    """What is wrong with a run; nothing if it is as it should be."""
    state = server.call("GET", f"/v1/runs/{run}")
    if state["status"] not in ("completed", "completed_with_errors"):
        return f"run {run} is {state['status']}"
    steps, sequences = collections.Counter(), []
    for event in server.events(run):
        if event["data"].get("sequence"):
            sequences.append(event["data"]["sequence"])
        if event["type"] in ("run.step_started", "run.step_finished"):
            steps[event["type"], event["data"].get("path"), event["data"]["step"]] += 1
    if sequences != list(range(1, len(sequences) + 1)):
        return f"run {run} has a gap in {sequences}"
    twice = [step for step, times in steps.items() if times != 1]
    if twice or len(steps) != 2 * STEPS:
        return f"run {run}: {len(steps)} of {2 * STEPS} beginnings and ends of steps, more than once: {twice}"
    output = state["output"]
    if output != {"saw": run, "made": run, "doubled": 42}:
        return f"run {run} ended with {output}"
    return None


def mistakes_of_tasks(server, runs):
    made = collections.Counter(task["title"] for task in server.pages("/v1/tasks?limit=200"))
    return [f"run {run} made {made[run]} tasks" for run in runs if made[run] != 1]


def mistakes_of_effects(asked, wanted, allowed, what):
    mistakes = [f"{key} was {what} {times} times" for key, times in asked.items() if times > allowed(key)]
    if len(asked) != wanted:
        mistakes.append(f"{len(asked)} keys were {what} in place of {wanted}")
    return mistakes


def judge(program, runs, kills, seed):
    print(f"{runs} runs, {kills} kills, seed {seed}", flush=True)
    dice = random.Random(seed)
    effect_server = EffectServer(("127.0.0.1", 0), Effects)
    threading.Thread(target=effect_server.serve_forever, daemon=True).start()
    effects = f"127.0.0.1:{effect_server.server_address[1]}"
    with tempfile.TemporaryDirectory(prefix="flowstone-runs-") as directory:
        server = Server(program, pathlib.Path(directory) / "data", effects)
        try:
            workflow = publish_workflows(server, effects)
            workers = Workers(server)
            started = [server.call("POST", f"/v1/workflows/{workflow}/runs", {})["id"] for _ in range(runs)]
            for _ in range(kills):
                time.sleep(dice.uniform(0.1, 4))
                server.kill()
                server.start()
            wait_for_ends(server, started)
            workers.stop.set()
            mistakes = [mistake for run in started if (mistake := mistakes_of(server, run))]
            mistakes += mistakes_of_tasks(server, started)
        finally:
            server.kill()
    mistakes += mistakes_of_effects(Effects.asked, 3 * runs, lambda key: 1 + kills + fails_first(key), "asked for")
    mistakes += mistakes_of_effects(workers.taken, runs, lambda key: 1 + kills + falls_silent(key), "handed out")
    again = sum(times - 1 - fails_first(key) for key, times in Effects.asked.items())
    lost = sum(times - 1 - falls_silent(key) for key, times in workers.taken.items())
    print(f"{len(Effects.asked)} effects, {again} of them asked for once more than intended; {len(workers.taken)} activities, "
          f"{lost} of them handed out once more; {len(mistakes)} mistakes")
    for mistake in mistakes[:20]:
        print(mistake)
    return 1 if mistakes else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    numbers = [int(argument) for argument in sys.argv[2:]]
    RUNS, KILLS, SEED = numbers + [100, 3, 1][len(numbers):]
    if not 1 <= RUNS <= MOST_AT_ONCE:
        raise SystemExit(f"RUNS must be from 1 to {MOST_AT_ONCE}")
    sys.exit(judge(sys.argv[1], RUNS, KILLS, SEED))
