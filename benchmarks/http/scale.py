#!/usr/bin/env python3
"""Publishes to many channels, each with one subscription on a connection of /live, and tells what a delivery costs.

scale.py PORT PID CHANNELS CONNECTIONS SECONDS [WARM-UP [TIMES]]

Every channel has one reader; the channels are spread over the connections. Publications go round all channels over one
more connection, 64 in flight. Prints deliveries/s, the processor time that the server used for each (an append, and one
delivery), how many had come whenever this program looked: as many publications follow together; and the resident memory
that came with the channels. With TIMES, it measures so often, one after the other. What it is doing is told on standard
error, as a million channels take minutes. With HISTOGRAM in the environment, it also tells there what is reachable on the
heap for each channel, class by class, once all have had a message (JAVA_HOME names the JDK that counts).
"""
import json
import os
import selectors
import socket
import subprocess
import sys
import time

port, pid, channels, connections, seconds = map(int, sys.argv[1:6])
warmup = int(sys.argv[6]) if len(sys.argv) > 6 else seconds
times = int(sys.argv[7]) if len(sys.argv) > 7 else 1
IN_FLIGHT = 64
CREATING = 1000  # in flight while the channels are created
SUBSCRIBING = 200  # at the same time, on one connection
TELL_SECONDS = 10
REPLY = b'"reply":'  # once in each answer
LOST_SECONDS_MAX = 10
TICKS = os.sysconf("SC_CLK_TCK")
HANDSHAKE = (b"GET /live HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
FILLING = "x" * 100
MARK = b'"filling"'  # once in each message, in a frame of its own


def frame(message):
    """A text frame masked with zeros, which change nothing (RFC 6455, section 5.3)."""
    payload = json.dumps(message, separators=(",", ":")).encode()
    head = bytes([0x81, 0x80 | len(payload)]) if len(payload) < 126 else b"\x81\xfe" + len(payload).to_bytes(2, "big")
    return head + b"\0\0\0\0" + payload


def connect():
    client = socket.create_connection(("127.0.0.1", port), timeout=10)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.sendall(HANDSHAKE)
    answer = client.recv(4096)
    assert b" 101 " in answer, answer
    return client


def cpu_seconds():
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_bytes():
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS:"))


told = started = time.monotonic()


def tell(what, done):
    """Says how far it is, now and then."""
    global told
    now = time.monotonic()
    if now - told >= TELL_SECONDS or done == channels > 50_000:
        told = now
        print(f"{now - started:.0f} s: {done} of {channels} channels {what}", file=sys.stderr, flush=True)


def reachable():
    """Objects and bytes of each class, after a collection; nothing unless asked for."""
    if "HISTOGRAM" not in os.environ:
        return {}
    command = [os.path.join(os.environ["JAVA_HOME"], "bin", "jcmd"), str(pid), "GC.class_histogram"]
    rows = [line.split() for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()]
    return {row[3]: (int(row[1]), int(row[2])) for row in rows if len(row) > 3 and row[0][:-1].isdigit()}


def tell_reachable(before, after):
    total = 0
    for name, (count, size) in after.items():
        count, size = count - before.get(name, (0, 0))[0], size - before.get(name, (0, 0))[1]
        total += size
        if count > channels / 10:
            print(f"{size / channels:6.1f} bytes, {count / channels:.2f} of {name}", file=sys.stderr)
    print(f"{total / channels:6.1f} bytes of heap for each channel", file=sys.stderr, flush=True)


resident_before = resident_bytes()
reachable_before = reachable()
publications = [frame({"action": "publish", "channel": f"scale/c{i}", "data": {"filling": FILLING}}) for i in range(channels)]
selector = selectors.DefaultSelector()
subscribed = 0
for number in range(connections):
    reader = connect()
    asked = answered = 0
    left = unsent = b""
    for i in range(number, channels, connections):
        asked += 1
        unsent += frame({"action": "subscribe", "id": i + 1, "channel": f"scale/c{i}"})
        if asked % (SUBSCRIBING // 4) and i + connections < channels:
            continue
        reader.sendall(unsent)
        unsent = b""
        # As clients do: some at a time, and their answers are read.
        while asked - answered >= (SUBSCRIBING if i + connections < channels else 1):
            came = reader.recv(1 << 16)
            if not came:
                sys.exit(f"the server closed a connection after {answered} subscriptions: {left[-200:]}")
            left += came
            answered += left.count(REPLY)
            left = left[left.rfind(REPLY) + len(REPLY):] if REPLY in left else left
    subscribed += asked
    tell("subscribed to", subscribed)
    reader.setblocking(False)
    selector.register(reader, selectors.EVENT_READ, [b""])
publisher = connect()
published = delivered = looks = 0
heard = time.monotonic()  # when the last one came


def receive(wait):
    """Counts what came; a mark that was cut in two is found with what comes next. Ends it all if nothing comes any more.

    What was refused does not come, and the publisher was told why.
    """
    global delivered, looks, heard
    before = delivered
    for key, _ in selector.select(wait):
        try:
            came = key.fileobj.recv(1 << 18)
        except OSError as why:
            sys.exit(f"a connection failed: {why}")
        if not came:
            sys.exit("the server closed a connection")
        bytes_ = key.data[0] + came
        delivered += bytes_.count(MARK)
        key.data[0] = bytes_[-(len(MARK) - 1):]
    looks += delivered > before
    if delivered > before:
        heard = time.monotonic()
    elif time.monotonic() > heard + LOST_SECONDS_MAX:
        publisher.setblocking(False)
        try:
            told = publisher.recv(300).decode(errors="replace")
        except OSError:
            told = "nothing"
        sys.exit(f"{published} published, {delivered} delivered, and nothing for {LOST_SECONDS_MAX} s;"
                 f" the publisher was told {told}")


def run(until):
    """Publishes until the moment `until`, or for one round of all channels if that is None."""
    global published, heard
    target = published + channels
    heard = time.monotonic()
    while time.monotonic() < until if until else published < target:
        room = (IN_FLIGHT if until else min(CREATING, target - delivered)) - (published - delivered)
        if room > 0:
            batch = [publications[(published + i) % channels] for i in range(room)]
            publisher.sendall(b"".join(batch))
            published += room
        receive(1)
        if not until:
            tell("created", delivered)
    while delivered < published:
        receive(1)
    if delivered != published:  # more than there were
        sys.exit(f"{published} published, {delivered} delivered")


run(None)  # creates them all
resident = resident_bytes() - resident_before
if reachable_before:
    tell_reachable(reachable_before, reachable())
run(time.monotonic() + warmup)
figures = []
for _ in range(times):
    begun, delivered, published, looks, cpu = time.monotonic(), 0, published - delivered, 0, cpu_seconds()
    run(begun + seconds)
    took = time.monotonic() - begun
    figures.append(f"{delivered / took:.0f} deliveries/s, {(cpu_seconds() - cpu) / delivered * 1e6:.1f} µs of CPU each, "
                   f"{delivered / looks:.0f} at a time")
print("; ".join(figures) + f"; {resident / channels:.0f} bytes resident more for each channel once all had a message")
