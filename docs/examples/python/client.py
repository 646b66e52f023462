"""Send interchanges to coedi and follow its receipts. Needs pika: pip install 'pika>=1.3'

    coedi enterprise credentials 1100A0017 --json > credentials.json
    python client.py credentials.json pumps.xml towels.xml

Every receipt is on disk, receipts/<stream>/<sequence>.xml, before it is acknowledged: a restart knows what it has.
Runs until stopped; with IDLE_SECONDS=30 until nothing has happened for 30 seconds."""

import json
import os
import random
import sys
import time
from pathlib import Path

import pika
from pika.exceptions import AMQPError, NackError, UnroutableError

GAP_SECONDS = 5  # how long a receipt waits for the one before it
NACK_SECONDS = 5  # how long we wait when the broker did not take a message


class Inbox:
    """Each receipt once, in order of its sequence within its stream; one per connection."""

    def __init__(self, folder):
        self.folder, self.next, self.held = folder, {}, {}  # held: stream -> {sequence: (since, receipt)}

    def take(self, properties, body, acknowledge):
        stream, sequence = properties.headers["stream"], properties.headers["seq"]
        known = self.path(stream, sequence).exists()
        if known and properties.headers.get("repeat"):
            show(properties, "again")  # the answer to something that we sent again
        held = self.held.setdefault(stream, {})
        if known or sequence in held:
            acknowledge()
        else:
            held[sequence] = (time.monotonic(), properties, body, acknowledge)

    def release(self):
        """Pass on what is next in its stream, and what has waited too long for the one before it."""
        for stream, held in self.held.items():
            for sequence, (since, properties, body, acknowledge) in sorted(held.items()):
                expected = self.expected(stream)
                if sequence > expected and time.monotonic() - since < GAP_SECONDS:
                    break
                keep(self.path(stream, sequence), body)
                show(properties, "one before it is missing" if sequence > expected else "")
                acknowledge()
                self.next[stream] = max(expected, sequence + 1)
                del held[sequence]

    def expected(self, stream):
        known = (int(file.stem) for file in self.path(stream, 0).parent.glob("*.xml"))
        return self.next.setdefault(stream, max(known, default=0) + 1)

    def path(self, stream, sequence):
        return self.folder / stream.replace(":", "-") / f"{sequence}.xml"


def keep(path, body):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".part").open("wb", buffering=0) as file:
        file.write(body)
        os.fsync(file.fileno())
    path.with_suffix(".part").rename(path)


def show(properties, note):
    place = [properties.headers[name] for name in ("feed_no", "stream", "seq")]
    print(*place, properties.type, properties.correlation_id or "-", note, sep="\t", flush=True)


def publish(channel, exchange, body):
    """Whether the broker has it on disk. If the connection breaks here, it is sent again: that is always safe."""
    try:
        channel.basic_publish(exchange, "", body, pika.BasicProperties("application/xml", delivery_mode=2), mandatory=True)
        return True
    except (NackError, UnroutableError):
        return False


def session(connection, login, inbox, pending, idle):
    """Publish what is pending and take receipts; ends when nothing has happened for `idle` seconds."""
    sending, receiving = connection.channel(), connection.channel()
    sending.confirm_delivery()
    receiving.basic_qos(prefetch_count=100)
    send_at = last = time.monotonic()
    for method, properties, body in receiving.consume(login["receipt_queue"], inactivity_timeout=0.2):
        now = time.monotonic()
        if method:
            inbox.take(properties, body, lambda tag=method.delivery_tag: receiving.basic_ack(tag))
        inbox.release()
        if pending and now >= send_at:
            taken = publish(sending, login["exchange"], pending[0][1])
            print(pending[0][0], "confirmed" if taken else "not accepted, retry later", flush=True)
            send_at = now if taken else now + NACK_SECONDS
            if taken:
                pending.pop(0)
        last = now if method or pending or any(inbox.held.values()) else last
        if 0 < idle < now - last:
            return
    raise ConnectionError("the broker ended our consumer")


def main(credentials, *files):
    login = json.loads(Path(credentials).read_text())
    hosts = [pika.URLParameters(url) for url in login["amqp_url"].split(",")]  # a cluster has several
    pending = [(file, Path(file).read_bytes()) for file in files]
    wait, idle = 0.5, float(os.environ.get("IDLE_SECONDS", "0"))
    while True:
        began = time.monotonic()
        try:
            with pika.BlockingConnection(random.sample(hosts, len(hosts))) as connection:
                return session(connection, login, Inbox(Path("receipts")), pending, idle)
        except (AMQPError, OSError) as error:
            wait = 1 if time.monotonic() - began > 60 else min(wait * 2, 60)
            print(f"{error!r}: again in {wait:g} s", flush=True)
            time.sleep(wait)


if __name__ == "__main__":
    main(*sys.argv[1:])
