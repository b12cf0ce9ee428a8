"""Delays of one reader by long-poll: longpoll.py PORT SECONDS. Publishes 50 messages a second to the channel bench,
prints percentiles of the time from a POST's first byte to the end of the answer that brings it, in microseconds. The
reader's own share, an answer of /health/live, is printed too."""

import http.client
import json
import sys
import threading
import time

RATE = 50
PATH = "/v1/stream/bench"


def percentiles(delays):
    ordered = sorted(delays)
    return " ".join(f"{name}={ordered[min(len(ordered) - 1, int(len(ordered) * share))] // 1_000}"
                    for name, share in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99)))


def publish(port, count):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    begun = time.monotonic_ns()
    for number in range(count):
        due = begun + number * 1_000_000_000 // RATE
        time.sleep(max(0, due - time.monotonic_ns()) / 1e9)
        body = json.dumps({"at": time.monotonic_ns(), "pad": "x" * 90})
        connection.request("POST", PATH, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        if answer.status >= 300:
            raise SystemExit(f"an append was answered with {answer.status}")


def main():
    port, count = int(sys.argv[1]), int(float(sys.argv[2]) * RATE)
    reader = http.client.HTTPConnection("127.0.0.1", port)

    def ask(method, path):
        reader.request(method, path)
        answer = reader.getresponse()
        return answer, answer.read()

    own = []
    for _ in range(200):
        begun = time.monotonic_ns()
        ask("GET", "/health/live")
        own.append(time.monotonic_ns() - begun)
    offset = ask("HEAD", PATH)[0].headers["Stream-Next-Offset"]
    publisher = threading.Thread(target=publish, args=(port, count))
    publisher.start()
    delays = []
    while len(delays) < count:
        answer, body = ask("GET", f"{PATH}?live=long-poll&offset={offset}")
        now = time.monotonic_ns()
        offset = answer.headers["Stream-Next-Offset"]
        if answer.status == 200:
            delays += [now - message["at"] for message in json.loads(body)]
        elif answer.status != 204:
            raise SystemExit(f"a long-poll was answered with {answer.status}")
    publisher.join()
    print(f"received={len(delays)} lat_us {percentiles(delays)}; a request of its own {percentiles(own)}")


main()
