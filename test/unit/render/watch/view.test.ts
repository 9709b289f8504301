/** The whole screen. */
import { Chalk } from "chalk";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { INITIAL_INTERACTION, type Interaction, type Page } from "../../../../src/features/watch/interaction.ts";
import { LiveState } from "../../../../src/features/watch/state.ts";
import { PLAIN, type Style } from "../../../../src/render/style.ts";
import { renderScreen } from "../../../../src/render/watch/view.ts";
import widthOf from "../../../../src/render/width.ts";
import { CODE_POINT } from "../../../support/code-point.ts";
import { databaseReport, holder, walWriter } from "../../../support/report.ts";
import { lockEvent, PATH } from "../../../support/watch-event.ts";
import { databaseView, finding, findingView, holderView, lookAt, viewOf } from "../../../support/watch-view.ts";

const UTF8: Style = { ...PLAIN, ellipsis: "…" };
const CALM: Interaction = { ...INITIAL_INTERACTION, selected: { path: PATH, pid: 4242 } };
const START = new Date("2026-01-02T12:03:00").getTime();
const MIB = 2 ** 20;
const GROWTHS = new Map([
  [PATH, { sizeBytes: 12 * MIB, perMinuteBytes: MIB, measuredMs: 60_000, diskFullInMs: 3 * 3_600_000 }],
]);

function busyState(name = "python manage.py shell"): LiveState {
  const state = new LiveState([PATH], START);
  const report = databaseReport({
    journalMode: "wal",
    holders: [walWriter({ commandLine: name.split(" ") }), holder({ pid: 4243 })],
    findings: [finding({ summary: `4242 (${name}) holds the write lock` })],
  });
  state.addLook(lookAt(report, START - 1, { walGrowths: GROWTHS }));
  state.addEvents([
    lockEvent("held", START, { lock: "SHARED", role: "database", type: "read", name }),
    lockEvent("acquired", START + 1000, { name }),
    lockEvent("released", START + 2800, { heldMs: 1800, name }),
    lockEvent("acquired", START + 5000, { name }),
  ]);
  return state;
}

function linesOf(state: LiveState, interaction: Interaction, size: { columns: number; rows: number }, style = UTF8) {
  return renderScreen(state.view(START + 7000), interaction, size, style).lines;
}

const trimmed = (lines: readonly string[]) => lines.map((line) => line.trimEnd()).join("\n");

test("the title says that locks are from the kernel", () => {
  const title = (source: "kernel" | "sampled") =>
    renderScreen({ ...busyState().view(START + 7000), source }, CALM, { columns: 80, rows: 24 }, UTF8).lines[0];
  expect(title("kernel")).toBe("sqlock watch, every lock, from the kernel, for 7.0 s                   12:03:07");
  expect(title("sampled")).toMatch(/^sqlock watch, for 7\.0 s /);
});

test("what a person sees at 80 columns", () => {
  const lines = linesOf(busyState(), CALM, { columns: 80, rows: 24 });
  expect(lines).toHaveLength(24);
  expect(trimmed(lines)).toMatchInlineSnapshot(`
    "sqlock watch, for 7.0 s                                                12:03:07

    Locked for writers: 4242 (python manage.py shell) has held the write lock for
      2 s and is idle.
    /srv/app/db.sqlite3: WAL mode, 48 KiB
    WAL 12 MiB, +1 MiB per minute; at this rate the disk is full in about 3 h
    write lock                                       █▇  ██ 54 % of 7 s, now 4242
          PID ACTIVITY       HELD-FOR       TIMES      LONGEST SHARE COMMAND
    >    4242 writing           2.0 s    2 writes        2.0 s  54 % python manage…
         4243 idle                  -           -            -     - python manage…


    error uncommitted-write: 4242 (python manage.py shell) holds the write lock

    12:03:01 4242 took WRITE, held for 1.8 s
    12:03:05 4242 took WRITE







    q quit  p pause  x kill  j/k select  f findings  ? help"
  `);
});

test("what a person sees at 200 columns", () => {
  expect(trimmed(linesOf(busyState(), CALM, { columns: 200, rows: 20 }))).toMatchSnapshot();
});

test("paused, help, findings, no process, no file", () => {
  const size = { columns: 80, rows: 24 };
  expect(linesOf(busyState(), { ...CALM, paused: true }, size)[0]).toMatch(/paused at 12:03:07$/);
  expect(linesOf(busyState(), { ...CALM, page: { kind: "help" } }, size).join("\n")).toContain("kill the selected");
  const page: Page = { kind: "findings", atMs: START, findings: [findingView()] };
  expect(linesOf(busyState(), { ...CALM, page }, size).join("\n")).toContain("  To do: End its transaction");
  const empty = new LiveState([PATH], START);
  expect(linesOf(empty, CALM, size).join("\n")).toContain(`${PATH}: not inspected yet\n`);
  empty.addLook(lookAt(null));
  expect(linesOf(empty, CALM, size).join("\n")).toContain("There is no database at this path now.");
});

test("a view stays as it was", () => {
  const state = busyState();
  const view = state.view(START + 7000);
  const before = structuredClone(view);
  state.addEvents([lockEvent("released", START + 9000, { heldMs: 4000 })]);
  expect(view).toEqual(before);
});

