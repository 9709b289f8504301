import { expect, test } from "vitest";
import { CommitLedger } from "../../../../src/features/stress/commit-ledger.ts";

test("writers are numbered from 1, and keep the slot that they were added with", () => {
  const ledger = new CommitLedger();
  expect([ledger.addWriter(0), ledger.addWriter(1), ledger.addWriter(0)]).toEqual([1, 2, 3]);
  expect([ledger.addReader(), ledger.addReader()]).toEqual([1, 2]);
  expect(ledger.acknowledge({ worker: 2, number: 1 })).toBe(1);
  expect(ledger.acknowledge({ worker: 3, number: 1 })).toBe(0);
  expect(ledger.acknowledge({ worker: 3, number: 2 })).toBe(0);
  ledger.markKilled(1);
  expect(ledger.writers).toEqual([
    { writer: 1, acknowledged: 0, killed: true },
    { writer: 2, acknowledged: 1, killed: false },
    { writer: 3, acknowledged: 2, killed: false },
  ]);
});

test.each([
  ["a transaction is left out", { worker: 1, number: 2 }, "writer 1 acknowledged transaction 2 after 0"],
  ["an unknown writer", { worker: 7, number: 1 }, "there is no writer 7"],
])("%s", (_, record, message) => {
  const ledger = new CommitLedger();
  ledger.addWriter(0);
  expect(() => ledger.acknowledge(record)).toThrow(message);
});
