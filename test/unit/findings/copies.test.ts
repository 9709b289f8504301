/** Programs that write over a database, or copy it, beside SQLite: each rule fires, and is silent next to it. */
import { describe, expect, test } from "vitest";
import type { Handle, Holder } from "../../../src/model/report.ts";
import { diagnosed, findingOf } from "../../support/diagnosed.ts";
import { handle, holder, lock, walWriter } from "../../support/report.ts";
import { handleSeen } from "../../support/snapshot.ts";

const onDatabase = (change: Partial<Handle>) => [handle(3, "database", { closeOnExec: false, ...change })];

const copier = (access: Handle["access"], change: Partial<Holder> = {}): Holder =>
  holder({
    pid: 4300,
    name: "cp",
    commandLine: ["cp", "backup.db", "db.sqlite3"],
    handles: onDatabase({ access }),
    ...change,
  });

const IDLE = holder({ handles: [handle(3, "database", { closeOnExec: true })] });

describe("foreign-writer", () => {
  const ID = "foreign-writer";

  test("an error while others have it open through SQLite, which keeps nobody's file; to write alone proves it", () => {
    const finding = findingOf(ID, { journalMode: "wal", holders: [walWriter(), copier("write")] });
    expect(finding).toMatchObject({ severity: "error", pids: [4300] });
    expect(finding?.summary).toContain(
      "4300 (cp backup.db db.sqlite3) has the database open for writing, but not through SQLite: it likely " +
        "overwrites the file while 4242 (python manage.py shell) has it open",
    );
    expect(finding?.remedy).toMatch(/^Let 4300 finish.*stop 4242.*delete nothing/s);
    expect(findingOf(ID, { holders: [IDLE, copier("write")] })).toMatchObject({ severity: "error" });
  });

  test("a warning while nobody has; likely, for information", () => {
    expect(findingOf(ID, { holders: [copier("write")] })).toMatchObject({
      severity: "warning",
      detail: expect.stringMatching(/^Descriptor 3 on the database: /),
      remedy: expect.stringContaining("do not open the database before that"),
    });
    expect(findingOf(ID, { holders: [copier("read-write")] })).toMatchObject({ severity: "info" });
    expect(findingOf(ID, { holders: [copier("write", { name: "sh", commandLine: ["sh"] })] })).toBeDefined();
  });

  test("likely, by its name, where it may read as well", () => {
    expect(findingOf(ID, { holders: [IDLE, copier("read-write")] })?.summary).toContain("likely not through SQLite");
    expect(findingOf(ID, { holders: [copier("read-write", { name: "app", commandLine: ["app"] })] })).toBeUndefined();
    expect(findingOf(ID, { holders: [copier("read-write", { locks: [lock("SHARED")] })] })).toBeUndefined();
    expect(
      findingOf(ID, { holders: [copier("read-write", { handles: onDatabase({ closeOnExec: true }) })] }),
    ).toBeUndefined();
  });

  test("silent: SQLite, a script's lock that is held or waited for, another file by now, a reader", () => {
    expect(findingOf(ID, { holders: [IDLE, walWriter({ pid: 4301 })] })).toBeUndefined();
    expect(
      findingOf(ID, { holders: [IDLE, copier("write", { handles: onDatabase({ access: "write", flock: "write" }) })] }),
    ).toBeUndefined();
    const waiting = handleSeen({ access: "write", closeOnExec: false });
    const appends = waiting.info === null ? waiting : { ...waiting, info: { ...waiting.info, append: true } };
    expect(findingOf(ID, { holders: [IDLE, copier("write")] }, { handles: { 4300: [appends] } })).toBeUndefined();
    for (const lost of [{ deleted: true }, { moved: true }])
      expect(
        findingOf(ID, { holders: [IDLE, copier("write", { handles: onDatabase({ access: "write", ...lost }) })] }),
      ).toBeUndefined();
    expect(findingOf(ID, { holders: [IDLE, copier("read")] })).toBeUndefined();
    expect(
      findingOf(ID, { holders: [IDLE, copier("write", { handles: [handle(3, "wal", { access: "write" })] })] }),
    ).toBeUndefined();
  });
});

describe("live-copy", () => {
  const ID = "live-copy";

  test("for information: the copy can be torn", () => {
    const finding = findingOf(ID, { journalMode: "wal", holders: [walWriter(), copier("read")] });
    expect(finding).toMatchObject({ severity: "info", pids: [4300] });
    expect(finding?.remedy).toContain(`sqlite3 -init /dev/null /srv/app/db.sqlite3 ".backup '/a/safe/folder/copy.db'"`);
    const unlocked = holder({ pid: 7, handles: [handle(3, "database"), handle(4, "journal")] });
    const beside = findingOf(ID, { holders: [IDLE, copier("read"), unlocked] });
    expect(beside?.remedy).toContain("in a program that has it open through SQLite");
    expect(beside?.remedy).not.toContain("sqlite3 ");
    expect(findingOf(ID, { holders: [IDLE, copier("read")] })).toBeDefined();
    expect(findingOf(ID, { holders: [IDLE, copier("read"), copier("read", { pid: 4301 })] })?.pids).toEqual([
      4300, 4301,
    ]);
  });

  test("silent: nobody has it open through SQLite, another program reads, or it has SQLite's locks", () => {
    expect(diagnosed({ holders: [copier("read")] })).toEqual([]);
    expect(diagnosed({ holders: [copier("read"), copier("read", { pid: 4301 })] })).toEqual([]);
    expect(
      diagnosed({ holders: [IDLE, copier("read", { name: "less", commandLine: ["less", "db.sqlite3"] })] }),
    ).toEqual([]);
    expect(findingOf(ID, { holders: [IDLE, copier("read", { locks: [lock("SHARED")] })] })).toBeUndefined();
    expect(findingOf(ID, { holders: [IDLE, copier("read", { handles: [handle(3, "wal")] })] })).toBeUndefined();
    const both = [...onDatabase({ access: "read" }), handle(5, "database", { access: "write", closeOnExec: false })];
    expect(findingOf(ID, { holders: [IDLE, copier("write", { handles: both })] })).toBeUndefined();
  });
});
