import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ENTRIES as KNOWN } from "../../../../src/features/explain/entries/index.ts";
import {
  exitCodeOf,
  explain,
  failedExplanation,
  listing,
  type Question,
} from "../../../../src/features/explain/explain.ts";
import type { Explanation } from "../../../../src/features/explain/explanation.ts";
import { LIBRARIES } from "../../../../src/features/explain/libraries.ts";
import { lookUp } from "../../../../src/features/explain/lookup.ts";
import { FINDING_IDS } from "../../../../src/findings/index.ts";
import type { Finding, FindingId, Report } from "../../../../src/model/report.ts";
import { databaseReport, holder, lock, report } from "../../../support/report.ts";
import { cause, ENTRIES, LOCKED, recognise } from "./fixtures.ts";

const PAGE = { title: "Title", evidence: "Evidence.", meaning: "Meaning.", remedy: "Remedy.", limits: "Limits." };
const KNOWLEDGE = { entries: ENTRIES, pages: { "uncommitted-write": PAGE } };
const NOTHING: Question = {
  named: null,
  recognition: null,
  timing: { elapsedMs: null, timeoutMs: null },
  report: null,
  database: null,
  version: "1",
};

const ofText = (text: string, change: Partial<Question> = {}): Explanation =>
  explain(KNOWLEDGE, { ...NOTHING, recognition: recognise(text), ...change });
const ofName = (name: string): Explanation => explain(KNOWLEDGE, { ...NOTHING, named: lookUp(name, ENTRIES) });

const finding = (id: FindingId): Finding => ({
  id,
  severity: "error",
  pids: [7],
  summary: `7 ${id}`,
  detail: "d",
  remedy: "r",
});
const looked = (...ids: FindingId[]): Report =>
  report([databaseReport({ holders: [holder()], findings: ids.map(finding) })]);

test("a message, the lines that tell of it, and its causes with what to write", () => {
  const found = ofText("x\nsqlite3.OperationalError: database is locked\n\nattempt to write a readonly database");
  expect(found).toMatchObject({
    given: "text",
    lines: 4,
    message: {
      id: "locked",
      code: { name: "SQLITE_BUSY", number: 5 },
      extended: null,
      language: "Python",
      library: { id: "python-sqlite3", line: 2 },
      found: { line: 2, count: 1 },
    },
    others: [{ id: "readonly", count: 1, line: 4 }],
    thisTime: [],
    whoHolds: null,
  });
  expect(found.causes.map(({ rank, id, code }) => [rank, id, ...code.map(({ text }) => text)])).toEqual([
    [1, "holder"],
    [2, "upgrade", "python"],
    [3, "none"],
    [4, "own"],
  ]);
});

describe("what to write", () => {
  const codeOf = (text: string) =>
    ofText(text)
      .causes.find(({ id }) => id === "upgrade")
      ?.code.map(({ library }) => library);

  test("for the library, for what it is built on, for the language, else in SQL", () => {
    expect(codeOf("sqlite3.OperationalError: database is locked")).toEqual(["python-sqlite3"]);
    expect(codeOf("django.db.utils.OperationalError: database is locked")).toEqual(["python-sqlite3"]);
    expect(codeOf("database is locked\ngoroutine 1 [running]")).toEqual(["go-mattn"]);
    expect(codeOf("org.sqlite.SQLiteException: database is locked")).toEqual(["sqlite"]);
    expect(codeOf("database is locked")).toEqual(["sqlite"]);
  });

  test("all that there is for it", () => {
    const both = [
      { library: "django" as const, text: "new" },
      { library: "sqlite" as const, text: "sql" },
      { library: "django" as const, text: "old" },
    ];
    const entries = [{ ...LOCKED, causes: [cause({ id: "a", code: both })] }];
    const found = explain(
      { entries, pages: {} },
      { ...NOTHING, recognition: recognise("django.db.utils.OperationalError: database is locked", entries) },
    );
    expect(found.causes[0]?.code.map(({ text }) => text)).toEqual(["new", "old"]);
  });
});

