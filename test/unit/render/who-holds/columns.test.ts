import { describe, expect, test } from "vitest";
import type { Holder } from "../../../../src/model/report.ts";
import { locksText } from "../../../../src/render/lock-text.ts";
import { COLUMNS, type Detail, findColumn } from "../../../../src/render/who-holds/columns.ts";
import { handle, holder, lock, walWriter } from "../../../support/report.ts";

const value = (name: string, one: Holder, detail?: Detail) => findColumn(name)?.value(one, detail);

test("each name once, each with a help; what help shows is what --columns takes, without quotes", () => {
  expect(new Set(COLUMNS.map((column) => column.name)).size).toBe(COLUMNS.length);
  for (const column of COLUMNS) expect(column.help).not.toBe("");
  for (const column of COLUMNS) expect(findColumn(column.name)).toBe(column);
  for (const column of COLUMNS) expect(column.name).toMatch(/^[A-Z-]+$/);
});

test("names are found as people type them", () => {
  for (const name of ["READ MARK", "read-mark", "Read_Mark", " read mark "])
    expect(findColumn(name)?.name).toBe("READ-MARK");
  for (const name of ["HELD-FOR", "held for", "HELD"]) expect(findColumn(name)?.name).toBe("HELD-FOR");
  expect(findColumn("nonsense")).toBeUndefined();
  expect(findColumn("")).toBeUndefined();
});

test("every column of a writer", () => {
  expect(Object.fromEntries(COLUMNS.map((column) => [column.name, column.value(walWriter())]))).toMatchInlineSnapshot(`
    {
      "ACTIVITY": "writing",
      "BLOCKS": "writers, checkpoints, journal-mode",
      "COMMAND": "python manage.py shell",
      "CONTAINER": "-",
      "FDS": "41/1024",
      "HANDLES": "database:3, wal:4, shm:5",
      "HELD-FOR": "4 m 12 s",
      "IDLE": "4 m 12 s",
      "LOCKS": "WRITE, READ1, SHARED, DMS",
      "NAME": "python",
      "PID": "4242",
      "PPID": "4100",
      "READ-MARK": "3021",
      "STALE": "idle-in-transaction",
      "STARTED": "2026-01-02 03:04:05",
      "STATE": "sleeping",
      "TTY": "pts/3",
      "UID": "1000",
      "UNIT": "-",
      "USER": "web",
    }
  `);
});

test("every column of a process of which nothing is known", () => {
  const unknown = holder({
    user: null,
    uid: null,
    name: "kworker",
    commandLine: [],
    startedAt: null,
    terminal: null,
    openFiles: null,
    openFilesLimit: null,
    handles: [],
    idleMs: null,
    complete: false,
  });
  expect(Object.fromEntries(COLUMNS.map((column) => [column.name, column.value(unknown)]))).toMatchInlineSnapshot(`
    {
      "ACTIVITY": "idle",
      "BLOCKS": "-",
      "COMMAND": "[kworker]",
      "CONTAINER": "-",
      "FDS": "?/?",
      "HANDLES": "not visible",
      "HELD-FOR": "-",
      "IDLE": "?",
      "LOCKS": "-",
      "NAME": "kworker",
      "PID": "4242",
      "PPID": "4100",
      "READ-MARK": "-",
      "STALE": "-",
      "STARTED": "?",
      "STATE": "sleeping",
      "TTY": "-",
      "UID": "?",
      "UNIT": "-",
      "USER": "?",
    }
  `);
});

test("HELD: not provable is not the same as no lock", () => {
  expect(value("HELD", holder({ locks: [lock("SHARED")], heldAtLeastMs: null }))).toBe("?");
  expect(value("HELD", holder({ locks: [], heldAtLeastMs: null }))).toBe("-");
  expect(value("HELD", holder({ locks: [lock("SHARED")], heldAtLeastMs: 252_000 }))).toBe("4 m 12 s");
});

