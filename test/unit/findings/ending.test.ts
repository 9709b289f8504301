/** No finding sends a signal to a process whose end would lose data. */
import { describe, expect, test } from "vitest";
import { unsafeToOpen } from "../../../src/findings/unsafe-to-open.ts";
import type { Related } from "../../../src/model/relate.ts";
import type { Holder } from "../../../src/model/report.ts";
import { diagnosed, findingOf } from "../../support/diagnosed.ts";
import { handle, holder, lock, walWriter } from "../../support/report.ts";

const exclusive = (change: Partial<Holder> = {}) =>
  holder({
    locks: [lock("EXCLUSIVE")],
    activity: "exclusive",
    blocks: ["readers", "writers", "journal-mode"],
    terminal: null,
    ...change,
  });

const KILL = /\bkill (?!-STOP|-CONT)-?\d|end (?:it|them): kill/;

const remedies = (change: Partial<Related>) => diagnosed(change).map(({ id, remedy }) => [id, KILL.test(remedy)]);

describe("EXCLUSIVE without a valid journal, which may be in memory", () => {
  test.each<[string, Partial<Holder>]>([
    ["orphaned", { stale: ["orphaned", "idle-in-transaction"] }],
    ["orphaned, and active a moment ago", { stale: ["orphaned"], idleMs: 50 }],
    ["suspended", { state: "stopped", stale: ["stopped"] }],
  ])("%s: no kill", (_, change) => {
    const found = remedies({ holders: [exclusive(change)] });
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter(([, kills]) => kills)).toEqual([]);
    expect(
      findingOf(change.state === "stopped" ? "suspended-holder" : "orphaned-holder", { holders: [exclusive(change)] })
        ?.remedy,
    ).toContain("in memory or off");
  });

  test("in WAL mode, and with a journal, a kill is offered", () => {
    const orphan = { stale: ["orphaned", "idle-in-transaction"] as const };
    expect(remedies({ journalMode: "wal", holders: [exclusive(orphan)] })).toContainEqual(["orphaned-holder", true]);
    expect(remedies({ holders: [exclusive({ ...orphan, activity: "writing" })] })).toContainEqual([
      "orphaned-holder",
      true,
    ]);
  });

  test("of several orphans those are named that can be ended", () => {
    const orphan = { stale: ["orphaned", "idle-in-transaction"] as const };
    const writing = holder({
      pid: 4300,
      ...orphan,
      locks: [lock("RESERVED")],
      activity: "writing",
      blocks: ["writers"],
    });
    const remedy = findingOf("orphaned-holder", { holders: [exclusive(orphan), writing] })?.remedy;
    expect(remedy).toContain("end it: kill 4300. 4242 must not be killed: its journal may be");
  });
});

describe("a file that was deleted or moved away", () => {
  const lost = [handle(3, "database", { moved: true }), handle(4, "wal"), handle(5, "shm")];

  test("while it keeps others out: its data comes before its end", () => {
    const found = diagnosed({
      journalMode: "wal",
      holders: [walWriter({ handles: lost, stale: ["idle-in-transaction", "orphaned"] })],
    });
    expect(found.map(({ id }) => id)).toEqual(["deleted-file", "uncommitted-write", "orphaned-holder"]);
    expect(found.slice(1).filter(({ remedy }) => KILL.test(remedy))).toEqual([]);
  });

  test("its -journal beside the file that has the name now: it must not be opened", () => {
    const handles = [handle(3, "database", { moved: true, path: "/srv/app/old" }), handle(4, "journal")];
    const writing = holder({ handles, locks: [lock("EXCLUSIVE")], activity: "exclusive" });
    const file = { sizeBytes: 4096, device: 1n, inode: 1n };
    const files = (["database", "journal"] as const).map((role) => ({ ...file, role, path: `/srv/app/${role}` }));
    const found = findingOf("deleted-file", { holders: [writing], files });
    expect(found).toMatchObject({ severity: "error", pids: [4242] });
    expect(found?.summary).toContain("Its -journal lies beside /srv/app/db.sqlite3, and the next program that opens");
    expect(found?.remedy).toContain(
      "cp /proc/4242/fd/3 /a/safe/folder/rescue-4242.db; cp /proc/4242/fd/4 /a/safe/folder/rescue-4242.db-journal;",
    );
    expect(found?.remedy).toContain("Then let it commit or roll back");
    expect(found?.remedy).toContain("\n  sudo -u '#1000' mv -i /srv/app/db.sqlite3-journal /srv/app/old-journal\n");
    expect(found?.remedy).not.toMatch(KILL);
    expect(found?.remedy).toContain("no program must open the new file");
    const reader = holder({ pid: 7, handles: [handle(3, "database")] });
    expect(findingOf("deleted-file", { holders: [writing, reader], files })?.remedy).toContain(
      "no program must use the new file (7 has it open)",
    );
    expect(unsafeToOpen({ findings: found === undefined ? [] : [found], holders: [writing] })).toHaveLength(1);
  });

  test("a writer that blocks nobody any more is no uncommitted write of this database", () => {
    const holders = [
      holder({
        handles: [handle(3, "database", { deleted: true })],
        locks: [lock("RESERVED")],
        activity: "writing",
        stale: ["deleted-file"],
      }),
    ];
    expect(diagnosed({ holders }).map(({ id }) => id)).toEqual(["deleted-file"]);
  });

  test("the -journal alone: it is to finish, and the journal is kept", () => {
    const handles = [handle(3, "database"), handle(4, "journal", { deleted: true })];
    const writing = holder({
      handles,
      locks: [lock("EXCLUSIVE")],
      activity: "exclusive",
      blocks: ["readers", "writers"],
      stale: ["deleted-file"],
    });
    const found = findingOf("deleted-file", { holders: [writing] });
    expect(found).toMatchObject({
      severity: "error",
      summary: expect.stringContaining("if it ends before its transaction does, the database may be left half written"),
    });
    expect(found?.remedy).toContain(
      "do not end or kill it. Keep a copy of the journal:\n  kill -STOP 4242; cp /proc/4242/fd/4 " +
        "/a/safe/folder/rescue-4242-journal; kill -CONT 4242\n",
    );
    expect(
      findingOf("deleted-file", { holders: [{ ...writing, locks: [], activity: "idle", blocks: [] }] }),
    ).toMatchObject({ severity: "warning" });
  });
});
