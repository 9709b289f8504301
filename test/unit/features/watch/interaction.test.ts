/** What the keys do to the screen. */
import { describe, expect, test } from "vitest";
import {
  afterKey,
  INITIAL_INTERACTION,
  type Interaction,
  selectedHolder,
  type ViewKey,
  withSelection,
} from "../../../../src/features/watch/interaction.ts";
import { LiveState } from "../../../../src/features/watch/state.ts";
import type { View } from "../../../../src/features/watch/view.ts";
import { databaseReport, holder } from "../../../support/report.ts";
import { databaseView, findingView, holderView, viewOf } from "../../../support/watch-view.ts";

/** Two databases; pid 2 has both open. */
function view(first: readonly number[] = [1, 2], second: readonly number[] = [2]): View {
  const state = new LiveState(["/a", "/b"], 0);
  const report = (path: string, pids: readonly number[]) =>
    databaseReport({ path, holders: pids.map((pid) => holder({ pid })) });
  const reports = new Map([
    ["/a", report("/a", first)],
    ["/b", report("/b", second)],
  ]);
  state.addLook({ reports, beganMs: 0, unseen: null, walGrowths: new Map() });
  return state.view(0);
}

const selecting = (path: string, pid: number): Interaction => ({ ...INITIAL_INTERACTION, selected: { path, pid } });
const PAGE_ROWS = 10;

test.each([
  ["nothing: the first", INITIAL_INTERACTION, view(), { path: "/a", pid: 1 }],
  ["one that is there", selecting("/b", 2), view(), { path: "/b", pid: 2 }],
  ["one that is gone: the first", selecting("/b", 2), view([1], []), { path: "/a", pid: 1 }],
  ["no holder is left", selecting("/b", 2), view([], []), null],
])("selected: %s", (_, interaction, now, expected) => {
  expect(withSelection(now, interaction).selected).toEqual(expected);
});

test.each<[ViewKey, Interaction, object]>([
  ["down", selecting("/a", 1), { path: "/a", pid: 2 }],
  ["down", selecting("/a", 2), { path: "/b", pid: 2 }],
  ["down", selecting("/b", 2), { path: "/b", pid: 2 }],
  ["up", selecting("/b", 2), { path: "/a", pid: 2 }],
  ["up", selecting("/a", 1), { path: "/a", pid: 1 }],
  ["page-down", selecting("/a", 1), { path: "/b", pid: 2 }],
  ["page-up", selecting("/b", 2), { path: "/a", pid: 1 }],
  ["last", selecting("/a", 1), { path: "/b", pid: 2 }],
  ["first", selecting("/b", 2), { path: "/a", pid: 1 }],
])("%s", (key, interaction, expected) => {
  expect(afterKey(key, interaction, view(), PAGE_ROWS).selected).toEqual(expected);
});

test("PgDn moves by as many processes as the screen has lines", () => {
  const holders = Array.from({ length: 30 }, (_, pid) => holderView({ path: "/a", pid }));
  const many = viewOf([databaseView({ path: "/a", holders })]);
  expect(afterKey("page-down", selecting("/a", 3), many, PAGE_ROWS).selected?.pid).toBe(13);
  expect(afterKey("page-up", selecting("/a", 13), many, PAGE_ROWS).selected?.pid).toBe(3);
});

test.each<ViewKey>(["pause", "space"])("%s: on, and off again", (key) => {
  const paused = afterKey(key, INITIAL_INTERACTION, view(), PAGE_ROWS);
  expect(paused).toEqual({ ...INITIAL_INTERACTION, paused: true });
  expect(afterKey(key, paused, view(), PAGE_ROWS)).toEqual(INITIAL_INTERACTION);
});

describe("a page", () => {
  const press = (interaction: Interaction, ...keys: ViewKey[]) =>
    keys.reduce((now, key) => afterKey(key, now, view(), PAGE_ROWS), interaction);
  const open = (...keys: ViewKey[]) => press(INITIAL_INTERACTION, ...keys);

  test.each<[ViewKey[], "help" | "findings" | undefined]>([
    [["help"], "help"],
    [["help", "help"], undefined],
    [["help", "escape"], undefined],
    [["help", "enter"], undefined],
    [["help", "quit"], undefined],
    [["help", "findings"], "findings"],
    [["findings"], "findings"],
    [["enter"], "findings"],
    [["findings", "findings"], undefined],
    [["findings", "enter"], undefined],
    [["findings", "escape"], undefined],
    [["findings", "quit"], undefined],
    [["findings", "help"], "help"],
    [["escape"], undefined],
  ])("%j: %s", (keys, kind) => {
    expect(open(...keys).page?.kind).toBe(kind);
  });

  test.each<[ViewKey[], number]>([
    [[], 0],
    [["down", "down"], 2],
    [["down", "up", "up"], 0],
    [["page-down"], PAGE_ROWS],
    [["space"], PAGE_ROWS],
    [["page-down", "page-up"], 0],
    [["last"], Number.POSITIVE_INFINITY],
    [["last", "first"], 0],
    [["down", "help", "help"], 0], // a page that is opened begins at its top
  ])("%j: scrolled by %d lines", (keys, scroll) => {
    expect(open("help", ...keys)).toMatchObject({ scroll, selected: null, paused: false });
  });

  test("p pauses behind it", () => {
    expect(open("help", "pause")).toMatchObject({ paused: true, page: { kind: "help" } });
  });

  test("the findings of the selected process come first, as they were when the page was opened", () => {
    const [one, other] = [findingView({ pids: [1] }), findingView({ pids: [2] })];
    const holders = [holderView({ pid: 2 })];
    const now = viewOf([databaseView({ holders, findings: [one, other] })]);
    const interaction = withSelection(now, INITIAL_INTERACTION);
    expect(afterKey("findings", interaction, now, PAGE_ROWS).page).toEqual({
      kind: "findings",
      atMs: now.nowMs,
      findings: [other, one],
    });
  });
});

test("the selected holder is of its database", () => {
  expect(selectedHolder(view(), selecting("/b", 2))).toMatchObject({ path: "/b", pid: 2 });
  expect(selectedHolder(view(), selecting("/b", 1))).toBeNull();
});