describe("LOCKS", () => {
  test("SQLite's names, each once", () => {
    expect(locksText([lock("RESERVED"), lock("SHARED"), lock("SHARED")])).toBe("RESERVED, SHARED");
    expect(locksText([])).toBe("-");
  });

  test("what is out of the ordinary is said", () => {
    expect(locksText([lock("SHARED", { api: "ofd" })])).toBe("SHARED(ofd)");
    expect(locksText([lock("READ0", { type: "write" }), lock("READ1")])).toBe("READ0(write), READ1");
    expect(locksText([lock("FOREIGN", { role: "wal" }), lock("FOREIGN", { api: "flock" })])).toBe(
      "FOREIGN(wal), FOREIGN(flock)(database)",
    );
    expect(locksText([lock("EXCLUSIVE", { waiting: true })])).toBe("[waits:EXCLUSIVE]");
  });
});

test.each<[Holder["blocks"], string, string, string]>([
  [["writers", "checkpoints", "journal-mode"], "writers, checkpoints, journal-mode", "writers, checkpoints", "writers"],
  [["writers", "commits", "journal-mode"], "writers, commits, journal-mode", "writers, commits", "writers"],
  [["readers", "writers", "journal-mode"], "readers, writers, journal-mode", "readers, writers", "readers, writers"],
  [["commits", "journal-mode"], "commits, journal-mode", "commits", "commits"],
  [["checkpoints", "journal-mode"], "checkpoints, journal-mode", "checkpoints", "checkpoints"],
  [["journal-mode"], "journal-mode", "-", "-"],
  [[], "-", "-", "-"],
])("BLOCKS of %j in full, as usual and in brief", (blocks, ...expected) => {
  const details = ["full", "usual", "brief"] as const;
  expect(details.map((detail) => value("BLOCKS", holder({ blocks }), detail))).toEqual(expected);
  const unowned = findColumn("BLOCKS")?.unowned;
  expect(details.map((detail) => unowned?.([], blocks, detail))).toEqual(expected);
});

test("LOCKS in brief: without those that the others imply", () => {
  expect(value("LOCKS", walWriter(), "usual")).toBe("WRITE, READ1, SHARED, DMS");
  expect(value("LOCKS", walWriter(), "brief")).toBe("WRITE, READ1");
});

test("HANDLES by file, in words for what is odd", () => {
  const handles = [
    handle(3, "database"),
    handle(7, "database"),
    handle(4, "wal", { deleted: true }),
    handle(9, "database", { moved: true }),
  ];
  expect(value("HANDLES", holder({ handles }))).toBe("database:3,7, wal(deleted):4, database(moved):9");
  expect(value("HANDLES", holder({ handles: [], complete: false }))).toBe("not visible");
  expect(value("HANDLES", holder({ handles: [] }))).toBe("-");
});

test.each<[Partial<Holder>, string, string]>([
  [{ unit: "sshd.service", unitManager: "system" }, "sshd.service", "-"],
  [{ unit: "sshd.service", unitManager: "user", unitUid: 1001 }, "sshd.service (user 1001)", "-"],
  [{ unit: "db.service", unitManager: "container", container: "lxc:web" }, "db.service (in lxc:web)", "lxc:web"],
  [{ unit: "sshd.service" }, "sshd.service (?)", "-"],
  [{ container: "podman:0123456789ab", containerUid: 1001 }, "-", "podman:0123456789ab (user 1001)"],
])("whose a unit and a container are: %j", (change, unit, container) => {
  expect(value("UNIT", holder(change))).toBe(unit);
  expect(value("CONTAINER", holder(change))).toBe(container);
});

test("what a thread alone has is marked", () => {
  const handles = [handle(3, "database"), handle(3, "database", { thread: 4243 }), handle(4, "wal", { thread: 4243 })];
  expect(value("HANDLES", holder({ handles }))).toBe("database:3, database(thread 4243):3, wal(thread 4243):4");
});

test("what a program or a user calls itself is escaped", () => {
  const evil = holder({
    user: "w\x1beb",
    name: "\u202e",
    commandLine: ["a\nb", "\x1b[2J"],
    unit: "u\t.service",
    container: "lxc:\x07",
  });
  for (const column of COLUMNS) expect(column.value(evil)).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
  expect(value("COMMAND", evil)).toBe("a\\nb \\e[2J");
});
