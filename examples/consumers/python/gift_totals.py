"""Sums the diamonds of each streamer from Livetap's gift topic, each gift once."""

import argparse
import json
import os
import signal
import sys
import time
from collections import Counter
from typing import Any, Optional

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

GIFT = "livetap.gift.v1"
# Ids remembered at most. Repeats come soon after the first record, so the newest ids are the ones that matter.
SEEN_LIMIT = 500_000
PRINT_INTERVAL_S = 10
BATCH = 500
REQUEST_TIMEOUT_S = 30
# Settings that cannot be used (EX_CONFIG of sysexits).
EXIT_CONFIG = 78


class Refused(Exception):
    """A record that does not keep the contract; the text says how."""


class GiftTotals:
    """Removes repeats by (source, id) and adds up diamonds for each subject."""

    def __init__(self) -> None:
        self.diamonds: Counter[str] = Counter()
        self.counts = {"records": 0, "gifts": 0, "repeats": 0, "refused": 0}
        # A dict keeps the order of insertion: the oldest id is its first.
        self._seen: dict[tuple[str, str], None] = {}

    def add(self, message: Message) -> None:
        self.counts["records"] += 1
        try:
            self._process(message)
        except Refused as fault:
            self.counts["refused"] += 1
            place = f"{message.topic()}[{message.partition()}]@{message.offset()}"
            print(f"refused {place}: {fault}", file=sys.stderr)

    def print(self) -> None:
        print(json.dumps(dict(sorted(self.diamonds.items()))), flush=True)
        print(" ".join(f"{name}={count}" for name, count in self.counts.items()), file=sys.stderr, flush=True)

    def _process(self, message: Message) -> None:
        ce_type = dict(message.headers() or []).get("ce_type")
        if ce_type is None:
            raise Refused("no header ce_type")
        # The topic holds other types, too: `gift.completed` tells a whole streak again.
        if ce_type != GIFT.encode():
            return
        source, event_id, subject, diamonds = parse_gift(message.value())

        key = (source, event_id)
        # A repeat can differ in what was computed from history: the first record counts.
        if key in self._seen:
            self.counts["repeats"] += 1
            return
        self._seen[key] = None
        if len(self._seen) > SEEN_LIMIT:
            del self._seen[next(iter(self._seen))]

        self.counts["gifts"] += 1
        self.diamonds[subject] += diamonds


def parse_gift(value: Optional[bytes]) -> tuple[str, str, str, int]:
    """Returns source, id, subject and diamonds (0 when the price is not known)."""
    try:
        event: Any = json.loads(value or b"")
        attributes = (event["source"], event["id"], event["subject"])
        diamonds = event["data"].get("diamonds", 0)
    except (ValueError, KeyError, TypeError, AttributeError) as cause:
        raise Refused(f"the value is not a {GIFT} event") from cause
    if not all(isinstance(text, str) and text for text in attributes) or type(diamonds) is not int:
        raise Refused(f"the value is not a {GIFT} event")
    return (*attributes, diamonds)


def end_offsets(consumer: Consumer, topic: str) -> dict[int, int]:
    """For each partition the offset behind its last record as of now."""
    metadata = consumer.list_topics(topic, timeout=REQUEST_TIMEOUT_S).topics[topic]
    if metadata.error is not None:
        raise KafkaException(metadata.error)
    return {
        partition: consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=REQUEST_TIMEOUT_S)[1]
        for partition in metadata.partitions
    }


def commit(consumer: Consumer) -> None:
    """Tells Kafka that everything is done that was consumed."""
    try:
        consumer.commit(asynchronous=False)
    except KafkaException as error:
        if error.args[0].fatal():
            raise
        # The next commit tells it as well; if there is none, or the partitions have moved, the records come again.
        print(f"not committed: {error.args[0]}", file=sys.stderr)


def run(brokers: str, topic: str, group: str, until_end: bool) -> None:
    consumer = Consumer(
        {
            "bootstrap.servers": brokers,
            "group.id": group,
            "client.id": "livetap-gift-totals",
            "auto.offset.reset": "earliest",
            # Committed by hand, after the work is done.
            "enable.auto.commit": False,
            "enable.partition.eof": until_end,
        }
    )
    totals = GiftTotals()
    stopped = False

    def stop(_signal: int, _frame: object) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        ends = end_offsets(consumer, topic) if until_end else {}
        consumer.subscribe([topic])
        printed_at = time.monotonic()
        while not stopped and (ends or not until_end):
            batch = consumer.consume(BATCH, timeout=1.0)
            for message in batch:
                error = message.error()
                if error is None:
                    totals.add(message)
                    position = message.offset() + 1
                elif error.code() == KafkaError._PARTITION_EOF:
                    position = message.offset()
                elif error.retriable():
                    continue
                else:
                    raise KafkaException(error)
                if position >= ends.get(message.partition(), position + 1):
                    del ends[message.partition()]
            if any(message.error() is None for message in batch):
                commit(consumer)
            if not until_end and time.monotonic() - printed_at >= PRINT_INTERVAL_S:
                totals.print()
                printed_at = time.monotonic()
    finally:
        consumer.close()
    totals.print()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--until-end", action="store_true", help="read what is there now, print the totals and end")
    arguments = parser.parse_args()
    brokers = os.environ.get("KAFKA_BROKERS")
    if not brokers:
        print("KAFKA_BROKERS is not set: host:port of one or more brokers, separated by commas.", file=sys.stderr)
        return EXIT_CONFIG
    topic = f"{os.environ.get('LIVETAP_TOPIC_PREFIX') or 'tiktok.live'}.gift"
    try:
        run(brokers, topic, os.environ.get("GROUP_ID") or "gift-totals", arguments.until_end)
    except KafkaException as error:
        print(f"{topic}: {error.args[0]}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
