import { Chalk } from "chalk";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DatabaseReport } from "../../../../src/model/report.ts";
import { PLAIN, type Style } from "../../../../src/render/style.ts";
import { type ChosenColumn, namedColumns, usualColumns } from "../../../../src/render/who-holds/column-choice.ts";
import { COLUMNS } from "../../../../src/render/who-holds/columns.ts";
import { type DatabaseHolders, holdersTables } from "../../../../src/render/who-holds/table.ts";
import widthOf from "../../../../src/render/width.ts";
import { withoutImplied } from "../../../../src/sqlite/implied-locks.ts";
import type { LockName } from "../../../../src/sqlite/locks.ts";
import { databaseReport, handle, holder, lock, walWriter } from "../../../support/report.ts";

const DEFAULT = usualColumns();

const READER = holder({
  pid: 9,
  user: "backup",
  commandLine: ["/usr/bin/rsync", "--archive", "--delete", "/srv/app/", "backup@host:/srv/app"],
  locks: [lock("READ2"), lock("SHARED"), lock("DMS")],
  activity: "reading",
  blocks: ["checkpoints", "journal-mode"],
  handles: [handle(3, "database"), handle(12, "wal"), handle(13, "shm")],
});

const TWO = databaseReport({ holders: [walWriter(), READER] });

const holdersTable = (...[one, columns, style]: [DatabaseReport, readonly ChosenColumn[], Style]): string =>
  holdersTables([one], columns, style)[0] ?? "";

const at = (width: number, change: Partial<Style> = {}): Style => ({ ...PLAIN, width, ...change });

const widest = (table: string) => Math.max(...table.split("\n").map(widthOf));

test("no holder, no table", () => {
  expect(holdersTable(databaseReport(), DEFAULT, PLAIN)).toBe("");
});

test("without a terminal nothing is cut or broken", () => {
  // long-lines: without a terminal no line is broken
  expect(holdersTable(TWO, DEFAULT, PLAIN)).toMatchInlineSnapshot(`
    " PID  USER    COMMAND                                                  STATE     ACTIVITY  LOCKS                      HELD-FOR  BLOCKS                HANDLES
    4242  web     python manage.py shell                                   sleeping  writing   WRITE, READ1, SHARED, DMS  4 m 12 s  writers, checkpoints  database:3, wal:4, shm:5
       9  backup  rsync --archive --delete /srv/app/ backup@host:/srv/app  sleeping  reading   READ2, SHARED, DMS         ?         checkpoints           database:3, wal:12, shm:13"
  `);
  // long-lines end
});

test("200 columns", () => {
  const table = holdersTable(TWO, DEFAULT, at(200));
  expect(widest(table)).toBeLessThanOrEqual(200);
  // long-lines: 200 columns
  expect(table).toMatchInlineSnapshot(`
    " PID  USER    COMMAND                                                  STATE     ACTIVITY  LOCKS                      HELD-FOR  BLOCKS                HANDLES
    4242  web     python manage.py shell                                   sleeping  writing   WRITE, READ1, SHARED, DMS  4 m 12 s  writers, checkpoints  database:3, wal:4, shm:5
       9  backup  rsync --archive --delete /srv/app/ backup@host:/srv/app  sleeping  reading   READ2, SHARED, DMS         ?         checkpoints           database:3, wal:12, shm:13"
  `);
  // long-lines end
});

test("80 columns", () => {
  const table = holdersTable(TWO, DEFAULT, at(80));
  expect(widest(table)).toBeLessThanOrEqual(80);
  expect(table).toMatchInlineSnapshot(`
    " PID USER   COMMAND                   ACTIVITY LOCKS        HELD-FOR BLOCKS
    4242 web    python manage.py shell    writing  WRITE, READ1 4 m 12 s writers
       9 backup rsync --archive --dele... reading  READ2        ?        checkpoints"
  `);
});

test("every column at 80 columns is wider than that, and still whole", () => {
  const table = holdersTable(TWO, namedColumns(COLUMNS), at(80));
  for (const name of COLUMNS.map((column) => column.name)) expect(table.split("\n")[0]).toContain(name);
  for (const name of ["WRITE", "READ1", "READ2", "DMS", "SHARED"]) expect(table).toContain(name);
});

