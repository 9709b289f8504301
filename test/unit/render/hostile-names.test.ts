/** Every output of every command, where hostile users chose the names of files and programs. */
import { describe, expect, test } from "vitest";
import type { AccessFacts } from "../../../src/features/explain/access/facts.ts";
import { explain } from "../../../src/features/explain/explain.ts";
import type { JournalModeReport } from "../../../src/features/journal-mode/report.ts";
import { afterKey, INITIAL_INTERACTION, type Interaction } from "../../../src/features/watch/interaction.ts";
import { LiveState } from "../../../src/features/watch/state.ts";
import type { Finding } from "../../../src/model/report.ts";
import { startPick } from "../../../src/prompt/pick-state.ts";
import { renderPick } from "../../../src/prompt/pick-view.ts";
import { explanationDocument } from "../../../src/render/explain/json.ts";
import { renderExplanation } from "../../../src/render/explain/text.ts";
import { render as renderIntegrity } from "../../../src/render/integrity/index.ts";
import { REPORTERS } from "../../../src/render/integrity/reporter-names.ts";
import { errorReport } from "../../../src/render/journal-mode/document.ts";
import { renderPretty } from "../../../src/render/journal-mode/text.ts";
import { renderJson } from "../../../src/render/json.ts";
import { choicesOf } from "../../../src/render/kill/dialog.ts";
import { documentOf } from "../../../src/render/kill/document.ts";
import { renderPlan, renderReport } from "../../../src/render/kill/text.ts";
import { pathErrorLine } from "../../../src/render/path-error.ts";
import { evidenceText } from "../../../src/render/stress/evidence.ts";
import { renderMatrix } from "../../../src/render/stress/matrix.ts";
import { matrixReport, stressReport } from "../../../src/render/stress/report.ts";
import { renderRun } from "../../../src/render/stress/text.ts";
import { PLAIN } from "../../../src/render/style.ts";
import { jsonLine, textLine } from "../../../src/render/watch/lines.ts";
import { summaryText } from "../../../src/render/watch/summary.ts";
import { renderScreen } from "../../../src/render/watch/view.ts";
import { namedColumns } from "../../../src/render/who-holds/column-choice.ts";
import { COLUMNS } from "../../../src/render/who-holds/columns.ts";
import { renderText } from "../../../src/render/who-holds/text.ts";
import { HOSTILE, OBEYED, withHostileNames } from "../../support/hostile-names.ts";
import { absent, CONTEXT, corrupt, databaseCheck, integrityReport, locked } from "../../support/integrity.ts";
import { killCandidate, killReport, processOutcome } from "../../support/kill-report.ts";
import { databaseReport, lock, report, walWriter } from "../../support/report.ts";
import { checkResult, stressResult } from "../../support/stress-result.ts";
import { lockEvent, PATH } from "../../support/watch-event.ts";
import { lookAt } from "../../support/watch-view.ts";
import { ENTRIES, recognise } from "../features/explain/fixtures.ts";

