import { describe, expect, test } from "vitest";
import { type Attempt, checkResult } from "../../../../src/features/integrity/check-result.ts";
import type { CheckEnd, FoundProblem } from "../../../../src/features/integrity/protocol.ts";
import type { WorkerResult } from "../../../../src/features/integrity/run-worker.ts";
import type { DatabaseReport, Finding } from "../../../../src/model/report.ts";
import type { Refusal } from "../../../../src/safe-open/protocol.ts";
import { plainHeader } from "../../../support/first-bytes.ts";
import { databaseReport, handle, holder, lock } from "../../../support/report.ts";

const end = (name: CheckEnd["name"], change: Partial<CheckEnd> = {}): CheckEnd => ({
  name,
  failed: false,
  unchecked: [],
  durationMs: 12.6,
  way: null,
  ...change,
});
const ENDS = [end("structure"), end("virtual-tables"), end("foreign-keys")];

const worker = (change: Partial<WorkerResult> = {}): WorkerResult => ({
  checks: ENDS,
  problems: [],
  truncated: false,
  refusal: null,
  readLockMs: 3.7,
  end: { kind: "done" },
  ...change,
});

const problem = (message: string, change: Partial<FoundProblem> = {}): FoundProblem => ({
  check: "structure",
  cause: { kind: "sqlite", message },
  table: null,
  index: null,
  rowid: null,
  parent: null,
  page: null,
  ...change,
});

interface Case {
  readonly database?: Partial<DatabaseReport>;
  readonly header?: Buffer;
  readonly isDatabase?: boolean;
  readonly hasHeader?: boolean;
  readonly attempt?: Partial<Attempt>;
  readonly options?: { readonly foreignKeys?: boolean; readonly maxProblems?: number };
}

const IN_PLACE = { kind: "open", method: "in-place", reason: null, wal: "none" } as const;

function result({ database = {}, header = plainHeader(), attempt = {}, options = {}, ...look }: Case = {}) {
  return checkResult(
    { database: databaseReport(database), header, hasHeader: true, isDatabase: true, partialView: false, ...look },
    { decision: IN_PLACE, worker: worker(), refusal: null, ...attempt },
    { foreignKeys: true, maxProblems: 100, ...options },
    40,
  );
}

const unlocked = (id: Finding["id"], severity: Finding["severity"], pids: readonly number[]): Finding => ({
  id,
  severity,
  pids,
  summary: "",
  detail: "",
  remedy: "",
});

/** Of an attempt that was refused: nothing was checked. */
const refused = (refusal: Refusal, change: Partial<Attempt> = {}) =>
  result({ attempt: { refusal, worker: worker({ checks: [], refusal, readLockMs: null }), ...change } });

const reasonKinds = ({ checks }: ReturnType<typeof result>) =>
  checks.map(({ reasons }) => reasons.map(({ kind }) => kind));

describe("verdicts", () => {
  test("ok", () => {
    expect(result()).toMatchObject({
      verdict: "ok",
      method: "in-place",
      copyReason: null,
      problems: [],
      headerFaults: [],
      blockedBy: [],
      readLockMs: 4,
      durationMs: 40,
    });
    expect(result().checks.map(({ name, durationMs }) => [name, durationMs])).toEqual([
      ["header", null],
      ["companion-files", null],
      ["structure", 13],
      ["virtual-tables", 13],
      ["foreign-keys", 13],
    ]);
  });

  test("corrupt, also where the problem itself was one too many to send", () => {
    const bad = worker({ problems: [problem("Page 3: never used")] });
    expect(result({ attempt: { worker: bad } })).toMatchObject({
      verdict: "corrupt",
      checks: [{}, {}, { failed: true }, {}, {}],
    });
    const cut = worker({ checks: [end("structure", { failed: true }), ...ENDS.slice(1)], truncated: true });
    expect(result({ attempt: { worker: cut } })).toMatchObject({ verdict: "corrupt", truncated: true });
  });

  test("a part that could not be checked", () => {
    const requirement = { type: "module", name: "vec0" } as const;
    const part = { code: "missing-requirement", table: "v", requirement } as const;
    const checks = [end("structure"), end("virtual-tables", { unchecked: [part] }), end("foreign-keys")];
    const seen = result({ attempt: { worker: worker({ checks }) } });
    expect(seen.verdict).toBe("not-checked");
    expect(seen.checks[3]?.reasons).toEqual([{ kind: "unchecked", part }]);
  });

  test("left out on purpose is ok", () => {
    const seen = result({ attempt: { worker: worker({ checks: ENDS.slice(0, 2) }) }, options: { foreignKeys: false } });
    expect(seen.verdict).toBe("ok");
    expect(reasonKinds(seen)).toEqual([[], [], [], [], ["left-out"]]);
  });

  test("no more problems than the maximum", () => {
    const three = worker({ problems: ["a", "b", "c"].map((message) => problem(message)) });
    expect(result({ attempt: { worker: three }, options: { maxProblems: 2 } })).toMatchObject({
      problems: [{}, {}],
      truncated: true,
    });
    expect(result({ attempt: { worker: three }, options: { maxProblems: 3 } })).toMatchObject({ truncated: false });
  });
});

