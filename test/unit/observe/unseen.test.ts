import { describe, expect, test } from "vitest";
import {
  deniedReason,
  isInitAlone,
  OTHER_MACHINES,
  OTHER_NAMESPACE,
  OTHER_USERS,
  toUnseen,
} from "../../../src/observe/unseen.ts";

describe("why processes could not be looked into", () => {
  test.each<[string, Parameters<typeof deniedReason>, string, string]>([
    ["an ordinary user", ["user"], "owned by other users", "run with sudo"],
    ["root", ["full"], "protected even from root", "run sqlock on the host, or check its security module"],
    [
      "an ordinary user, one with a lock that may be on this file",
      ["user", [7]],
      "owned by other users, of them 7 with a lock on this file or on one of another subvolume with its inode number",
      "run with sudo",
    ],
    [
      "root, several with such a lock",
      ["full", [7, 8]],
      "protected even from root, of them 7 and 8 with a lock on this file or on one of another subvolume with its " +
        "inode number",
      "run sqlock on the host, or check its security module",
    ],
    [
      "root without CAP_SYS_PTRACE",
      ["limited"],
      "protected from root without all its capabilities (CAP_SYS_PTRACE)",
      "run as root with all capabilities, outside sandboxes and containers",
    ],
    [
      "root of a user namespace",
      ["user-namespace"],
      "outside this user namespace, whose root cannot inspect them",
      "run with sudo, outside this user namespace",
    ],
  ])("%s", (_, args, reason, remedy) => {
    const asRoot = args[0] === "user" ? { asRoot: true } : {};
    expect(deniedReason(...args)).toEqual({ reason, remedy, ...asRoot });
  });
});

test.each<[string, Parameters<typeof isInitAlone>, boolean]>([
  ["init, closed to root with every right", ["full", [1], false], true],
  ["another process", ["full", [7], false], false],
  ["init and another", ["full", [1, 7], false], false],
  ["nobody", ["full", [], false], false],
  ["root without CAP_SYS_PTRACE", ["limited", [1], false], false],
  ["root of a user namespace", ["user-namespace", [1], false], false],
  ["an ordinary user", ["user", [1], false], false],
  ["process 1 of a container, which is any program", ["full", [1], true], false],
])("init alone is out of sight: %s", (_, args, alone) => {
  expect(isInitAlone(...args)).toBe(alone);
});

describe("what goes into the report", () => {
  test("nothing where there is no reason", () => {
    expect(toUnseen([], 3)).toBeNull();
  });

  test("one reason", () => {
    expect(toUnseen([OTHER_USERS], 12)).toEqual({
      processes: 12,
      reasons: ["owned by other users"],
      reason: "owned by other users",
      remedy: "run with sudo",
      asRoot: true,
    });
  });

  test("several reasons; a remedy that helps against two of them is named once", () => {
    const hidden = { reason: "hidden", remedy: "run with sudo" };
    expect(toUnseen([OTHER_USERS, OTHER_NAMESPACE, hidden, OTHER_MACHINES], null)).toEqual({
      processes: null,
      reasons: [
        "owned by other users",
        "outside this container, in other pid namespaces",
        "hidden",
        "on other machines that share this file system",
      ],
      reason:
        "owned by other users; outside this container, in other pid namespaces; hidden; on other machines that share " +
        "this file system",
      remedy: "run with sudo; run sqlock on the host; run sqlock there as well",
      asRoot: true,
    });
  });
});
