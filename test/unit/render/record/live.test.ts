import stringWidth from "string-width";
import { expect, test } from "vitest";
import type { BlockerFact, RefusalLine, WaitLine } from "../../../../src/recording/lines.ts";
import {
  commonText,
  databaseText,
  gapText,
  hookText,
  misuseText,
  refusalText,
  repeatedText,
  startText,
  waitText,
} from "../../../../src/render/record/live.ts";
import { Names } from "../../../../src/render/record/words.ts";
import { BLOCKER, META, processSummary, waitLine } from "../../../support/record-end.ts";
import { callSite, misuseLine, refusalLine } from "../../../support/recording.ts";

const NAMES = new Names([processSummary()]);

const at = (width: number) => ({ meta: META, names: NAMES, style: { width, ellipsis: "...", chalk: null } });

test("a wait that has ended: one line, which fits", () => {
  expect(waitText(waitLine(), at(80))).toBe("12:03:06 4250 waited 5.9 s for WRITE, gave up; behind 4242 (python3)");
  expect(waitText(waitLine(), at(200))).toBe(
    "12:03:06.751 4250 waited 5.9 s for WRITE, 60 tries, gave up; behind 4242 (python3 manage.py import), " +
      "WRITE for 5.8 s: begin immediate",
  );
  expect(waitText(waitLine({ blockers: [] }), at(80))).toBe("12:03:06 4250 waited 5.9 s for WRITE, gave up; behind ?");
  expect(waitText(waitLine(), at(50)).split("\n")).toEqual([
    "12:03:06 4250",
    "  waited 5.9 s for WRITE, gave up; behind 4242 ...",
  ]);
  const run = waitLine({ perhapsSeveralCalls: true, outcome: "unknown" });
  expect(waitText(run, at(80))).toBe(
    "12:03:06 4250 was refused WRITE for 5.9 s; behind 4242 (python3); perhaps sev...",
  );
  expect(waitText({ ...run, outcome: "granted" }, at(100))).toBe(
    "12:03:06 4250 was refused WRITE for 5.9 s, got it; behind 4242 (python3); perhaps several calls",
  );
  for (const line of waitText(waitLine({ path: "/x" }), at(24)).split("\n"))
    expect(stringWidth(line)).toBeLessThanOrEqual(24);
});

test("a statement that is not shown to its end, with its length", () => {
  const told = (known: Partial<BlockerFact>) =>
    waitText(waitLine({ blockers: [{ ...BLOCKER, sql: "insert into t …", ...known }] }), at(200));
  expect(told({ sqlBytes: 12_345 })).toMatch(/: insert into t … \(12,345 bytes\)$/);
  expect(told({ sqlBytes: 128, sqlBytesAtLeast: true })).toMatch(/: insert into t … \(at least 128 bytes\)$/);
});

test.each<[string, Partial<WaitLine>, string]>([
  ["refused at once", { attempts: 1, waitedMs: 0.01, outcome: "gave-up" }, "was refused WRITE at once, gave up;"],
  [
    "without its calls",
    { perhapsSeveralCalls: true, outcome: "granted" },
    "was refused WRITE for 5.9 s, perhaps in several calls, 60 tries, got it;",
  ],
  [
    "with an end that is not known",
    { outcome: "unknown" },
    "waited 5.9 s for WRITE, 60 tries, outcome unknown; behind",
  ],
  [
    "for another thread",
    { withinProcess: true, attempts: 0, outcome: "granted" },
    "waited 5.9 s inside SQLite (likely), got it; behind another connection of its own process (likely)",
  ],
  [
    "for another thread, and for another process",
    {
      blockers: [
        { ...BLOCKER, pid: 4250, tid: 4251 },
        { ...BLOCKER, lock: "PENDING", heldMs: 40 },
      ],
    },
    "behind another connection of its own process (likely), thread 4251, and 4242 (python3 manage.py import), " +
      "PENDING for 40 ms",
  ],
])("%s", (_, more, text) => {
  expect(waitText(waitLine(more), at(200))).toContain(text);
});

test("with several databases, each line names its own", () => {
  const meta = { ...META, databases: [...META.databases, { path: "/srv/b.db", givenAs: "b.db" }] };
  expect(waitText(waitLine(), { ...at(200), meta })).toMatch(/^12:03:06\.751 db\.sqlite3: 4250 waited/);
});

