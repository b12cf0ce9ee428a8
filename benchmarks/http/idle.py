#!/usr/bin/env python3
"""Opens idle WebSockets and tells what each costs the server: resident memory, and its heap after a collection.

idle.py PORT CONNECTIONS PID tls|plain      (JAVA_HOME names the JDK of the server)
"""
import os
import socket
import ssl
import subprocess
import sys
import time

port, count, pid, tls = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "tls"
trusting = ssl.create_default_context()
trusting.check_hostname = False
trusting.verify_mode = ssl.CERT_NONE
CREATE = b"PUT /v1/stream/idle HTTP/1.1\r\nHost: h\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n"
UPGRADE = (
    b"GET /v1/stream/idle HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


def resident_kb():
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def heap_after_collection():
    jcmd = os.environ["JAVA_HOME"] + "/bin/jcmd"
    for _ in range(2):
        subprocess.run([jcmd, str(pid), "GC.run"], stdout=subprocess.DEVNULL, check=True)
    told = subprocess.run([jcmd, str(pid), "GC.heap_info"], capture_output=True, text=True, check=True).stdout
    return next(line.strip() for line in told.splitlines() if "used" in line)


def ask(request):
    client = socket.create_connection(("127.0.0.1", port))
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if tls:
        client = trusting.wrap_socket(client, server_hostname="localhost")
    client.sendall(request)
    return client, client.recv(4096)


def upgrade():
    client, answer = ask(UPGRADE)
    assert b" 101 " in answer, answer
    return client


ask(CREATE)[0].close()
for _ in range(500):
    upgrade().close()
time.sleep(3)
heap, before = heap_after_collection(), resident_kb()
print("before", before, "KB;", heap)
clients = [upgrade() for _ in range(count)]
time.sleep(2)
heap, after = heap_after_collection(), resident_kb()
print("after ", after, "KB;", heap)
print("%.1f KB resident each" % ((after - before) / count))