describe("a lock is never shortened, and only what others imply is left out", () => {
  const names: readonly LockName[] = [
    "SHARED",
    "RESERVED",
    "PENDING",
    "EXCLUSIVE",
    "WRITE",
    "CKPT",
    "RECOVER",
    "READ0",
    "READ4",
    "DMS",
    "FOREIGN",
  ];
  const locks = fc.array(
    fc
      .constantFrom(...names)
      .chain((name) =>
        fc
          .record({ api: fc.constantFrom("posix" as const, "ofd" as const), waiting: fc.boolean() })
          .map((change) => lock(name, change)),
      ),
    { minLength: 1, maxLength: 8 },
  );

  test("property: at any width, with any command, in colours or not", () => {
    const command = fc.array(fc.string({ unit: "grapheme", maxLength: 30 }), { maxLength: 4 });
    const style = fc.record({
      width: fc.integer({ min: 1, max: 220 }),
      ellipsis: fc.constantFrom("...", "…"),
      chalk: fc.constantFrom(null, new Chalk({ level: 1 })),
    });
    const chosen = fc.constantFrom(DEFAULT, namedColumns(COLUMNS));
    fc.assert(
      fc.property(locks, command, style, chosen, (some, commandLine, look, columns) => {
        const table = holdersTable(
          databaseReport({ holders: [holder({ locks: some, commandLine, blocks: ["writers"] })] }),
          columns,
          look,
        );
        const words = table.split(/[\s,]+|\u001b\[\d+m/);
        for (const one of columns === DEFAULT ? withoutImplied(some) : some) {
          const text = one.waiting
            ? `[waits:${one.name}]`
            : `${one.name}${one.api === "ofd" ? "(ofd)" : ""}${one.name === "FOREIGN" ? "(database)" : ""}`;
          expect(words).toContain(text);
        }
      }),
      { numRuns: 100 },
    );
  });
});

const UNKNOWN_WRITER = {
  pid: null,
  lock: "RESERVED",
  effect: "writers",
  heldAtLeastMs: null,
  heldLikelyMs: null,
  waitsFor: [],
  sure: "unknown",
} as const;

test("locks of nobody known have a row of their own", () => {
  const unownedLocks = [lock("RESERVED", { api: "ofd" })];
  const table = holdersTable(databaseReport({ unownedLocks, blockers: [UNKNOWN_WRITER] }), DEFAULT, PLAIN);
  expect(table).toMatchInlineSnapshot(`
    "PID  USER  COMMAND        STATE  ACTIVITY  LOCKS          HELD-FOR  BLOCKS   HANDLES
      ?  ?     owner unknown  ?      ?         RESERVED(ofd)  ?         writers  ?"
  `);
  const blocksOf = (database: DatabaseHolders) =>
    holdersTables([database], namedColumns(COLUMNS.filter(({ name }) => name === "BLOCKS")), PLAIN)[0]?.split("\n")[1];
  expect(blocksOf(databaseReport({ unownedLocks }))).toBe("-");
  expect(blocksOf({ holders: [], unownedLocks })).toBe("?");
});

test("the tables of several databases have their columns at the same places; one that nobody holds has none", () => {
  const tables = holdersTables(
    [databaseReport({ holders: [READER] }), databaseReport(), databaseReport({ holders: [walWriter()] })],
    DEFAULT,
    at(120),
  );
  expect(tables[1]).toBe("");
  expect(tables[0]?.split("\n")[0]).toBe(tables[2]?.split("\n")[0]);
  expect([tables[0]?.split("\n").slice(1), tables[2]?.split("\n").slice(1)].flat()).toEqual(
    holdersTable({ ...TWO, holders: [READER, walWriter()] }, DEFAULT, at(120))
      .split("\n")
      .slice(1),
  );
});

test("an ellipsis of the terminal's own characters", () => {
  const long = databaseReport({ holders: [holder({ commandLine: ["app", "x".repeat(200)] })] });
  expect(holdersTable(long, DEFAULT, at(100))).toContain("...");
  expect(holdersTable(long, DEFAULT, at(100, { ellipsis: "…" }))).toContain("…");
});

describe("colour", () => {
  const chalk = new Chalk({ level: 1 });
  const plain = (text: string) => text.replace(/\u001b\[\d+m/g, "");

  test("only repeats what the words say", () => {
    for (const width of [80, 120, 200])
      expect(plain(holdersTable(TWO, DEFAULT, at(width, { chalk })))).toBe(holdersTable(TWO, DEFAULT, at(width)));
  });

  test("red keeps others out, yellow is in the way, idle is plain", () => {
    const cell = (one: typeof READER) => holdersTable(databaseReport({ holders: [one] }), DEFAULT, at(200, { chalk }));
    expect(cell(walWriter())).toContain(chalk.red("writing"));
    expect(cell(READER)).toContain(chalk.yellow("reading"));
    expect(cell(holder())).not.toMatch(/\u001b\[3[13]m/);
  });
});
