import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { exitedThreads, idleSince, readCpuClocks, readLastRuns } from "../../../../../src/observe/sources/proc/idle.ts";
import { procFixture } from "../../../../support/fixture.ts";
import { tempFolder } from "../../../../support/temp.ts";

describe("idleSince", () => {
  const clocks = new Map([
    [0, 10_000],
    [1, 20_000],
  ]);

  test("each run by the clock of its own CPU; the newest counts", () => {
    expect(idleSince([{ cpu: 0, execStart: 4000 }], clocks)).toBe(6000);
    expect(idleSince([{ cpu: 1, execStart: 4000 }], clocks)).toBe(16_000);
    const both = [
      { cpu: 0, execStart: 4000 },
      { cpu: 1, execStart: 18_000.75 },
    ];
    expect(idleSince(both, clocks)).toBe(1999); // whole milliseconds, never too many
  });

  test("a run that is newer than the reading of the clock is now", () => {
    expect(idleSince([{ cpu: 0, execStart: 10_005 }], clocks)).toBe(0);
  });

  test("unknown with one CPU unknown, or without a thread", () => {
    const runs = [
      { cpu: 0, execStart: 9999 },
      { cpu: 7, execStart: 1 },
    ];
    expect(idleSince(runs, clocks)).toBeNull();
    expect(idleSince([], clocks)).toBeNull();
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** A /proc/PID with these files. */
function processWith(files: Record<string, string>): string {
  const folder = tempFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const stat = (state: string) => procFixture("stat").replace(") R", `) ${state}`);
const sched = (execStart: string | number) => `x (1, #threads: 1)\n---\nse.exec_start : ${execStart}\n`;
const io = (rchar: number) => `rchar: ${rchar}\nwchar: 0\nsyscr: 0\nsyscw: 0\n`;

describe("readLastRuns", () => {
  test("of every thread", () => {
    const sleeping = {
      "task/1/stat": stat("S"),
      "task/1/sched": sched("5.5"),
      "task/2/stat": stat("T"),
      "task/2/sched": sched("7.0"),
    };
    expect(readLastRuns(processWith(sleeping))).toMatchObject([
      { cpu: 1, execStart: 5.5 },
      { cpu: 1, execStart: 7 },
    ]);
  });

  test("one that runs, or was moved to a CPU it has not run on yet, is not idle", () => {
    expect(readLastRuns(processWith({ "task/1/stat": stat("R"), "task/1/sched": sched("5.5") }))).toBe("running");
    expect(readLastRuns(processWith({ "task/1/stat": stat("S"), "task/1/sched": sched("0.000000") }))).toBe("running");
  });

  test("a main thread that has exited does not count; one that exits meanwhile neither", () => {
    const folder = processWith({
      "task/1/stat": stat("Z"),
      "task/1/sched": sched("99.0"),
      "task/2/stat": stat("S"),
      "task/2/sched": sched("5.5"),
    });
    mkdirSync(join(folder, "task/3"));
    expect(readLastRuns(folder)).toMatchObject([{ cpu: 1, execStart: 5.5 }]);
  });

  test("a kernel without sched, or a process without threads: unknown", () => {
    expect(readLastRuns(processWith({ "task/1/stat": stat("S") }))).toBeNull();
    expect(readLastRuns(join(tempFolder(), "gone"))).toBeNull();
  });
});

describe("readCpuClocks", () => {
  const own = (files: Record<string, number | string>) => {
    const at = (cpu: string) => stat("S").trim().split(" ").with(-14, cpu).join(" ");
    return processWith(
      Object.fromEntries(
        Object.entries(files).flatMap(([place, execStart], i) => [
          [`${place}/stat`, at(String(i))],
          [`${place}/sched`, sched(execStart)],
        ]),
      ),
    );
  };

  test("of threads of its own; one that has not run where it is now is no reading", async () => {
    vi.spyOn(process, "uptime").mockReturnValue(0.01);
    const proc = own({ "thread-self": 4000.5, "self/task/2": 7000.5, "self/task/3": "0.000000" });
    expect(await readCpuClocks(proc, new Set([0, 1, 2]))).toEqual(
      new Map([
        [0, 4000.5],
        [1, 7000.5],
      ]),
    );
  });

  test("of this thread alone in a process that is no longer young", async () => {
    vi.spyOn(process, "uptime").mockReturnValue(10);
    const proc = own({ "thread-self": 4000.5, "self/task/2": 7000.5 });
    expect(await readCpuClocks(proc, new Set([0, 1]))).toEqual(new Map([[0, 4000.5]]));
  });
});

describe("exitedThreads", () => {
  const faults = (count: number, children = 0) => {
    const fields = procFixture("stat").trim().split(" ");
    const at = fields.length - 52; // the name may hold spaces: fields are counted from the end
    return fields
      .with(at + 9, String(count))
      .with(at + 10, String(children))
      .join(" ");
  };

  test("excluded where the threads account for all faults, reads and writes of the process", () => {
    const files = {
      stat: faults(7),
      "task/1/stat": faults(3),
      "task/2/stat": faults(4),
      io: io(30),
      "task/1/io": io(10),
      "task/2/io": io(20),
    };
    expect(exitedThreads(processWith(files))).toEqual({ likely: false, excluded: true });
    expect(exitedThreads(processWith({ ...files, stat: faults(8) }))).toEqual({ likely: true, excluded: false });
    expect(exitedThreads(processWith({ ...files, io: io(31) }))).toEqual({ likely: true, excluded: false });
  });

  test(
    "children that were waited for explain reads and writes, but prove nothing; another user's process proves " +
      "nothing",
    () => {
      const files = { stat: faults(7, 90), "task/1/stat": faults(7), io: io(31), "task/1/io": io(10) };
      expect(exitedThreads(processWith(files))).toEqual({ likely: false, excluded: false });
      expect(exitedThreads(processWith({ stat: faults(7), "task/1/stat": faults(7) }))).toEqual({
        likely: false,
        excluded: false,
      });
    },
  );
});
