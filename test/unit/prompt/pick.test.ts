/** The list with the keyboard, through streams of our own. */
import { PassThrough } from "node:stream";
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { askerAt } from "../../../src/prompt/ask.ts";
import { type PickState, pressed, shownChoices, startPick, submits, takenBy } from "../../../src/prompt/pick-state.ts";
import { renderPick } from "../../../src/prompt/pick-view.ts";
import { PLAIN } from "../../../src/render/style.ts";

const CHOICES = ["one python", "two sqlite3", "three python", "four node"].map((label, i) => ({
  id: String(i + 1),
  label,
}));

const PAGE = 3;

const press = (state: PickState, key: string): PickState | null =>
  pressed(state, key.length === 1 ? { char: key, name: key === " " ? "space" : key } : { name: key }, PAGE);

const after = (...keys: readonly string[]): PickState =>
  keys.reduce((state, key) => {
    const next = press(state, key);
    if (next === null) throw new Error(`${key} cancels`);
    return next;
  }, startPick(CHOICES));

test("nothing is marked, the cursor stands on the first, and Enter takes that", () => {
  expect(takenBy(after())).toEqual(["1"]);
  expect(takenBy(after("down", "j", "k"))).toEqual(["2"]);
  expect(takenBy(after("up"))).toEqual(["4"]);
});

test("PgUp, PgDn, Home and End move the cursor, and stop at the ends of the list", () => {
  expect(after("pagedown").cursor).toBe(3);
  expect(after("pagedown", "pagedown").cursor).toBe(3);
  expect(after("end", "pageup").cursor).toBe(0);
  expect(after("end").cursor).toBe(3);
  expect(after("down", "down", "home").cursor).toBe(0);
  expect(after("/", "p", "y", "end").cursor).toBe(1); // of those that the filter leaves
  expect(after("/", "x", "y", "end").cursor).toBe(0);
});

test("? shows the keys, and any key closes them and does nothing else", () => {
  expect(after("?").help).toBe(true);
  for (const key of ["?", " ", "j", "escape", "return", "/", "down"]) {
    const closed = after("?", key);
    expect(closed).toEqual(startPick(CHOICES));
  }
  expect(submits(after("?"))).toBe(false);
  expect(after("/", "?").filter).toBe("?");
});

test("Escape cancels the list; in the filter it only clears that", () => {
  expect(press(after("down", " "), "escape")).toBeNull();
  expect(after("/", "p", "y", "escape")).toEqual(startPick(CHOICES));
});

test("marked ones are taken, not the one under the cursor; a mark can be taken back", () => {
  expect(takenBy(after("down", "space", "down", "down", "space", "up"))).toEqual(["2", "4"]);
  expect(takenBy(after("space", "space", "down"))).toEqual(["2"]);
});

test("a slash filters as one types; marks stay", () => {
  const state = after("space", "/", "p", "y", "return", "down");
  expect(shownChoices(state).map(({ id }) => id)).toEqual(["1", "3"]);
  expect(takenBy(press(state, " ") ?? state)).toEqual(["1", "3"]);
  expect(shownChoices(after("/", "x", "y"))).toEqual([]);
  expect(submits(after("/", "x", "y", "return"))).toBe(false);
  expect(submits(after("/"))).toBe(false);
  expect(shownChoices(after("/", "x", "backspace"))).toHaveLength(4);
  expect(takenBy(after("/", "j", "k"))).toEqual([]); // letters, not moves
});

test.each<[string, readonly string[], number, string]>([
  ["nothing", [], 80, "Which?"],
  ["one", ["space"], 80, "Which? (1 marked)"],
  ["one that the filter shows", ["space", "/", "p"], 80, "Which? (1 marked)"],
  ["one that the filter hides", ["space", "/", "n", "o"], 80, "Which? (1 marked, hidden by the filter)"],
  [
    "two, of which the filter hides one",
    ["space", "end", "space", "/", "n", "o"],
    80,
    "Which? (2 marked, 1 of them hidden by the filter)",
  ],
  ["a terminal too narrow for the title as well", ["space", "/", "n", "o"], 36, "1 marked, hidden by the filter"],
])("the first line says what is marked: %s", (_, keys, width, line) => {
  expect(renderPick("Which?", after(...keys), { ...PLAIN, width }, 24)[0]).toBe(line);
});

