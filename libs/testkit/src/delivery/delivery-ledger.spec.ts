import { describe, expect, it } from 'vitest';
import { DeliveryLedger, type DeliveredRecord } from './delivery-ledger.js';

const record = (n: number, changes: Partial<DeliveredRecord> = {}): DeliveredRecord => ({
  topic: 't.chat',
  partition: 0,
  key: '7',
  headers: { ce_id: String(n), ce_source: '/rooms/7', ce_sequence: `00000001-${String(n).padStart(12, '0')}` },
  ...changes,
});

function ledgerOf(expected: readonly number[], records: readonly DeliveredRecord[]): DeliveryLedger {
  const ledger = new DeliveryLedger();
  for (const n of expected) ledger.expect('/rooms/7', String(n));
  for (const each of records) ledger.arrived(each);
  return ledger;
}

describe('DeliveryLedger', () => {
  it('finds nothing wrong with repeats and with several topics', () => {
    const other = { topic: 't.gift', partition: 2 };
    const report = ledgerOf(
      [1, 2, 3, 4],
      [record(1), record(3), record(1), record(3), record(2, other), record(4, other)],
    ).report();
    expect(report).toEqual({
      expected: 4,
      records: 6,
      events: 4,
      repeated: 2,
      lost: 0,
      disordered: 0,
      split: 0,
      holes: 0,
      samples: [],
    });
  });

  it('finds what is lost, a hole, a wrong order and a room in two partitions', () => {
    expect(ledgerOf([1, 2, 3], [record(1), record(3)]).report()).toMatchObject({ lost: 1, holes: 1 });
    expect(ledgerOf([], [record(2), record(1)]).report()).toMatchObject({ disordered: 1, holes: 0 });
    expect(ledgerOf([], [record(1), record(2, { partition: 1 })]).report()).toMatchObject({ split: 1 });
    expect(ledgerOf([9], []).report().samples).toEqual(['lost: /rooms/7 9']);
  });
});