describe("nothing moves from one drawing to the next", () => {
  /** On which line each part begins. */
  const places = (lines: readonly string[]) =>
    [/^\/srv/, /^WAL /, /^write lock/, /PID ACTIVITY/, /^(no longer )?error/, /^\d\d:\d\d:\d\d /].map((part) =>
      lines.findIndex((line) => part.test(line)),
    );

  test.each([
    [80, 24],
    [200, 50],
    [60, 16],
  ])("in %d x %d: processes and findings come and go", (columns, rows) => {
    const state = busyState();
    const before = linesOf(state, CALM, { columns, rows });
    state.addLook(lookAt(databaseReport({ journalMode: "wal" }), START + 5500, { walGrowths: GROWTHS }));
    state.addEvents([lockEvent("released", START + 5600, { heldMs: 600 })]);
    const after = renderScreen(state.view(START + 30_000), CALM, { columns, rows }, UTF8).lines;
    const [file, wal, writing, header, found, log] = places(before);
    expect(places(after)).toEqual([file, wal, writing, header, -1, log]);
    expect(found).toBeGreaterThan(0);
    expect(log).toBeGreaterThan(0);
  });
});

test("databases that there is no room for leave their lines to the events", () => {
  const databases = ["/a.db", "/b.db", "/c.db"].map((path) =>
    databaseView({ path, holders: [holderView({ path })], most: { holders: 1, wal: false } }),
  );
  const log = Array.from({ length: 30 }, () => ({ event: lockEvent("acquired", 0), heldMs: null }));
  for (let rows = 18; rows < 40; rows++) {
    const { lines } = renderScreen(viewOf(databases, { log }), INITIAL_INTERACTION, { columns: 80, rows }, UTF8);
    expect(lines).toHaveLength(rows);
    expect(lines.join("\n")).not.toContain("\n\n\n");
  }
});

test("several databases: the one of the selected process is on the screen", () => {
  const databases = Array.from({ length: 12 }, (_, i) => {
    const path = `/srv/${i}.db`;
    return databaseView({ path, holders: i % 2 === 0 ? [] : [holderView({ path, pid: i })] });
  });
  const shown = (i: number) => {
    const interaction = { ...INITIAL_INTERACTION, selected: { path: `/srv/${i}.db`, pid: i } };
    return renderScreen(viewOf(databases), interaction, { columns: 80, rows: 24 }, UTF8).lines;
  };
  expect(shown(1)).toContain("/srv/0.db: rollback journal, 48 KiB");
  for (const i of [1, 5, 11]) {
    expect(shown(i)).toHaveLength(24);
    expect(shown(i).some((line) => line.startsWith(`> ${" ".repeat(i > 9 ? 5 : 6)}${i} `))).toBe(true);
    expect(shown(i).some((line) => /^\.\.\. and \d+ more databases$/.test(line))).toBe(true);
  }
});

test(
  "in every size each line fits, no line is more than there is room for, and nothing from outside is a control " +
    "character",
  () => {
    const name = fc.oneof(
      fc.string({ unit: CODE_POINT }),
      fc.constantFrom("\x1b[2J", "漢字漢字漢字漢字漢字", "a\nb", "\u202egnp.exe"),
    );
    const page = fc.constantFrom<"help" | "findings" | null>("help", "findings", null);
    fc.assert(
      fc.property(
        name,
        fc.integer({ min: 40, max: 200 }),
        fc.integer({ min: 1, max: 60 }),
        page,
        fc.nat({ max: 50 }),
        (command, columns, rows, kind, scroll) => {
          const findings = [findingView({ summary: command, detail: command, remedy: `do\n  ${command}` })];
          const pages = { help: { kind: "help" }, findings: { kind: "findings", atMs: START, findings } } as const;
          const interaction = { ...CALM, page: kind === null ? null : pages[kind], scroll };
          const lines = linesOf(busyState(command), interaction, { columns, rows });
          expect(lines.length).toBeLessThanOrEqual(rows);
          for (const line of lines) {
            expect(widthOf(line)).toBeLessThan(columns);
            expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
          }
        },
      ),
      { numRuns: 100 },
    );
  },
);

test("colour only repeats what the words say", () => {
  const size = { columns: 100, rows: 20 };
  const coloured = linesOf(busyState(), CALM, size, { ...UTF8, chalk: new Chalk({ level: 1 }) }).join("\n");
  expect(coloured).toContain("\x1b[31m");
  expect(coloured.replace(/\x1b\[[\d;]*m/g, "")).toBe(linesOf(busyState(), CALM, size).join("\n"));
});

test("processes that could not be inspected", () => {
  const state = busyState();
  const unseen = {
    processes: 12,
    reasons: ["owned by other users"],
    reason: "owned by other users",
    remedy: "run with sudo",
  };
  state.addLook({ ...lookAt(null), reports: new Map(), unseen });
  const lines = linesOf(state, CALM, { columns: 100, rows: 20 });
  expect(lines.join("\n")).toMatch(
    /^12 processes could not be .* \(owned by other users\)\. To see them, run with sudo\.$/m,
  );
  state.addLook({ ...lookAt(null), reports: new Map(), unseen: { ...unseen, asRoot: true } });
  expect(linesOf(state, CALM, { columns: 120, rows: 20 }).join("\n")).toMatch(/To see them: sudo sqlock watch \S+$/m);
});