const FINDING: Finding = {
  id: "uncommitted-write",
  severity: "error",
  pids: [4242],
  summary: "4242 (python /srv/app.py) holds the write lock.",
  detail: "For long, on /srv/app.",
  remedy: "Commit in /srv/app:\n  kill 4242",
};
const HOLDER = walWriter({
  commandLine: ["python", "/srv/app.py"],
  unit: "app.service",
  container: "app",
  blocks: ["writers"],
});
const DATABASE = databaseReport({
  holders: [HOLDER],
  summary: ["4242 (python /srv/app.py) has a write transaction open."],
  findings: [FINDING],
  unownedLocks: [lock("SHARED", { api: "ofd" })],
});
const WHO_HOLDS = report([DATABASE, { givenAs: "/srv/x", error: { code: "c", message: "/srv/m", hint: "/srv/h" } }]);
const [PATH_ERROR] = [{ givenAs: "/srv/x", error: { code: "c", message: "no /srv/m", hint: "see /srv/h" } }];
const INTEGRITY = integrityReport(
  databaseCheck({ findings: [FINDING], reason: "in /srv/x", methodReason: "as /srv/y" }),
  corrupt({ remedy: "REINDEX /srv/x" }),
  corrupt({ path: "/srv/b.db" }),
  locked({ path: "/srv/c.db", blockedBy: [HOLDER] }),
  absent({ path: "/srv/none.db" }),
);
const JOURNAL_MODE: JournalModeReport = {
  ...errorReport({ givenAs: "/srv/app/db.sqlite3", error: { code: "", message: "", hint: "" } }, null, false),
  path: "/srv/app/db.sqlite3",
  asked: "wal",
  before: "delete",
  after: "delete",
  reason: "4242 (python /srv/app.py) uses it",
  error: null,
  blockedBy: [HOLDER],
  findings: [FINDING],
  obstacles: [
    { code: "no-space", message: "/srv/a has no room", remedy: "make room on /srv/a", forcible: false, forced: false },
    { code: "no-space", message: "/srv/b has no room", remedy: "make room on /srv/b", forcible: false, forced: false },
  ],
};
const CANDIDATE = killCandidate({ commandLine: ["python", "/srv/app.py"], unit: "a.service", container: "c" });
const KILL = killReport({
  outcomes: [processOutcome({ holder: CANDIDATE.holder, consequences: CANDIDATE.consequences })],
  remaining: [HOLDER],
  restarted: [4242],
  findings: [FINDING],
});
const PLAN = { ended: [CANDIDATE], continued: [CANDIDATE], refusals: [] };
const EVENTS = [
  lockEvent("watching", 0),
  lockEvent("acquired", 0, { name: "python /srv/app.py" }),
  lockEvent("opened", 0, { name: "python /srv/app.py" }),
  lockEvent("finding", 0, { finding: FINDING }),
  lockEvent("alert", 0, {
    name: "python /srv/app.py",
    heldMs: 5000,
    alert: { blocks: ["writers"], waitsFor: [], user: "web", uid: 1000, lockDirectory: null },
  }),
  lockEvent("alert", 0, {
    pid: null,
    name: null,
    heldMs: 5000,
    alert: { blocks: ["writers"], waitsFor: [], user: null, uid: null, lockDirectory: "/srv/app.lock" },
  }),
];
const SUMMARY = {
  schemaVersion: 1,
  at: new Date(0),
  event: "summary",
  source: "sampled",
  paths: [PATH, "/srv/b"],
  watchedMs: 60_000,
  readings: 30_000,
  longestGapMs: 12,
  holders: [
    {
      path: PATH,
      pid: 4242,
      name: "python /srv/app.py",
      lock: "WRITE",
      role: "shm",
      times: 12,
      totalMs: 24,
      longestMs: 4,
      share: 0.4,
      blockedAttempts: 3,
      cutOff: false,
    },
  ],
  wal: [
    {
      path: PATH,
      sizeAtStartBytes: 1,
      largestBytes: 1,
      sizeBytes: 1,
      perMinuteBytes: 1,
      measuredMs: 1,
      diskFullInMs: 1,
    },
  ],
  unseen: null,
} as const;
const STRESS = stressResult({
  settings: { ...stressResult().settings, database: "/srv/app.db" },
  evidence: { kind: "table", table: "t", path: "/srv/app.db" },
  verification: { ...stressResult().verification, check: checkResult("corrupt", "row of /srv/x"), lost: 1 },
});
const EXPLAINED = { text: "python: /srv/app.py: database is locked", database: "/srv/app/db.sqlite3" };
const EVIDENCE = {
  kind: "folder",
  path: "/srv/kept",
  seed: 1,
  rows: 1,
  database: "/srv/kept/database",
  writers: [],
  verification: STRESS.verification,
} as unknown as Parameters<typeof evidenceText>[0];

/** With and without hostile names: what is printed. */
type Output = (change: typeof withHostileNames) => string;

const STYLE = { ...PLAIN, width: Number.POSITIVE_INFINITY };
const CALM: Interaction = { ...INITIAL_INTERACTION, selected: { path: PATH, pid: 4242 } };

/** The screen, and then the findings in full. */
function screen(change: typeof withHostileNames): string {
  const state = new LiveState([PATH], 0);
  state.addLook(lookAt(change({ ...DATABASE, path: PATH })));
  state.addEvents(EVENTS.map((event) => ({ ...change(event), path: PATH })));
  const view = state.view(7000);
  const findings = afterKey("findings", CALM, view, 1);
  return [CALM, findings]
    .flatMap((interaction) => renderScreen(view, interaction, { columns: 900, rows: 200 }, PLAIN).lines)
    .join("\n");
}

