import { describe, expect, test } from "vitest";
import { explain } from "../../../../src/features/explain/explain.ts";
import type { DatabaseReport, Finding, Report } from "../../../../src/model/report.ts";
import { databaseEvidence } from "../../../../src/render/explain/evidence.ts";
import { PLAIN } from "../../../../src/render/style.ts";
import { databaseReport, holder, report, walWriter } from "../../../support/report.ts";
import { ENTRIES, recognise } from "../../features/explain/fixtures.ts";

const UNSEEN: NonNullable<Report["unseen"]> = {
  processes: 12,
  reasons: ["owned by other users"],
  reason: "owned by other users",
  remedy: "run with sudo",
};

function finding(id: Finding["id"], change: Partial<Finding> = {}): Finding {
  const texts = { summary: `${id} of 4242.`, detail: "For long.", remedy: "Commit." };
  return { id, severity: "error", pids: [4242], ...texts, ...change };
}

function evidence(text: string, found: Report | null): string {
  const explanation = explain(
    { entries: ENTRIES, pages: {} },
    {
      named: null,
      recognition: recognise(text),
      timing: { elapsedMs: null, timeoutMs: null },
      report: found,
      database: "db.sqlite3",
      version: "1",
    },
  );
  return databaseEvidence(explanation, PLAIN);
}

const LOCKED = "database is locked";

describe("nothing to show", () => {
  test.each<[string, Report | null]>([
    ["no database was named", null],
    ["its path could not be looked at", report([{ givenAs: "x", error: { code: "c", message: "m", hint: "h" } }])],
  ])("%s", (_, found) => {
    expect(evidence(LOCKED, found)).toBe("");
  });
});

describe("where nobody blocks", () => {
  const OPEN = "At this moment 2 processes have it open (4242 and 7), and none of them blocks another";
  const two = { holders: [holder(), holder({ pid: 7 })] };
  test.each<[string, string, Partial<DatabaseReport>, Report["unseen"], string]>([
    [
      "nobody has it open",
      LOCKED,
      {},
      null,
      "At this moment no process has it open: what blocked the program no longer does. Look again while it happens.",
    ],
    [
      "somebody may not be seen",
      LOCKED,
      {},
      UNSEEN,
      "At this moment no process that can be seen has it open: what blocked the program no longer does, or " +
        "cannot be seen. Look again while it happens.",
    ],
    [
      "two have it open",
      LOCKED,
      two,
      null,
      `${OPEN}: what blocked the program no longer does. Look again while it happens.`,
    ],
    [
      "one has it open",
      "all is well",
      { holders: [holder()] },
      null,
      "At this moment 1 process has it open (4242), and does not block another.",
    ],
    ["no message", "all is well", two, null, `${OPEN}.`],
    [
      "another message",
      "attempt to write a readonly database",
      two,
      null,
      `${OPEN}. sqlock checked which processes have it open, with which locks and permissions, its journals, its ` +
        "disk and its file system: nothing there shows a cause of this message.",
    ],
  ])("%s", (_, text, change, unseen, sentence) => {
    const [head, body] = evidence(text, report([databaseReport(change)], { unseen })).split("\n");
    expect([head, body]).toEqual(["Now, on db.sqlite3:", `  ${sentence}`]);
  });
});

describe("where somebody blocks", () => {
  const WRITES =
    "  4242 (python manage.py shell) holds the write lock, asleep for 4 m 12 s: every other writer gets " +
    "'database is locked'.";

  test("the finding that shows the cause comes first; its process needs no second sentence", () => {
    const database = databaseReport({
      journalMode: "wal",
      holders: [walWriter(), walWriter({ pid: 7 })],
      findings: [finding("disk-full", { pids: [] }), finding("uncommitted-write")],
    });
    expect(evidence(LOCKED, report([database])).split("\n")).toEqual([
      "This time, on db.sqlite3: what holder",
      "  error uncommitted-write: uncommitted-write of 4242.",
      "    For long.",
      "    To do: Commit.",
      "  error disk-full: disk-full of 4242.",
      "    For long.",
      "    To do: Commit.",
      WRITES.replace("4242", "7"),
    ]);
  });

  test("what it does, without a finding", () => {
    const database = databaseReport({ journalMode: "wal", holders: [walWriter()] });
    expect(evidence(LOCKED, report([database])).split("\n")).toEqual(["Now, on db.sqlite3:", WRITES]);
  });

  test("of several databases each has its own cause", () => {
    const heads = evidence(
      LOCKED,
      report([
        databaseReport({ path: "/a/one.db" }),
        databaseReport({ path: "/a/t\nwo.db", holders: [walWriter()], findings: [finding("uncommitted-write")] }),
      ]),
    ).match(/^\S.*:.*$/gm);
    expect(heads).toEqual(["Now, on one.db:", "This time, on t\\nwo.db: what holder"]);
  });
});

describe("that not all could be seen is said once", () => {
  const LIMIT = finding("other-namespace", { severity: "info", pids: [], summary: "Some are elsewhere." });
  const NOTE = "  Not everything could be seen: Some are elsewhere. Commit.";
  const LINE = "12 processes could not be inspected (owned by other users). To see them, run with sudo.";
  const ALONE = { ...UNSEEN, processes: null };

  test.each<[string, readonly Finding[], Report["unseen"], string[]]>([
    ["all were seen", [], null, []],
    ["processes of other users", [], UNSEEN, [LINE]],
    [
      "processes that root would see",
      [],
      { ...UNSEEN, asRoot: true },
      [LINE.replace(/[Tt]o see.*/, "To see them: sudo sqlock explain --db db.sqlite3")],
    ],
    ["the finding says it", [LIMIT], ALONE, [NOTE]],
    [
      "the finding says one of two reasons",
      [LIMIT],
      { ...ALONE, reasons: ["a", "b"], reason: "a; b" },
      [NOTE, "Some processes could not be inspected (a; b). To see them, run with sudo."],
    ],
    ["the finding does not say how many", [LIMIT], UNSEEN, [NOTE, LINE]],
  ])("%s", (_, findings, unseen, expected) => {
    const lines = evidence(LOCKED, report([databaseReport({ findings })], { unseen })).split("\n");
    expect(lines.filter((line) => line.includes("could"))).toEqual(expected);
  });
});