test("a refusal without a wait, and a gap", () => {
  const refusal: RefusalLine = {
    type: "refusal",
    ...{ pid: 4242, startTicks: "100", tid: 1, path: "/x", connection: null, atMs: 1000 },
    result: "SQLITE_BUSY",
    why: "same-process",
    sure: "likely",
    sql: "insert into t values(?)",
    callSite: null,
    callMs: 0,
  };
  expect(refusalText({ ...refusal, why: "unknown", callMs: 1182 }, at(200))).toContain(
    "got SQLITE_BUSY after a call of 1.2 s: the reason is not known: insert",
  );
  expect(refusalText(refusal, at(200))).toBe(
    "12:03:01.000 4242 (python3 manage.py import) got SQLITE_BUSY at once: another connection of the same process is " +
      "in the way (likely): insert into t values(?)",
  );
  expect(refusalText(refusal, at(80))).toBe(
    "12:03:01 4242 (python3) got SQLITE_BUSY at once: another connection of the sa...",
  );
  expect(refusalText({ ...refusal, waitedMs: 227, pathIs: "likely" }, at(200))).toContain(
    "got SQLITE_BUSY after 227 ms inside SQLite: another connection of the same process is in the way (likely)",
  );
  expect(commonText(refusal, at(200))).toBe(refusalText(refusal, at(200)).slice("12:03:01.000 ".length));
  expect(commonText(waitLine({ attempts: 1, waitedMs: 0.01, outcome: "gave-up" }), at(200))).toBe(
    "4250 was refused WRITE at once; behind 4242 (python3 manage.py import)",
  );
  expect(commonText(waitLine(), at(200))).toBeNull();
  expect(repeatedText({ text: "4242 got SQLITE_BUSY at once", times: 46, lastMs: 2000 }, at(200))).toBe(
    "12:03:02.000 4242 got SQLITE_BUSY at once: 46 more times",
  );
  expect(databaseText({ type: "database", atMs: 1000, path: "/srv/a.db", change: "deleted" }, at(200))).toBe(
    "12:03:01.000 a.db was deleted; it is recorded again once it is created",
  );
  expect(gapText({ type: "gap", fromMs: 1000, toMs: 1340, lostEvents: 12 }, at(200))).toBe(
    "12:03:01.340 gap of 340 ms: what happened meanwhile is not known (at least 12 events lost)",
  );
  const off = { type: "gap", fromMs: 1000, toMs: 1340, lostEvents: null, why: "switched-off" } as const;
  expect(gapText(off, at(200))).toBe(
    "12:03:01.340 gap of 340 ms: what happened meanwhile is not known (another program switched the tracing off, or " +
      "changed what is traced)",
  );
});

test("the first line, and the line for --run", () => {
  expect(startText({ ...META, statements: false }, { width: Number.POSITIVE_INFINITY })).toBe(
    "recording /srv/app/db.sqlite3; source: the kernel's lock events, without statements " +
      "(locks are exact, a wait may be several calls)",
  );
  const [first = ""] = startText(META, { width: 60 }, 8).split("\n");
  expect(first.length).toBeLessThanOrEqual(52);
  expect(hookText(waitLine({ outcome: "still", waitedMs: 2000 }), NAMES)).toBe(
    "4250 has waited 2.0 s for WRITE, 60 attempts; behind 4242 (python3 manage.py import), WRITE for 5.8 s: " +
      "begin immediate",
  );
});

const IN_APP = { ...at(200), names: new Names([processSummary()], "/srv/app") };

test("lines of code of both sides", () => {
  const wait = waitLine({ callSite: callSite(42), blockers: [{ ...BLOCKER, callSite: callSite(17) }] });
  expect(waitText(wait, { ...IN_APP, style: { width: 400, ellipsis: "...", chalk: null } })).toBe(
    "12:03:06.751 4250 at shop/views.py:42 in create_order waited 5.9 s for WRITE, 60 tries, gave up; behind 4242 " +
      "(python3 manage.py import) at shop/views.py:17 in create_order, WRITE for 5.8 s: begin immediate",
  );
  expect(hookText(wait, IN_APP.names)).toContain("4250 at shop/views.py:42 in create_order waited 5.9 s for WRITE");
});

test("a refusal of which the program tells: who had the lock", () => {
  const refusal = refusalLine({
    ...{ callSite: callSite(42), why: "unknown", sure: "likely", callMs: 5_000, sql: null },
    blockers: [{ ...BLOCKER, callSite: callSite(17) }],
  });
  expect(refusalText(refusal, IN_APP)).toBe(
    "12:03:00.500 4250 at shop/views.py:42 in create_order got SQLITE_BUSY after a call of 5.0 s: 4242 (python3 " +
      "manage.py import) at shop/views.py:17 in create_order had the lock (likely)",
  );
});

test.each([
  [
    misuseLine(),
    "12:03:00.030 4250 used a connection after it was closed at shop/views.py:12 in create_order; opened at " +
      "shop/views.py:4 in create_order, closed at shop/views.py:9 in create_order",
  ],
  [
    misuseLine({ kind: "left-open", ended: "request", openedAt: null, closedAt: null, times: 3 }),
    "12:03:00.030 4250: a request ended while its transaction was open, begun at shop/views.py:12 in create_order " +
      "(3 times)",
  ],
  [
    misuseLine({ kind: "wrong-thread", callSite: callSite(12, { thread: "w" }), openedAt: null, closedAt: null }),
    "12:03:00.030 4250 used a connection in another thread than its own at shop/views.py:12 in create_order (thread w)",
  ],
])("a misuse: $kind", (misuse, text) => {
  expect(misuseText(misuse, IN_APP)).toBe(text);
  expect(stringWidth(misuseText(misuse, { ...IN_APP, ...at(60) }))).toBeLessThanOrEqual(60);
});

test("without a database, the command's are recorded", () => {
  expect(startText({ ...META, databases: [] }, { width: 200 })).toMatch(
    /^recording the databases that the command opens; source: /,
  );
});
