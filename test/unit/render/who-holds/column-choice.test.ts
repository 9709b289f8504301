import { expect, test } from "vitest";
import type { Source } from "../../../../src/model/source.ts";
import {
  type ChosenColumn,
  fittingColumns,
  namedColumns,
  neededColumns,
  selectColumns,
  usualColumns,
  usualColumnsWith,
} from "../../../../src/render/who-holds/column-choice.ts";
import { COLUMNS, type Column } from "../../../../src/render/who-holds/columns.ts";
import { holder } from "../../../support/report.ts";

/** Those that were asked for by name are marked. */
const namesOf = (chosen: readonly ChosenColumn[]) =>
  chosen.map(({ column, named }) => (named ? `${column.name}!` : column.name)).join(" ");

const selected = (text: string, source: Source) => {
  const chosen = selectColumns(text, source);
  return "unknown" in chosen ? chosen : namesOf(chosen);
};

test.each([
  ["proc", "PID USER COMMAND STATE ACTIVITY LOCKS HELD-FOR BLOCKS HANDLES CONTAINER"],
  ["lsof", "PID! USER! COMMAND! STARTED! HANDLES!"],
] as const)("without --columns, with the source %s", (source, expected) => {
  expect(namesOf(usualColumns(source))).toBe(expected);
});

test.each([
  ["PID,LOCKS", "PID! LOCKS!"],
  ["locks, pid", "LOCKS! PID!"],
  ["PID,HELD", "PID! HELD-FOR!"],
  ["PID,LOCKS,pid", "PID! LOCKS!"],
  ["HELD,HELD-FOR", "HELD-FOR!"],
  ["+tty", "PID! USER! COMMAND! STARTED! HANDLES! TTY!"],
  ["PID,nonsense", { unknown: "nonsense" }],
  ["PID,", { unknown: "" }],
  ["+", { unknown: "" }],
  ["", { unknown: "" }],
] as const)("--columns %s", (text, expected) => {
  expect(selected(text, "lsof")).toEqual(expected);
});

test("+ adds to the usual ones, and keeps a usual one that it names", () => {
  expect(selected("+TTY,STATE", "proc")).toBe(
    "PID USER COMMAND STATE! ACTIVITY LOCKS HELD-FOR BLOCKS HANDLES CONTAINER TTY!",
  );
});

test("a column that some holder needs: CONTAINER", () => {
  const isShown = (...args: Parameters<typeof neededColumns>) => namesOf(neededColumns(...args)).includes("CONTAINER");
  const inside = holder({ container: "docker:0123456789ab" });
  expect(isShown(usualColumns(), [holder()], null)).toBe(false);
  expect(isShown(usualColumns(), [holder(), inside], null)).toBe(true);
  expect(isShown(usualColumns(), [inside], "docker:0123456789ab")).toBe(false);
  expect(isShown(usualColumns(), [inside], "docker:ba9876543210")).toBe(true);
  expect(isShown(usualColumnsWith("CONTAINER"), [holder()], null)).toBe(true);
});

/** What the columns of a writer in WAL mode need, in full or as usual; `command`: that of its command. */
const needs =
  (command: number, user = 4) =>
  ({ name }: Column, detail: string): number => {
    const brief = detail === "brief";
    if (name === "COMMAND") return command;
    if (name === "USER") return user;
    if (name === "LOCKS") return brief ? 12 : 25;
    if (name === "BLOCKS") return brief ? 7 : detail === "full" ? 34 : 20;
    if (name === "HANDLES") return 24;
    if (name === "CONTAINER") return 19;
    return name === "PID" ? 5 : 8;
  };

test.each([
  ["a pipe", 100, Number.POSITIVE_INFINITY, "usual", "PID USER COMMAND STATE ACTIVITY LOCKS HELD-FOR BLOCKS HANDLES"],
  ["200 columns", 60, 200, "usual", "PID USER COMMAND STATE ACTIVITY LOCKS HELD-FOR BLOCKS HANDLES"],
  ["just enough", 20, 130, "usual", "PID USER COMMAND STATE ACTIVITY LOCKS HELD-FOR BLOCKS HANDLES"],
  ["one column less", 20, 129, "usual", "PID USER COMMAND STATE ACTIVITY LOCKS HELD-FOR BLOCKS"],
  ["120 columns, a long command", 300, 120, "usual", "PID USER COMMAND ACTIVITY LOCKS HELD-FOR BLOCKS"],
  ["100 columns", 60, 100, "usual", "PID USER COMMAND ACTIVITY LOCKS HELD-FOR BLOCKS"],
  ["80 columns", 60, 80, "brief", "PID USER COMMAND ACTIVITY LOCKS HELD-FOR BLOCKS"],
  ["60 columns", 60, 60, "brief", "PID COMMAND ACTIVITY LOCKS HELD-FOR BLOCKS"],
  ["less than any table needs", 60, 10, "brief", "PID COMMAND ACTIVITY LOCKS HELD-FOR BLOCKS"],
])("the usual columns for which there is room: %s", (_, command, available, detail, expected) => {
  const usual = usualColumns().filter(({ column }) => column.name !== "CONTAINER");
  const fitted = fittingColumns(usual, needs(command), available, 1);
  expect(namesOf(fitted)).toBe(expected);
  expect(new Set(fitted.map((each) => each.detail))).toEqual(new Set([detail]));
});

test("a long user name is cut before a column is left out", () => {
  const usual = usualColumns().filter(({ column }) => column.name !== "CONTAINER");
  expect(namesOf(fittingColumns(usual, needs(60, 40), 80, 1))).toContain("USER");
});

test("a container is shown at 80 columns", () => {
  expect(namesOf(fittingColumns(usualColumns(), needs(60), 80, 1))).toBe(
    "PID USER COMMAND ACTIVITY LOCKS HELD-FOR BLOCKS CONTAINER",
  );
});

test("what was asked for by name stays, in full, however narrow the terminal is", () => {
  const fitted = fittingColumns(namedColumns(COLUMNS), needs(300), 60, 1);
  expect(fitted.map(({ column }) => column)).toEqual(COLUMNS);
  expect(new Set(fitted.map(({ detail }) => detail))).toEqual(new Set(["full"]));
});