describe("the extended code", () => {
  const numbers = (text: string) => {
    const { message, others } = ofText(text);
    return [message?.extended?.number ?? null, ...others.map(({ extended, count }) => [extended?.number, count])];
  };

  test("the one that most tell; that of a few is another message", () => {
    expect(numbers("database is locked (517)")).toEqual([517]);
    expect(numbers("database is locked (517)\ndatabase is locked (517)\ndatabase is locked (773)")).toEqual([
      517,
      [773, 1],
    ]);
    expect(numbers("database is locked\ndatabase is locked\ndatabase is locked (517)")).toEqual([null, [517, 1]]);
    expect(numbers("database is locked (773)\ndatabase is locked (517)")).toEqual([null, [773, 1], [517, 1]]);
  });

  test("asked for by its number", () => {
    expect(ofName("517")).toMatchObject({
      given: "code",
      message: { id: "locked", extended: { number: 517 }, found: null },
      causes: [{ id: "upgrade", likelihood: "fits" }, {}, {}, {}],
    });
  });
});

describe("what the database shows", () => {
  test("the cause that it shows is this time's, and what shows it comes first", () => {
    const found = ofText("database is locked", {
      report: looked("hot-journal", "same-process-contention"),
      database: "db.sqlite3",
    });
    expect(found.thisTime).toEqual([
      { database: "/srv/app/db.sqlite3", finding: "same-process-contention", cause: "own" },
      { database: "/srv/app/db.sqlite3", finding: "hot-journal", cause: null },
    ]);
    expect(found.causes[0]).toMatchObject({ id: "own", likelihood: "this-time", rank: 1 });
  });

  test("what is to be rescued goes before all; the end of a process after what says what it destroys", () => {
    const entries = [
      {
        ...LOCKED,
        causes: [
          cause({ id: "open", findings: ["orphaned-holder"] }),
          cause({ id: "all", shownBy: "exclusive", findings: ["exclusive-locking-mode"] }),
        ],
      },
    ];
    const order = (...ids: FindingId[]) =>
      explain(
        { entries, pages: {} },
        { ...NOTHING, recognition: recognise("database is locked", entries), report: looked(...ids) },
      ).thisTime.map(({ finding }) => finding);
    expect(order("orphaned-holder", "exclusive-locking-mode", "deleted-file")).toEqual([
      "deleted-file",
      "exclusive-locking-mode",
      "orphaned-holder",
    ]);
    expect(order("orphaned-holder", "hot-journal")).toEqual(["orphaned-holder", "hot-journal"]);
  });

  test("who holds EXCLUSIVE is the cause, also where it is no finding, and before one that ends a process", () => {
    const held = databaseReport({
      holders: [holder({ pid: 7, activity: "exclusive", locks: [lock("EXCLUSIVE")] })],
      findings: [finding("orphaned-holder")],
    });
    const { causes } = explain(
      { entries: KNOWN, pages: {} },
      { ...NOTHING, recognition: recognise("database is locked", KNOWN), report: report([held]), database: "db" },
    );
    expect(causes[0]).toMatchObject({
      id: "exclusive",
      likelihood: "this-time",
      reason: { kind: "sign", sign: { id: "exclusive", pid: 7 } },
    });
  });

  test("who writes without a finding speaks for the causes that are a writer", () => {
    const held = databaseReport({
      holders: [holder({ pid: 7, activity: "writing", blocks: ["writers"], locks: [lock("RESERVED")] })],
    });
    const { causes } = explain(
      { entries: KNOWN, pages: {} },
      { ...NOTHING, recognition: recognise("database is locked", KNOWN), report: report([held]) },
    );
    const reason = { kind: "sign", sign: { id: "writer", pid: 7 } };
    expect(causes.slice(0, 3).map((each) => [each.id, each.likelihood, each.reason])).toEqual([
      ["open-write-transaction", "fits", reason],
      ["long-writes", "fits", reason],
      ["read-became-writer", "possible", null],
    ]);
  });

  test("that not all could be seen shows no cause; a network file system speaks for one, where nobody shows", () => {
    const elsewhere = (...ids: FindingId[]) => {
      const asked = { ...NOTHING, recognition: recognise("database is locked", KNOWN), report: looked(...ids) };
      const { causes, thisTime } = explain({ entries: KNOWN, pages: {} }, asked);
      const { rank, likelihood } = causes.find(({ id }) => id === "elsewhere") ?? { rank: 0, likelihood: null };
      return [rank === 1, likelihood, thisTime.some(({ cause }) => cause === "elsewhere")];
    };
    expect(elsewhere("other-namespace")).toEqual([false, "possible", false]);
    expect(elsewhere("network-file-system", "other-namespace")).toEqual([true, "fits", false]);
    expect(elsewhere("network-file-system", "uncommitted-write")).toEqual([false, "possible", false]);
  });

  test("without a text, the database alone", () => {
    const found = explain(KNOWLEDGE, { ...NOTHING, report: looked("hot-journal"), database: "my db.sqlite3" });
    expect(found).toMatchObject({
      given: "nothing",
      message: null,
      thisTime: [{ finding: "hot-journal", cause: null }],
      next: ["sqlock who-holds 'my db.sqlite3'"],
    });
    expect(exitCodeOf(found)).toBe(0);
  });

  test.each([
    ["db.sqlite3", "db.sqlite3"],
    ["it's.db", "'it'\\''s.db'"],
    ["$& $(rm).db", "'$& $(rm).db'"],
    ["-x.db", "./-x.db"],
    ["/srv/app-1/db.sqlite3", "/srv/app-1/db.sqlite3"],
  ])("the commands to run next have its path, as a shell reads it: %s", (path, quoted) => {
    expect(ofText("database is locked", { database: path }).next).toEqual([`sqlock who-holds ${quoted}`]);
    expect(ofText("database is locked").next).toEqual(["sqlock who-holds DATABASE"]);
  });
});

