/** What the wal-index and the locks on its read marks say together: who keeps how many frames, or that nobody knows. */
import { describe, expect, it } from "vitest";
import { Interpreter } from "../../../src/recording/interpreter.ts";
import type { SourceEvent } from "../../../src/recording/source-event.ts";
import { isSameWal, type WalSeen, walLine } from "../../../src/recording/wal-state.ts";
import { lock, READ1, SHM, start } from "../../support/source-events.ts";

const DMS = 128;
const READ0 = 123;
const INDEX: NonNullable<WalSeen["index"]> = {
  ...{ kind: "ok", changeCounter: 7, pageSize: 4096, salt: [1, 2], pageCount: 12 },
  ...{ mxFrame: 100, nBackfill: 20, readMarks: [0, 40, 90, null, 10] },
};

/** The wal-index was read at 50, between the two lists of events. */
function seen(before: readonly SourceEvent[], after: readonly SourceEvent[] = [], index: WalSeen["index"] = INDEX) {
  const interpreter = new Interpreter({ databases: ["/db"] }, () => undefined);
  for (const event of before) interpreter.next(event);
  const use = interpreter.walUse("/db");
  for (const event of after) interpreter.next(event);
  const moment = { path: "/db", atMs: 50, bytes: 412_032, index, before: use, after: interpreter.walUse("/db") };
  const { pinned, pinnedBy, ...line } = walLine(moment, (pid) => (pid === 9 ? null : String(pid * 100)));
  expect(line).toMatchObject({ type: "wal", path: "/db", atMs: 50, bytes: 412_032, frames: index?.mxFrame ?? null });
  return { pinned, by: pinnedBy.map(({ pid }) => pid), ticks: pinnedBy.map(({ startTicks }) => startTicks) };
}

const read = (atMs: number, pid: number, k: number) => lock(atMs, pid, "read", READ0 + k);
const ends = (atMs: number, pid: number, k: number) => lock(atMs, pid, "unlock", READ0 + k);
const NOBODY = { pinned: 0, by: [], ticks: [] };
const UNKNOWN = { pinned: null, by: [], ticks: [] };

describe("frames that are pinned", () => {
  it("are those after the mark of the reader that reads the oldest state; all who read an older one are named", () => {
    const events = [...start(), read(1, 7, 2), read(2, 8, 1), lock(3, 9, "write", READ1 - 4), lock(3, 6, "read", DMS)];
    expect(seen(events)).toEqual({ pinned: 60, by: [8, 7], ticks: ["800", "700"] });
  });

  it("are those that are not copied yet: by a mark before that, and by who reads the database alone", () => {
    expect(seen([...start(), read(1, 7, 4)])).toMatchObject({ pinned: 80, by: [7] });
    expect(seen([...start(), read(1, 7, 0)])).toMatchObject({ pinned: 80, by: [7] });
    expect(seen([...start(), read(1, 7, 0)], [], { ...INDEX, nBackfill: 100 })).toEqual(NOBODY);
  });

  it("are of one who has read from before until after the moment, and of nobody else", () => {
    expect(seen([...start(), read(1, 7, 1), ends(49, 7, 1)])).toEqual(NOBODY);
    expect(seen([...start(), read(1, 7, 1)], [ends(49, 7, 1)])).toEqual(NOBODY); // told of late
    expect(seen([...start(), read(1, 7, 1)], [ends(51, 7, 1)])).toMatchObject({ pinned: 60, by: [7] });
    expect(seen(start(), [read(51, 7, 1)])).toEqual(NOBODY);
    expect(seen(start(), [read(49, 7, 1)])).toMatchObject({ pinned: 60, by: [7] });
  });

  it("are none by a lock to write, and none by who finds no mark", () => {
    expect(seen([...start(), lock(1, 7, "write", READ1), read(1, 8, 3)])).toEqual(NOBODY);
  });

  it("are not known without the wal-index, before /proc was read, after a gap, and of another -shm", () => {
    expect(seen([...start(), read(1, 7, 1)], [], null)).toEqual(UNKNOWN);
    expect(seen([...start().slice(0, 2), read(1, 7, 1)])).toEqual(UNKNOWN);
    const lost = { kind: "lost", fromMs: 40, atMs: 60, events: 3 } as const;
    expect(seen([...start(), read(1, 7, 1)], [lost])).toEqual(UNKNOWN);
    const another = { kind: "file", atMs: 55, database: 0, role: "shm", device: 1, inode: SHM + 1 } as const;
    const held = { kind: "held", fromMs: 56, atMs: 56, locks: [], complete: true } as const;
    expect(seen([...start(), read(1, 7, 1)], [another, held])).toEqual(UNKNOWN);
    expect(seen(start(null))).toEqual(UNKNOWN);
  });

  it("by many: the first of them are named, each once", () => {
    const many = Array.from({ length: 50 }, (_, i) => read(1, 100 + i, 1));
    const twice = lock(2, 120, "read", READ1, { owner: 5, api: "ofd" });
    const { pinned, by } = seen([...start(), ...many, twice]);
    expect({ pinned, by }).toEqual({ pinned: 60, by: Array.from({ length: 20 }, (_, i) => 100 + i) });
  });
});

it("two lines are the same but for their time", () => {
  const line = walLine({ path: "/db", atMs: 1, bytes: 0, index: null, before: null, after: null }, () => null);
  expect(isSameWal(line, { ...line, atMs: 2 })).toBe(true);
  expect(isSameWal(line, { ...line, bytes: 1 })).toBe(false);
});
