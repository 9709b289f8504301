import { Chalk } from "chalk";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Interaction } from "../../../../src/features/watch/interaction.ts";
import { LiveState } from "../../../../src/features/watch/state.ts";
import { PLAIN, type Style } from "../../../../src/render/style.ts";
import { renderScreen } from "../../../../src/render/watch/view.ts";
import widthOf from "../../../../src/render/width.ts";
import { CODE_POINT } from "../../../support/code-point.ts";
import { databaseReport, holder, walWriter } from "../../../support/report.ts";
import { lockEvent, PATH } from "../../../support/watch-event.ts";

const UTF8: Style = { ...PLAIN, ellipsis: "…" };
const CALM: Interaction = { selected: { path: PATH, pid: 4242 }, paused: false, help: false };
const START = new Date("2026-01-02T12:03:00").getTime();

function busyState(name = "python manage.py shell"): LiveState {
  const state = new LiveState([PATH], START);
  const commandLine = name.split(" ");
  const finding = {
    id: "uncommitted-write",
    severity: "error",
    pids: [4242],
    summary: `4242 (${name}) holds the write lock`,
    detail: "",
    remedy: "",
  } as const;
  state.addLook(
    new Map([
      [
        PATH,
        databaseReport({
          journalMode: "wal",
          holders: [walWriter({ commandLine }), holder({ pid: 4243 })],
          findings: [finding],
        }),
      ],
    ]),
  );
  state.addEvents([
    lockEvent("held", START, { lock: "SHARED", role: "database", type: "read", name }),
    lockEvent("acquired", START + 1000, { name }),
    lockEvent("released", START + 2800, { heldMs: 1800, name }),
    lockEvent("acquired", START + 5000, { name }),
  ]);
  return state;
}

test("what a person sees", () => {
  const lines = renderScreen(busyState().view(START + 7000), CALM, { columns: 100, rows: 16 }, UTF8);
  expect(lines).toHaveLength(16);
  expect(lines.map((line) => line.trimEnd()).join("\n")).toMatchInlineSnapshot(`
    "sqlock watch, for 7.0 s                                                                    12:03:07

    /srv/app/db.sqlite3: WAL mode, 48 KiB
    write lock                                                       █▇  ██ 54 % of 7 s, now 4242
       PID  COMMAND                 ACTIVITY  LOCKS          HELD   BLOCKS
    > 4242  python manage.py shell  writing   WRITE, SHARED  2.0 s  writers, checkpoints
      4243  python manage.py shell  idle      -              -      -

    error uncommitted-write: 4242 (python manage.py shell) holds the write lock

    12:03:01 4242 took WRITE, held 1.8 s
    12:03:05 4242 took WRITE



    q quit  p pause  k kill  j/down up select  ? help"
  `);
});

test("paused, help, nobody, no file", () => {
  const view = busyState().view(START + 7000);
  const size = { columns: 80, rows: 24 };
  expect(renderScreen(view, { ...CALM, paused: true }, size, UTF8)[0]).toMatch(/paused at 12:03:07$/);
  expect(renderScreen(view, { ...CALM, help: true }, size, UTF8).join("\n")).toContain(
    "come from a look at all processes",
  );
  const empty = new LiveState([PATH], START);
  expect(renderScreen(empty.view(START), CALM, size, UTF8).join("\n")).toContain(`${PATH}: looking\n`);
  empty.addLook(new Map([[PATH, null]]));
  expect(renderScreen(empty.view(START), CALM, size, UTF8).join("\n")).toContain("no such file: waiting for it");
  empty.addLook(new Map([[PATH, databaseReport()]]));
  expect(renderScreen(empty.view(START), CALM, size, UTF8).join("\n")).toContain("nobody has it open");
});

test("a view stays as it was", () => {
  const state = busyState();
  const view = state.view(START + 7000);
  const before = structuredClone(view);
  state.addEvents([lockEvent("released", START + 9000, { heldMs: 4000 })]);
  expect(view).toEqual(before);
});

test(
  "in every size each line fits, no line is more than there is room for, and nothing from outside is a control " +
    "character",
  () => {
    const name = fc.oneof(
      fc.string({ unit: CODE_POINT }),
      fc.constantFrom("\x1b[2J", "漢字漢字漢字漢字漢字", "a\nb", "\u202egnp.exe"),
    );
    const flags = fc.record({ paused: fc.boolean(), help: fc.boolean() });
    fc.assert(
      fc.property(
        name,
        fc.integer({ min: 40, max: 200 }),
        fc.integer({ min: 1, max: 60 }),
        flags,
        (command, columns, rows, changed) => {
          const lines = renderScreen(
            busyState(command).view(START + 7000),
            { ...CALM, ...changed },
            { columns, rows },
            UTF8,
          );
          expect(lines.length).toBeLessThanOrEqual(rows);
          for (const line of lines) {
            expect(widthOf(line)).toBeLessThan(columns);
            expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
          }
        },
      ),
      { numRuns: 60 },
    );
  },
);

test("colour only repeats what the words say", () => {
  const view = busyState().view(START + 7000);
  const size = { columns: 100, rows: 20 };
  const coloured = renderScreen(view, CALM, size, { ...UTF8, chalk: new Chalk({ level: 1 }) }).join("\n");
  expect(coloured).toContain("\x1b[31m");
  expect(coloured.replace(/\x1b\[[\d;]*m/g, "")).toBe(renderScreen(view, CALM, size, UTF8).join("\n"));
});

test("what could not be seen is said", () => {
  const state = busyState();
  state.addLook(new Map(), {
    processes: 12,
    reasons: ["owned by other users"],
    reason: "owned by other users",
    remedy: "run with sudo",
  });
  const lines = renderScreen(state.view(START + 7000), CALM, { columns: 100, rows: 20 }, UTF8);
  expect(lines).toContain("12 processes could not be inspected (owned by other users): to see them, run with sudo.");
});
