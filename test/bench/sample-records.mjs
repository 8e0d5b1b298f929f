const VALUE_BYTES = 1_200;

/** Finished chats of about 1.2 KB in 50 rooms, as the pipeline hands them on. */
export function sampleRecords(count, from = 1) {
  return Array.from({ length: count }, (_, index) => {
    const n = from + index;
    const key = String(7_300_000_000_000_000_001n + BigInt(n % 50));
    const head = {
      specversion: '1.0',
      id: String(7_310_000_000_000_000_000n + BigInt(n)),
      source: `/tiktok/rooms/${key}`,
      type: 'livetap.chat.v1',
      subject: 'some.streamer',
      data: { user: { id: String(6_800_000_000_000_000_000n + BigInt(n % 4_000)), nickname: `viewer ${n % 4_000}` } },
    };
    const text = JSON.stringify({ ...head, comment: '' });
    const words = `words ${n} `.repeat(Math.ceil((VALUE_BYTES - text.length) / 12));
    return {
      topic: 'chat',
      key,
      ...{ id: head.id, type: head.type, source: head.source, subject: head.subject },
      sequence: `00000001-${String(n).padStart(12, '0')}`,
      recordedAt: 1_720_000_000_000 + n,
      value: Buffer.from(JSON.stringify({ ...head, comment: words.slice(0, VALUE_BYTES - text.length) })),
    };
  });
}
