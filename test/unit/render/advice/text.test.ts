import { expect, test } from "vitest";
import type { Evidence } from "../../../../src/recording/advice/evidence.ts";
import { adviceFor } from "../../../../src/recording/advice/rules.ts";
import type { RecordingLine } from "../../../../src/recording/lines.ts";
import { FRAMEWORK_WORDS, frameworkOf } from "../../../../src/render/advice/frameworks/index.ts";
import { adviceDocument } from "../../../../src/render/advice/json.ts";
import { adviceText } from "../../../../src/render/advice/text.ts";
import { PLAIN } from "../../../../src/render/style.ts";
import { evidence, evidenceOf, patternWith, quantiles, waitEvidence, walEvidence } from "../../../support/advice.ts";
import { blocker, lockLine, metaLine, waitLine } from "../../../support/recording.ts";
import { expectToFit } from "../../../support/schema.ts";

function facts(given: Evidence, framework = "django") {
  const databases = [{ evidence: given, advice: adviceFor(given) }];
  return { databases, framework: frameworkOf(framework), atLeast: false };
}

function textOf(given: Evidence, width: number, framework = "django"): string {
  return adviceText(facts(given, framework), { ...PLAIN, width });
}

/** Two writers, a timeout of a second, and locks that are held for up to 1.9 s. */
function twoWriters(): Evidence {
  const lines: RecordingLine[] = [metaLine()];
  for (let i = 0; i < 100; i++) {
    const [pid, other] = i % 2 === 0 ? [4242, 4250] : [4250, 4242];
    const fromMs = i * 2_000;
    const heldMs = i < 77 ? 5 + 10 * i : 1_500 + 20 * (i - 77);
    lines.push(lockLine({ pid, tid: pid, fromMs, toMs: fromMs + heldMs }));
    const inTheWay = blocker({ pid, fromMs, heldMs: Math.min(heldMs, 1_001) });
    lines.splice(
      lines.length - 1,
      0,
      waitLine({
        ...{ pid: other, tid: other, fromMs, blockers: [inTheWay] },
        ...(heldMs > 1_000 ? { waitedMs: 1_001, outcome: "gave-up" } : { waitedMs: heldMs + 1 }),
      }),
    );
  }
  return evidenceOf(lines, 200_000);
}

test("a timeout that is too short, at 80 columns", () => {
  expect(textOf(twoWriters(), 80)).toMatchInlineSnapshot(`
    "/srv/app/db.sqlite3: 1 change

    In 3 m 20 s, WAL mode: 2 writers, 100 holds of the write lock (p50 495 ms, p95
    1.8 s, p99 1.9 s, longest 1.9 s); 100 waits (p50 496 ms, p95 at least 1.0 s, p99
    at least 1.0 s, longest at least 1.0 s).

    1. Let calls wait for the lock for 5 s
       2 processes wrote, and held the write lock for 1.8 s (p95), 1.9 s (p99),
       1.9 s (longest). 23 of 100 waits gave up after 1.0 s. With 2 s, likely none
       of these waits would have failed, with 5 s none. The longest would likely
       have needed 1.9 s; the rest of the time is for longer ones.
       Django: settings.py, in the database of DATABASES:
           "OPTIONS": {"timeout": 5},
       In seconds; without it, 5. See: sqlock explain busy

    The recording does not tell how large the WAL was.
    "
  `);
});

test("the same at 200 columns, in other words", () => {
  expect(textOf(twoWriters(), 200, "sqlalchemy")).toMatchInlineSnapshot(`
    "/srv/app/db.sqlite3: 1 change

    In 3 m 20 s, WAL mode: 2 writers, 100 holds of the write lock (p50 495 ms, p95 1.8 s, p99 1.9 s,
    longest 1.9 s); 100 waits (p50 496 ms, p95 at least 1.0 s, p99 at least 1.0 s, longest at least
    1.0 s).

    1. Let calls wait for the lock for 5 s
       2 processes wrote, and held the write lock for 1.8 s (p95), 1.9 s (p99), 1.9 s (longest). 23 of
       100 waits gave up after 1.0 s. With 2 s, likely none of these waits would have failed, with 5 s
       none. The longest would likely have needed 1.9 s; the rest of the time is for longer ones.
       SQLAlchemy: where the engine is made:
           create_engine(url, connect_args={"timeout": 5})
       In seconds; without it, 5. See: sqlock explain busy

    The recording does not tell how large the WAL was.
    "
  `);
});

test("nothing to change, with the figures", () => {
  expect(textOf(evidence(), 80)).toMatchInlineSnapshot(`
    "/srv/app/db.sqlite3: nothing to change

    In 1 m 0 s, WAL mode: 2 writers, 3 holds of the write lock (p50 8.00 ms, p95 20
    ms, p99 20 ms, longest 20 ms); 3 waits (p50 30 ms, p95 80 ms, p99 80 ms, longest
    80 ms).
    "
  `);
});

