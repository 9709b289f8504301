import fc from "fast-check";
import { expect, test } from "vitest";
import { ReaderSequence, stateAfter, WriterSequence } from "../../../../src/features/stress/sequence.ts";

const seeds = fc.integer({ min: 0, max: 0xffff_ffff });
const numbers = fc.integer({ min: 1, max: 5000 });
const rows = fc.integer({ min: 1, max: 5 });
const lengths = fc.integer({ min: 0, max: 200 });

function take<T>(sequence: { next(): T }, length: number): T[] {
  return Array.from({ length }, () => sequence.next());
}

test("the same seed gives each worker the same sequence", () => {
  fc.assert(
    fc.property(seeds, numbers, rows, lengths, (seed, worker, size, length) => {
      expect(take(new WriterSequence(seed, worker, size), length)).toEqual(
        take(new WriterSequence(seed, worker, size), length),
      );
      expect(take(new ReaderSequence(seed, worker, 4, size), length)).toEqual(
        take(new ReaderSequence(seed, worker, 4, size), length),
      );
    }),
    { numRuns: 30 },
  );
});

test("a sequence never changes: evidence that is kept can be compared with a later version", () => {
  const kinds = take(new WriterSequence(7, 1, 2), 6).map((operations) =>
    operations.map(({ kind, number, version }) => `${kind} ${number}.${version}`),
  );
  expect(kinds).toMatchInlineSnapshot(`
    [
      [
        "insert 1.1",
        "insert 2.1",
      ],
      [
        "delete 2.1",
        "insert 3.1",
      ],
      [
        "delete 3.1",
        "insert 4.1",
      ],
      [
        "insert 5.1",
        "delete 5.1",
      ],
      [
        "delete 4.1",
        "delete 1.1",
      ],
      [
        "insert 6.1",
        "insert 7.1",
      ],
    ]
  `);
});

test("two workers do not do the same, nor does one with two seeds", () => {
  const of = (seed: number, writer: number) =>
    take(new WriterSequence(seed, writer, 1), 50).map(([operation]) => `${operation?.kind} ${operation?.number}`);
  expect(of(1, 1)).not.toEqual(of(1, 2));
  expect(of(1, 1)).not.toEqual(of(2, 1));
});

test("some 60 % of the operations insert, 25 % update and 15 % delete", () => {
  const all = take(new WriterSequence(3, 1, 1), 20_000).flat();
  const share = (kind: string) => all.filter((each) => each.kind === kind).length / all.length;
  expect(share("insert")).toBeCloseTo(0.6, 1);
  expect(share("update")).toBeCloseTo(0.25, 1);
  expect(share("delete")).toBeCloseTo(0.15, 1);
});

test("the state after n commits is what the operations make of it", () => {
  fc.assert(
    fc.property(seeds, numbers, rows, lengths, (seed, writer, size, commits) => {
      const table = new Map<number, number>();
      const impossible: unknown[] = [];
      for (const operation of take(new WriterSequence(seed, writer, size), commits).flat()) {
        const { kind, number, version } = operation;
        const before = kind === "insert" ? undefined : kind === "update" ? version - 1 : version;
        if (table.get(number) !== before) impossible.push(operation);
        if (kind === "delete") table.delete(number);
        else table.set(number, version);
      }
      const state = stateAfter(seed, writer, size, commits);
      expect(impossible).toEqual([]);
      expect([...state.rows].map(([number, { version }]) => [number, version])).toEqual([...table]);
      expect([...state.rows.values()].filter(({ version, written }) => written.length !== version)).toEqual([]);
    }),
    { numRuns: 50 },
  );
});
