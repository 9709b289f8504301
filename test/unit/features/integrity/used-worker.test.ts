import { describe, expect, it } from "vitest";
import { leavesNothing, mayBeOfEarlierJob } from "../../../../src/features/integrity/used-worker.ts";

type Result = Parameters<typeof leavesNothing>[0];

const SOUND: Result = {
  checks: [{ name: "structure", failed: false, unchecked: [], durationMs: 1, way: null }],
  problems: [],
  refusal: null,
  end: { kind: "done" },
};

const check = (of: Partial<Result["checks"][number]>): Pick<Result, "checks"> => ({
  checks: [{ name: "structure", failed: false, unchecked: [], durationMs: 1, way: null, ...of }],
});

const NO_MEMORY = check({ unchecked: [{ code: "no-memory", table: null, limitBytes: 1 }] });
const NO_COLLATION = check({
  unchecked: [{ code: "missing-requirement", table: null, requirement: { type: "collation", name: "mine" } }],
});

const crashed = (signal?: NodeJS.Signals, began?: true): Pick<Result, "end"> => ({
  end: { kind: "crashed", why: "", ...(signal === undefined ? {} : { signal }), ...(began ? { began } : {}) },
});

describe("a worker after a database", () => {
  it.each<[string, Partial<Result>, { again: boolean; repeated: boolean }]>([
    ["sound", {}, { again: true, repeated: false }],
    ["busy", { refusal: { kind: "busy" } }, { again: true, repeated: false }],
    ["a module is missing", NO_COLLATION, { again: true, repeated: false }],
    ["damaged", check({ failed: true }), { again: false, repeated: false }],
    ["memory was refused", NO_MEMORY, { again: false, repeated: true }],
    ["an error of no kind", { refusal: { kind: "failed", message: "" } }, { again: false, repeated: true }],
    ["the time was up", { end: { kind: "timeout" } }, { again: false, repeated: false }],
    ["SIGSEGV", crashed("SIGSEGV", true), { again: false, repeated: true }],
    ["ended by itself", crashed(), { again: false, repeated: true }],
    ["killed by others while it worked", crashed("SIGKILL", true), { again: false, repeated: false }],
    ["killed by others before it had the job", crashed("SIGKILL"), { again: false, repeated: true }],
  ])("%s", (_, of, expected) => {
    const result = { ...SOUND, ...of };
    expect({ again: leavesNothing(result), repeated: mayBeOfEarlierJob(result) }).toEqual(expected);
  });
});