test("one look says what a recording would show", () => {
  const look = evidence({
    source: "look",
    watchedMs: 0,
    waits: null,
    wal: walEvidence({ mostPinned: 2_000, pinnedBy: [77] }),
  });
  expect(textOf(look, 80, "general")).toMatchInlineSnapshot(`
    "/srv/app/db.sqlite3: 1 change

    One look, WAL mode.

    1. End read transactions soon
       Reads of 77 kept 2,000 frames of the WAL from being copied into the database
       (3.9 MiB). Checkpoints at shorter intervals would not help.
       End read transactions soon: finish or reset statements, and commit. See:
       sqlock explain checkpoint

    A recording would show how long the write lock is held, who waits and gives up,
    and which transactions read first: sudo sqlock record --for 10m -o night.jsonl
    /srv/app/db.sqlite3
    "
  `);
});

const PATTERNS = [
  patternWith("read-then-write", { refused: 3, likely: 1 }),
  patternWith("busy-snapshot", { refused: 2 }),
  patternWith("same-process-connections", { refused: 1, waits: 2, waitedMs: 300, longestMs: 200, refusedLongestMs: 0 }),
  patternWith("think-time", {
    ...{ transactions: 4, longestMs: 2_000, longestOutsideMs: 1_900, totalMs: 4_000, totalOutsideMs: 3_000 },
    blockedMs: 900,
  }),
];

/** Every advice that there is. */
const ALL: readonly Evidence[] = [
  evidence({
    patterns: PATTERNS,
    wal: walEvidence({ mostUncopied: 9_000, uncopiedMs: 60_000, mostPinned: 8_000, pinnedMs: 50_000, pinnedBy: [7] }),
  }),
  evidence({ journalMode: "rollback", readersAndCommits: { waits: 3, blockedMs: 2_000, failed: 1 }, wal: null }),
  twoWriters(),
  evidence({ patterns: [patternWith("no-busy-timeout", { refused: 1, longestMs: 0 })] }),
  evidence({ patterns: [patternWith("timeout-zero", { opened: 3 })] }),
  evidence({
    waits: waitEvidence({ lengths: quantiles(3_000), likelyLongest: quantiles(3_000).longest }),
    openedWithMs: [5_000],
  }),
  evidence({ source: "sampled", waits: null, writeHolds: quantiles(7_000) }),
  evidence({ source: "look", waits: null, idleWriters: { pids: [77], longestMs: 90_000 } }),
];

test.each(FRAMEWORK_WORDS.map(({ id }) => id))("%s: every advice fits the schema, and 80 columns", (framework) => {
  const ids = new Set<string>();
  for (const each of ALL) {
    expectToFit("advice", JSON.parse(JSON.stringify(adviceDocument(facts(each, framework)))));
    for (const { id } of adviceFor(each)) ids.add(id);
    const text = textOf(each, 80, framework);
    expect(text).not.toMatch(/undefined|NaN|\[object/);
    const code = new Set(adviceDocumentCode(each, framework));
    for (const line of text.split("\n")) if (!code.has(line.trim())) expect(line.length).toBeLessThanOrEqual(80);
  }
  expect(ids.size).toBe(8);
});

function adviceDocumentCode(given: Evidence, framework: string): string[] {
  const document = adviceDocument(facts(given, framework)) as {
    databases: { advice: { code: readonly string[] }[] }[];
  };
  return document.databases.flatMap(({ advice }) => advice.flatMap(({ code }) => code.map((line) => line.trim())));
}

test("names of files are shown, and not obeyed", () => {
  expect(textOf(evidence({ path: "/srv/a\u001b[2Jb.db" }), 80)).not.toContain("\u001b");
});

test.each(["DJANGO", "node:sqlite", "go-sqlite3", "efcore"])("%s is known by this name as well", (name) => {
  expect(frameworkOf(name).id).not.toBe("general");
});

test.each(["djngo", "", "__proto__", "constructor"])(
  "%j is no framework: the error has those that are known",
  (name) => {
    expect(() => frameworkOf(name)).toThrow(/knows no framework/);
    try {
      frameworkOf(name);
    } catch (error) {
      expect((error as { hint: string }).hint).toContain("rusqlite, sqlx, general");
    }
  },
);

test("of a sample, one write lock whose end is not known does not mean that all writers would fail", () => {
  const lines = [
    metaLine({ source: "sampled", exact: false }),
    lockLine({ pid: 1, fromMs: 0, toMs: 6_000 }),
    lockLine({ pid: 2, fromMs: 10_000, toMs: 10_100, atLeast: true }),
  ];
  const text = textOf(evidenceOf(lines, 100_000, false), 1_000).replaceAll(/\s+/g, " ");
  expect(text).toContain("With 1 s, likely 5.0 % to 100 % of writers that come at any moment would fail");
});

test("a wait that came near the timeout: of the others, no more is said than that they did not time out", () => {
  const waits = waitEvidence({ lengths: quantiles(1, 3_000), likelyLongest: quantiles(3_000).longest });
  const text = textOf(evidence({ waits, openedWithMs: [5_000] }), 1_000).replaceAll(/\s+/g, " ");
  expect(text).toContain("None of 2 waits timed out. The longest took 3.0 s, with a timeout of 5 s.");
});
