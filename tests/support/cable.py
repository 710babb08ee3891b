# SPDX-License-Identifier: Apache-2.0
"""A cable between two interfaces that can be bad: cable.py A B [--late MS] [--lose N] [--begin S] [--end S]

Frames that leave B come to A as told: MS later, every Nth one not at all, between two instants counted from the start. The
other way they pass as they are."""
import argparse
import collections
import select
import socket
import time

OUTGOING = 4  # PACKET_OUTGOING
EVERY_PROTOCOL = 3


def interface(name):
    opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(EVERY_PROTOCOL))
    opened.bind((name, EVERY_PROTOCOL))
    opened.setblocking(False)
    return opened


def frames(source):
    """Those that have arrived there, without what this program has sent itself."""
    while True:
        try:
            frame, address = source.recvfrom(2048)
        except OSError:  # nothing more, or the link is gone
            return
        if address[2] != OUTGOING:
            yield frame


def pass_on(target, frame):
    try:
        target.send(frame)
    except OSError:
        pass  # nobody is plugged in there


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("a")
    parser.add_argument("b")
    parser.add_argument("--late", type=float, default=0)
    parser.add_argument("--lose", type=int, default=0)
    parser.add_argument("--begin", type=float, default=0)
    parser.add_argument("--end", type=float, default=1e9)
    told = parser.parse_args()
    a, b = interface(told.a), interface(told.b)
    start, count = time.monotonic(), 0
    waiting = collections.deque()
    while True:
        now = time.monotonic()
        while waiting and waiting[0][0] <= now:
            pass_on(a, waiting.popleft()[1])
        wait = max(0, waiting[0][0] - now) if waiting else 1
        ready = select.select([a, b], [], [], wait)[0]
        if a in ready:
            for frame in frames(a):
                pass_on(b, frame)
        if b in ready:
            for frame in frames(b):
                bad = told.begin <= time.monotonic() - start < told.end
                count += 1
                if bad and told.lose and count % told.lose == 0:
                    continue
                if bad and told.late:
                    waiting.append((time.monotonic() + told.late / 1e3, frame))
                elif waiting:  # behind those that are late
                    waiting.append((waiting[-1][0], frame))
                else:
                    pass_on(a, frame)


main()
