import fc from "fast-check";
import { expect, test } from "vitest";
import { ParseError } from "../../../src/errors.ts";
import { parseStat, terminalName } from "../../../src/proc/stat.ts";
import { CODE_POINT } from "../../support/code-point.ts";
import { procFixture } from "../../support/fixture.ts";

test("the captured line", () => {
  expect(parseStat(procFixture("stat"))).toEqual({
    name: "python3",
    state: "running",
    parentPid: 9089,
    session: 28178,
    terminal: 0,
    minorFaults: 3301n,
    childrenMinorFaults: 6473n,
    kernel: false,
    exiting: false,
    threads: 1,
    startTicks: 391571n,
    stackStart: 140725281732016n,
    cpu: 1,
  });
});

const withName = (name: string) => procFixture("stat").replace("python3", () => name);

test.each(["a b", "(sd-pam)", "a) S 1 (b", ")", "(", "", "x\n) R 5", ") R 1 2 3 4 5 6 7", "käse"])(
  "a process that calls itself %j",
  (name) => {
    expect(parseStat(withName(name))).toMatchObject({ name, parentPid: 9089, startTicks: 391571n });
  },
);

test("property: no name hides the fields behind it", () => {
  fc.assert(
    fc.property(fc.string({ unit: CODE_POINT, maxLength: 15 }), (name) => {
      expect(parseStat(withName(name))).toMatchObject({ name, parentPid: 9089, session: 28178, threads: 1, cpu: 1 });
    }),
  );
});

test.each([
  ["R", "running"],
  ["S", "sleeping"],
  ["I", "sleeping"],
  ["D", "disk-sleep"],
  ["T", "stopped"],
  ["t", "traced"],
  ["Z", "zombie"],
  ["X", "zombie"],
])("state %s is %s", (letter, state) => {
  expect(parseStat(procFixture("stat").replace(") R", `) ${letter}`)).state).toBe(state);
});

test("a process that is exiting, and no zombie yet", () => {
  const fields = procFixture("stat").split(" ");
  const flags = String(Number(fields[8]) | 0x4); // the name of the fixture has no space
  expect(parseStat(fields.with(8, flags).join(" "))).toMatchObject({ exiting: true, kernel: false, state: "running" });
});

test("a thread of the kernel", () => {
  const line =
    "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 10 0 0 20 0 1 0 4 0 0 18446744073709551615 0 0 0 0 0 0 0 " +
    "2147483647 0 0 0 0 0 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n";
  expect(parseStat(line)).toMatchObject({ name: "kthreadd", kernel: true, parentPid: 0, startTicks: 4n });
});

test.each(["", "9092", "9092 (python3) R 1 2", ")(", "9092 (python3 R 1 1 1 0 0 0 0 0 0"])(
  "%j is no line of stat",
  (text) => {
    expect(() => parseStat(text)).toThrow(ParseError);
  },
);

test.each([
  [0, null],
  [0x8803, "pts/3"],
  [0x8900, "pts/256"],
  [(0x100 << 12) | 0x8805, "pts/261"],
  [0x0401, "tty1"],
  [0x0440, "ttyS0"],
  [0x0501, "console"],
  [0xcc05, "204:5"],
])("the terminal %i is %s", (device, name) => {
  expect(terminalName(device)).toBe(name);
});