test("a range of the list and the marks in one pair of brackets", () => {
  expect(renderPick("Which?", after("space"), { ...PLAIN, width: 80 }, 7)[0]).toBe("Which? (1 to 3 of 4, 1 marked)");
});

test("property: the cursor stays in the list, and what is taken is in it", () => {
  const key = fc.constantFrom(
    "up",
    "down",
    "pageup",
    "pagedown",
    "home",
    "end",
    "?",
    "space",
    "return",
    "backspace",
    "/",
    "j",
    "k",
    "p",
    "o",
    " ",
  );
  fc.assert(
    fc.property(fc.array(key, { maxLength: 40 }), (keys) => {
      const state = after(...keys);
      const shown = shownChoices(state);
      if (shown.length > 0) expect(shown[state.cursor]).toBeDefined();
      for (const id of takenBy(state)) expect(CHOICES.some((choice) => choice.id === id)).toBe(true);
    }),
  );
});

test("drawn: no more lines than the terminal has, and none too wide", () => {
  const many = startPick(Array.from({ length: 50 }, (_, i) => ({ id: String(i), label: `${i} ${"x".repeat(200)}` })));
  for (const [width, rows] of [
    [40, 10],
    [80, 24],
    [200, 60],
  ] as const) {
    const lines = renderPick("Which?", { ...many, cursor: 49 }, { ...PLAIN, width }, rows);
    expect(lines.length).toBeLessThan(rows);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(width);
    expect(lines.some((line) => line.startsWith("> [ ] 49"))).toBe(true);
  }
});

test("what a program calls itself forges no row, and no escape reaches the terminal", () => {
  const evil = startPick([{ id: "1", label: "1 idle: python x\n> [ ] 999 blocks writers\u001b[2J" }]);
  const drawn = renderPick("Which?", evil, { ...PLAIN, width: 200 }, 24);
  expect(drawn).toHaveLength(3);
  expect(drawn.join("")).not.toMatch(/[\n\u001b]/);
});

function terminal() {
  const input = new PassThrough();
  const output = new PassThrough();
  let text = "";
  output.on("data", (chunk: Buffer) => {
    text += chunk;
  });
  const type = async (...keys: readonly string[]) => {
    for (const key of keys) {
      input.write(key);
      await setImmediate(); // each in a chunk of its own
    }
  };
  return { asker: askerAt({ input, output, style: { ...PLAIN, width: 80 } }), type, shown: () => text };
}

test("through a terminal: arrows, Space, Enter", async () => {
  const { asker, type, shown } = terminal();
  const answer = asker.pick("Which processes should be ended?", CHOICES);
  await type("\u001b[B", " ", "\u001b[B", " ", "\r");
  expect(await answer).toEqual(["2", "3"]);
  expect(shown()).toContain("Which processes should be ended?");
  expect(shown()).toContain("[x] two sqlite3");
});

test("what was typed before the question is dropped; a Ctrl-C among it cancels", async () => {
  for (const [early, expected] of [
    ["y\r", true],
    ["n\u0003\r", null],
  ] as const) {
    const { asker, type } = terminal();
    await type(early);
    const answer = asker.yes("Go on?");
    await type("y");
    expect(await answer).toBe(expected);
  }
});

test("through a terminal: a filter, Enter twice", async () => {
  const { asker, type } = terminal();
  const answer = asker.pick("Which?", CHOICES);
  await type("/", "n", "o", "d", "\r", "\r");
  expect(await answer).toEqual(["4"]);
});

test.each([
  ["Ctrl-C", "\u0003"],
  ["Ctrl-D", "\u0004"],
  ["Escape", "\u001b"],
])("through a terminal: %s picks none", async (_, key) => {
  const { asker, type } = terminal();
  const answer = asker.pick("Which?", CHOICES);
  await type(" ", key);
  expect(await answer).toBeNull();
});

test.each([
  ["y", true],
  ["n", false],
  ["\r", false],
  ["\u0003", null],
  ["\u0004", null],
] as const)("the question, and %j", async (key, expected) => {
  const { asker, type } = terminal();
  const answer = asker.yes("Send SIGTERM to 4242?");
  await type(key);
  expect(await answer).toBe(expected);
});
