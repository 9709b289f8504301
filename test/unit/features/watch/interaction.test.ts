/** What the keys do to the screen. */
import { expect, test } from "vitest";
import {
  afterKey,
  INITIAL_INTERACTION,
  type Interaction,
  selectedHolder,
  withSelection,
} from "../../../../src/features/watch/interaction.ts";
import { LiveState, type View } from "../../../../src/features/watch/state.ts";
import { databaseReport, holder } from "../../../support/report.ts";

/** Two databases; pid 2 has both open. */
function view(first: readonly number[] = [1, 2], second: readonly number[] = [2]): View {
  const state = new LiveState(["/a", "/b"], 0);
  const report = (path: string, pids: readonly number[]) =>
    databaseReport({ path, holders: pids.map((pid) => holder({ pid })) });
  state.addLook(
    new Map([
      ["/a", report("/a", first)],
      ["/b", report("/b", second)],
    ]),
  );
  return state.view(0);
}

const selecting = (path: string, pid: number): Interaction => ({ ...INITIAL_INTERACTION, selected: { path, pid } });

test.each([
  ["nothing: the first", INITIAL_INTERACTION, view(), { path: "/a", pid: 1 }],
  ["one that is there", selecting("/b", 2), view(), { path: "/b", pid: 2 }],
  ["one that is gone: the first", selecting("/b", 2), view([1], []), { path: "/a", pid: 1 }],
  ["no holder is left", selecting("/b", 2), view([], []), null],
])("selected: %s", (_, interaction, now, expected) => {
  expect(withSelection(now, interaction).selected).toEqual(expected);
});

test.each([
  ["down", selecting("/a", 1), { path: "/a", pid: 2 }],
  ["down", selecting("/a", 2), { path: "/b", pid: 2 }],
  ["down", selecting("/b", 2), { path: "/b", pid: 2 }],
  ["up", selecting("/b", 2), { path: "/a", pid: 2 }],
  ["up", selecting("/a", 1), { path: "/a", pid: 1 }],
] as const)("%s", (key, interaction, expected) => {
  expect(afterKey(key, interaction, view()).selected).toEqual(expected);
});

test("help and pause go on and off; Escape leaves the help alone", () => {
  const help = afterKey("help", INITIAL_INTERACTION, view());
  expect(help).toEqual({ ...INITIAL_INTERACTION, help: true });
  expect(afterKey("help", help, view())).toEqual(INITIAL_INTERACTION);
  const both = afterKey("pause", help, view());
  expect(afterKey("back", both, view())).toEqual({ ...INITIAL_INTERACTION, paused: true });
  expect(afterKey("pause", both, view())).toEqual(help);
});

test("the selected holder is of its database", () => {
  expect(selectedHolder(view(), selecting("/b", 2))).toMatchObject({ path: "/b", pid: 2 });
  expect(selectedHolder(view(), selecting("/b", 1))).toBeNull();
});