/** What was tried as a user, with names in every place. */
const ACCESS: AccessFacts = {
  journalMode: "rollback",
  tried: [
    {
      user: { uid: 33, name: "/srv/user", because: "holder", pids: [4242] },
      closed: null,
      files: [
        {
          role: "database",
          path: PATH,
          rights: { mode: 0o444, uid: 33, gid: 33 },
          read: null,
          write: "EACCES",
          attribute: null,
        },
      ],
      folder: { path: "/srv/folder", rights: null, newFile: "EPERM", attribute: null },
    },
  ],
  notTried: [{ uid: 34, name: "/srv/other", because: "holder", pids: [7] }],
  mount: { mountPoint: "/srv/mount", readOnly: false, wentReadOnly: null, quota: true },
  holders: [
    {
      pid: 4242,
      uid: 33,
      onlyReads: false,
      writes: [],
      readOnlyMount: false,
      label: { module: "apparmor", label: "/srv/profile", confined: true },
    },
  ],
};

function explanationOf(change: typeof withHostileNames) {
  const { text, database } = change(EXPLAINED);
  return explain(
    { entries: ENTRIES, pages: {} },
    {
      named: null,
      // a log has lines: here it is one
      recognition: recognise(text.replaceAll(/[\n\r\u2028\u2029]/g, " ")),
      timing: { elapsedMs: null, timeoutMs: null },
      report: change(WHO_HOLDS),
      access: change(ACCESS),
      database,
      version: "1",
    },
  );
}

const OUTPUTS: readonly [string, Output][] = [
  [
    "who-holds",
    (change) => renderText(change(WHO_HOLDS), { columns: namedColumns(COLUMNS), lockWords: "none", style: STYLE }),
  ],
  ["who-holds --json", (change) => renderJson(change(WHO_HOLDS))],
  ["an error on stderr", (change) => pathErrorLine(change(PATH_ERROR as never))],
  ...REPORTERS.map((name): [string, Output] => [
    `integrity --reporter ${name}`,
    (change) => renderIntegrity(name, change(INTEGRITY), { ...CONTEXT, hostname: change("/srv/host") }),
  ]),
  ["journal-mode", (change) => renderPretty(change(JOURNAL_MODE), STYLE)],
  ["journal-mode, the mode alone", (change) => renderPretty(change({ ...JOURNAL_MODE, asked: null }), STYLE)],
  ["kill: the plan", (change) => renderPlan(change(PLAN), "SIGTERM", change(KILL), STYLE)],
  ["kill: the report", (change) => renderReport(change(KILL), STYLE)],
  ["kill: no process was signalled", (change) => renderReport(change({ ...KILL, outcomes: [] }), STYLE)],
  ["kill --json", (change) => renderJson(documentOf(change(KILL)))],
  ["kill: the list", (change) => renderPick("Which?", startPick(choicesOf([change(CANDIDATE)])), STYLE, 20).join("\n")],
  [
    "watch: lines",
    (change) =>
      change(EVENTS)
        .map((event) => textLine(event, true) + textLine(event, false))
        .join(""),
  ],
  ["watch --json", (change) => [...change(EVENTS), change(SUMMARY)].map(jsonLine).join("")],
  ["watch: the summary", (change) => summaryText(change(SUMMARY), STYLE)],
  ["watch: the screen", screen],
  ["stress", (change) => renderRun(stressReport(change(STRESS)), STYLE)],
  ["stress --matrix", (change) => renderMatrix(matrixReport([change(STRESS)]), STYLE)],
  ["stress --json", (change) => renderJson(stressReport(change(STRESS)))],
  ["stress: the file of the evidence", (change) => evidenceText(change(EVIDENCE))],
  ["explain", (change) => unwrapped(renderExplanation(explanationOf(change), STYLE))],
  ["explain --json", (change) => renderJson(explanationDocument(explanationOf(change)))],
];

/** explain has lines of at most 100 columns, those that go on with four spaces. */
function unwrapped(text: string): string {
  return text.replaceAll(/\n {4}(?=\S)/g, " ");
}

describe.each(OUTPUTS)("%s", (_, output) => {
  const calm = output((value) => value);
  const hostile = output(withHostileNames);
  test("the names are there", () => {
    expect(calm).toMatch(/\/srv\/|%2Fsrv|app/);
    expect(hostile.length).toBeGreaterThan(calm.length);
  });
  test("nothing that a terminal obeys comes out", () => {
    expect(hostile.split("\n").flatMap((line) => OBEYED.exec(line) ?? [])).toEqual([]);
  });
  test("no name makes a line of its own", () => {
    expect(hostile.split("\n")).toHaveLength(calm.split("\n").length);
    expect(hostile).not.toMatch(/^ *curl evil/m);
  });
});

test("the hostile name has something of each kind", () => {
  expect(HOSTILE.split("\n")).toHaveLength(3);
  expect(HOSTILE).toMatch(OBEYED);
});