describe("a check that did not come to its end", () => {
  test.each([
    [{ kind: "timeout" }, { kind: "timeout" }],
    [
      { kind: "crashed", why: "it was ended by SIGKILL" },
      { kind: "crashed", why: "it was ended by SIGKILL" },
    ],
  ] as const)("%s", (workerEnd, reason) => {
    const seen = result({ attempt: { worker: worker({ checks: [end("virtual-tables")], end: workerEnd }) } });
    expect(seen.verdict).toBe("not-checked");
    expect(seen.checks.map(({ reasons }) => reasons)).toEqual([[], [], [reason], [], [reason]]);
  });

  test("for no known reason", () => {
    expect(reasonKinds(result({ attempt: { worker: worker({ checks: [] }) } }))).toEqual([
      [],
      [],
      ["not-reached"],
      ["not-reached"],
      ["not-reached"],
    ]);
  });

  test.each<Refusal>([
    { kind: "changed" },
    { kind: "no-space", neededBytes: 9, freeBytes: 1, reserveBytes: 0 },
    { kind: "gone" },
    { kind: "failed", message: "disk I/O error" },
  ])("refused: $kind", (refusal) => {
    const seen = refused(refusal);
    expect(seen).toMatchObject({ verdict: "not-checked", blockedBy: [], readLockMs: null });
    expect(seen.checks[2]?.reasons).toEqual([
      { kind: "refused", path: "/srv/app/db.sqlite3", refusal, journalMode: "rollback" },
    ]);
  });

  test("changed under the read lock: which processes may have written", () => {
    const writer = holder({ pid: 8, locks: [], handles: [handle(3, "database", { access: "read-write" })] });
    const holders = [holder({ pid: 7, locks: [lock("SHARED")] }), writer];
    const writersOf = (...findings: Finding[]) =>
      refused({ kind: "changed", underLock: true }, { later: databaseReport({ holders, findings }) }).checks[2]
        ?.reasons;
    expect(writersOf()).toMatchObject([{ kind: "refused", writers: { holders: [{ pid: 8 }], known: false } }]);
    expect(writersOf(unlocked("lost-locks", "error", [7]))).toMatchObject([
      { kind: "refused", writers: { holders: [{ pid: 7 }], known: true } },
    ]);
  });

  test("locked: the holders of the later look that keep readers out", () => {
    const blocker = holder({ pid: 7, blocks: ["readers", "writers"] });
    const later = databaseReport({ holders: [blocker, holder({ pid: 8 })], unownedLocks: [lock("PENDING")] });
    const seen = refused({ kind: "busy" }, { later });
    expect(seen.blockedBy).toEqual([blocker]);
    expect(seen.checks[2]?.reasons).toEqual([{ kind: "locked", holders: [blocker], hasUnownedLocks: true }]);
  });
});

describe("beside somebody who works without SQLite's locks", () => {
  const bad = worker({ problems: [problem("Page 3: never used")], truncated: true });
  const good = worker();
  test.each<[string, WorkerResult, Finding["id"], Finding["severity"], DatabaseReport["journalMode"], string]>([
    ["a problem may be half a change", bad, "lost-locks", "error", "rollback", "not-checked"],
    ["so in WAL mode", bad, "lost-locks", "error", "wal", "not-checked"],
    ["so with a lock that names nobody", bad, "lock-directory", "warning", "rollback", "not-checked"],
    ["no problem proves nothing", good, "other-locking", "error", "rollback", "not-checked"],
    ["a whole snapshot of WAL mode does", good, "lost-locks", "error", "wal", "ok"],
    ["and a file that nobody changed", good, "lock-directory", "warning", "rollback", "ok"],
    ["other findings change nothing", bad, "uncommitted-write", "error", "rollback", "corrupt"],
  ])("%s: %#", (_, seen, id, severity, journalMode, verdict) => {
    const database = { holders: [holder({ pid: 7 })], findings: [unlocked(id, severity, [7])], journalMode };
    const checked = result({ database, attempt: { worker: seen } });
    expect(checked.verdict).toBe(verdict);
    if (verdict !== "not-checked") return;
    expect(checked).toMatchObject({ problems: [], truncated: false });
    expect(checked.checks[2]?.reasons).toMatchObject([{ kind: "unlocked-writer", holders: [{ pid: 7 }] }]);
  });

  test("one that came after the first look, and one that is gone", () => {
    const later = databaseReport({ holders: [holder({ pid: 7 })], findings: [unlocked("lost-locks", "error", [7])] });
    expect(result({ attempt: { worker: bad, later } }).verdict).toBe("not-checked");
    const gone = { holders: [], findings: [unlocked("lock-directory", "warning", [])] };
    expect(result({ database: gone, attempt: { worker: bad } }).verdict).toBe("corrupt");
  });
});