test("a message of several programs: one is shown with its own line, and the others are named", () => {
  const { message } = ofText(
    "panic: database is locked\ngoroutine 1 [running]:\n\nx\nsqlite3.OperationalError: database is locked after 3ms\n",
  );
  expect(message).toMatchObject({
    library: { id: "python-sqlite3", line: 5 },
    found: { line: 5, count: 2 },
    alsoSaidBy: [{ library: null, language: "Go", line: 1 }],
  });
});

test("a mistyped id", () => {
  expect(ofText("Uncommited-Write").nearest).toEqual([{ id: "uncommitted-write", title: PAGE.title }]);
});

test("a finding by its id, and the messages that it brings about", () => {
  expect(ofName("uncommitted-write")).toMatchObject({
    given: "finding",
    message: null,
    finding: { id: "uncommitted-write", page: PAGE, messages: [{ id: "locked" }] },
  });
  expect(ofName("likely-waiting").finding).toMatchObject({ page: null, messages: [] });
});

test("exit codes", () => {
  expect(exitCodeOf(ofText("database is locked"))).toBe(0);
  expect(exitCodeOf(ofName("uncommitted-write"))).toBe(0);
  expect(exitCodeOf(ofText("all is well"))).toBe(1);
  expect(exitCodeOf(ofName("19"))).toBe(1);
  expect(exitCodeOf(ofName("1"))).toBe(1); // a code of many errors explains none
  expect(exitCodeOf(failedExplanation({ code: "usage", message: "m", hint: "h" }, null, "1"))).toBe(2);
  const error = { givenAs: "x", error: { code: "no-such-file", message: "m", hint: "h" } };
  expect(exitCodeOf(ofText("database is locked", { report: report([error]) }))).toBe(2);
});

test("a list of everything", () => {
  const all = listing(KNOWLEDGE, "1");
  expect(
    all.messages.map(({ id, code, extended }) => [id, code?.number, ...extended.map(({ number }) => number)]),
  ).toEqual([
    ["locked", 5, 517, 773],
    ["readonly", 8, 1032],
    ["nested", 1],
  ]);
  expect(all.findings.map(({ id }) => id)).toEqual(FINDING_IDS);
});

test("the schema names all libraries and findings", () => {
  const { $defs } = JSON.parse(readFileSync(new URL("../../../../docs/explain.schema.json", import.meta.url), "utf8"));
  expect($defs.library.enum).toEqual(Object.keys(LIBRARIES));
  expect($defs.findingId.enum).toEqual(FINDING_IDS);
});
