import { expect, test } from "vitest";
import { hookVariables } from "../../../../src/features/record/hook-variables.ts";
import { WaitHook } from "../../../../src/features/record/wait-hook.ts";
import { waitLine } from "../../../support/record-end.ts";

const open = (waitedMs: number) => waitLine({ outcome: "still", result: null, waitedMs });

test("a wait is told once, when it has become long enough, and not again when it ends", () => {
  const hook = new WaitHook(1000);
  expect(hook.open([open(900)])).toEqual([]);
  expect(hook.open([open(1100)])).toEqual([open(1100)]);
  expect(hook.open([open(1300)])).toEqual([]);
  expect(hook.ended(waitLine({ waitedMs: 1400 }))).toBeNull();
});

test("one that ends between two looks is told when it ends, if it was long enough", () => {
  const hook = new WaitHook(1000);
  expect(hook.ended(waitLine({ waitedMs: 999 }))).toBeNull();
  expect(hook.ended(waitLine({ waitedMs: 1000 }))).toEqual(waitLine({ waitedMs: 1000 }));
});

test("the same thread, later: another wait", () => {
  const hook = new WaitHook(1000);
  hook.open([open(1100)]);
  hook.ended(waitLine());
  expect(hook.open([{ ...open(1100), fromMs: 9000 }])).toHaveLength(1);
});

test("the variables: SQLOCK_PID is who holds the lock, as of watch --alert; what is not known is empty", () => {
  const facts = { path: "/srv/app/db.sqlite3", wait: open(2100.7), waiter: null, blocker: null, atMs: 0 };
  expect(hookVariables(facts, "message")).toMatchObject({
    SQLOCK_PID: "4242",
    SQLOCK_LOCK: "WRITE",
    SQLOCK_HELD_MS: "5800",
    SQLOCK_SQL: "begin immediate",
    SQLOCK_COMMAND: "",
    SQLOCK_WAITER_PID: "4250",
    SQLOCK_WAITED_MS: "2100",
    SQLOCK_OUTCOME: "",
    SQLOCK_AT: "1970-01-01T00:00:00.000Z",
    SQLOCK_MESSAGE: "message",
  });
  const unknown = hookVariables({ ...facts, wait: { ...open(2100), blockers: [] } }, "");
  expect(unknown).toMatchObject({ SQLOCK_PID: "", SQLOCK_LOCK: "", SQLOCK_HELD_MS: "", SQLOCK_SQL: "" });
});