describe("the header", () => {
  const cutOff = { pageCount: 12, sizeBytes: 8 * 4096 };
  const malformed = worker({ problems: [problem("database disk image is malformed")] });
  const odd = plainHeader((bytes) => bytes.writeUInt8(9, 72));

  test("refused by SQLite: why, by its fields", () => {
    const seen = result({ database: cutOff, attempt: { worker: malformed } });
    expect(seen.problems.map(({ check, cause }) => [check, cause.kind])).toEqual([
      ["header", "header"],
      ["structure", "sqlite"],
    ]);
    expect(seen).toMatchObject({ verdict: "corrupt", checks: [{ name: "header", failed: true }, {}, {}, {}, {}] });
  });

  test("refused by SQLite for nothing in the header: SQLite's message", () => {
    const seen = refused({ kind: "not-a-database", message: "file is not a database" });
    expect(seen.problems).toMatchObject([{ check: "header", cause: { message: "file is not a database" } }]);
  });

  test("damage of one page is none of the header", () => {
    const one = worker({ problems: [problem("database disk image is malformed", { page: 7 })] });
    expect(result({ database: cutOff, attempt: { worker: one } })).toMatchObject({
      checks: [{ failed: false }, {}, {}, {}, {}],
    });
  });

  test("odd and accepted: a fault, as long as it is there after the check", () => {
    const faults = [{ code: "unused-bytes", first: 72, last: 91 }];
    expect(result({ header: odd })).toMatchObject({ verdict: "ok", headerFaults: faults });
    expect(result({ header: odd, attempt: { start: { header: odd, sizeBytes: 49152 } } }).headerFaults).toEqual(faults);
    expect(
      result({ header: odd, attempt: { start: { header: plainHeader(), sizeBytes: 49152 } } }).headerFaults,
    ).toEqual([]);
    expect(result({ header: odd, attempt: { worker: malformed } }).headerFaults).toEqual([]);
  });

  test.each<readonly [string, Partial<DatabaseReport>]>([
    [
      "frames in the -wal",
      {
        wal: {
          frames: 3,
          checkpointedFrames: 0,
          uncommittedFrames: 0,
          checkpointedKnown: true,
          readMarks: [],
          unreadBytes: 0,
          complete: true,
        },
      },
    ],
    ["a journal that may be hot", { journal: { hot: null, header: "valid", sizeBytes: 512 } }],
    ["a holder that writes", { holders: [holder({ activity: "writing" })] }],
  ])("the size proves nothing beside %s", (_, change) => {
    expect(result({ database: { sizeBytes: 49152 + 4096 } }).headerFaults).toMatchObject([{ code: "too-long" }]);
    expect(result({ database: { sizeBytes: 49152 + 4096, ...change } }).headerFaults).toEqual([]);
  });
});

test("a file that is no database by its first bytes, and one that SQLite refuses without a header", () => {
  const text = Buffer.from("Dear reader,");
  const finding: Finding = { id: "hot-journal", severity: "warning", pids: [], summary: "", detail: "", remedy: "" };
  const plain = result({ header: text, isDatabase: false, hasHeader: false, database: { findings: [finding] } });
  expect(plain).toMatchObject({ verdict: "not-checked", durationMs: 40, findings: [{ id: "hot-journal" }] });
  expect(plain.checks[0]?.reasons).toMatchObject([{ kind: "content", content: { kind: "not-a-database" } }]);
  const refusal = { kind: "not-a-database", message: "file is not a database" } as const;
  expect(result({ header: text, hasHeader: false, attempt: { refusal } })).toMatchObject({ method: null });
});

describe("after the check", () => {
  test("findings that are new are added, those of before stay", () => {
    const finding = (id: Finding["id"], summary = ""): Finding => ({
      id,
      severity: "warning",
      pids: [],
      summary,
      detail: "",
      remedy: "",
    });
    const later = databaseReport({
      findings: [finding("leftover-wal", "later"), finding("hard-linked")],
      pageCount: 14,
      sizeBytes: 57344,
    });
    const seen = result({ database: { findings: [finding("leftover-wal", "before")] }, attempt: { later } });
    expect(seen.findings.map(({ id, summary }) => [id, summary])).toEqual([
      ["leftover-wal", "before"],
      ["hard-linked", ""],
    ]);
    expect(seen).toMatchObject({ pageCount: 14, sizeBytes: 57344 });
  });

  test.each<readonly [DatabaseReport["journalMode"], number, number]>([
    ["rollback", 57344, 14],
    ["wal", 49152, 12],
  ])("%s: %i bytes, %i pages of a file that has grown", (journalMode, sizeBytes, pageCount) => {
    const start = { header: plainHeader(), sizeBytes: 57344 };
    expect(result({ database: { journalMode }, attempt: { start } })).toMatchObject({ sizeBytes, pageCount });
  });
});
