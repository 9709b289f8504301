import { expect, test } from "vitest";
import type { LsofProcess } from "../../../../../src/lsof/fields.ts";
import {
  deniedProcesses,
  type LsofVisibilityGaps,
  unseenByLsof,
} from "../../../../../src/observe/sources/lsof/unseen.ts";

const NO_GAPS: LsofVisibilityGaps = { denied: [], sight: "full", childNamespace: false, network: false };

test("root without gaps: nothing is out of sight", () => {
  expect(unseenByLsof(NO_GAPS)).toBeNull();
});

test.each<[string, Partial<LsofVisibilityGaps>, number | null, string[]]>([
  ["an ordinary user, whose lsof lists no others", { sight: "user" }, null, ["owned by other users"]],
  ["an ordinary user, whose lsof lists two others", { sight: "user", denied: [7, 8] }, 2, ["owned by other users"]],
  ["root, and a security module", { denied: [7] }, 1, ["protected even from root"]],
  ["a container", { childNamespace: true }, null, ["outside this container, in other pid namespaces"]],
  ["a network file system", { network: true }, null, ["on other machines that share this file system"]],
  [
    "all of them: their number is not known",
    { denied: [7], childNamespace: true, network: true },
    null,
    [
      "protected even from root",
      "outside this container, in other pid namespaces",
      "on other machines that share this file system",
    ],
  ],
])("%s", (_, gaps, processes, reasons) => {
  expect(unseenByLsof({ ...NO_GAPS, ...gaps })).toMatchObject({ processes, reasons, reason: reasons.join("; ") });
});

function process(change: Partial<LsofProcess>): LsofProcess {
  return { pid: 7, parentPid: 1, uid: 1000, user: "web", command: "python3", files: [], denied: true, ...change };
}

test("the kernel's threads have no files that could be denied", () => {
  const threads = [
    process({ pid: 2, parentPid: 0, uid: 0, command: "kthreadd" }),
    process({ pid: 30, parentPid: 2, uid: 0 }),
  ];
  expect(
    deniedProcesses([...threads, process({}), process({ pid: 8, denied: false }), process({ pid: 9, parentPid: 2 })]),
  ).toEqual([7, 9]);
});
