import { expect, test } from "vitest";
import type { LsofProcess } from "../../../../../src/lsof/fields.ts";
import { deniedProcesses, unseenByLsof } from "../../../../../src/observe/sources/lsof/unseen.ts";

const SEEN = { denied: [], root: true, childNamespace: false, network: false };

function process(change: Partial<LsofProcess>): LsofProcess {
  return { pid: 7, parentPid: 1, uid: 1000, user: "web", command: "python3", files: [], denied: true, ...change };
}

test("root sees all", () => {
  expect(unseenByLsof(SEEN)).toBeNull();
});

test("an ordinary user sees only his own: how many others there are is known only where lsof names them", () => {
  const reason = { reason: "owned by other users", remedy: "run with sudo" };
  expect(unseenByLsof({ ...SEEN, root: false })).toEqual({ processes: null, ...reason });
  expect(unseenByLsof({ ...SEEN, root: false, denied: [7, 8] })).toEqual({ processes: 2, ...reason });
});

test("what is closed even to root, outside a container, on other machines", () => {
  expect(unseenByLsof({ ...SEEN, denied: [7] })).toMatchObject({ processes: 1, reason: "closed even to root" });
  expect(unseenByLsof({ ...SEEN, denied: [7], childNamespace: true, network: true })).toEqual({
    processes: null,
    reason:
      "closed even to root; outside this pid namespace (a container); on other machines that share this file system",
    remedy: "look from the host, or check its security module; run sqlock on the host; run sqlock there as well",
  });
});

test("the kernel's threads have no files that could be denied", () => {
  const threads = [
    process({ pid: 2, parentPid: 0, uid: 0, command: "kthreadd" }),
    process({ pid: 30, parentPid: 2, uid: 0 }),
  ];
  expect(
    deniedProcesses([...threads, process({}), process({ pid: 8, denied: false }), process({ pid: 9, parentPid: 2 })]),
  ).toEqual([7, 9]);
});
