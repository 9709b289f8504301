import { describe, expect, test } from "vitest";
import { deniedReason, OTHER_MACHINES, OTHER_NAMESPACE, OTHER_USERS, toUnseen } from "../../../src/observe/unseen.ts";

describe("why processes could not be looked into", () => {
  test.each<[string, Parameters<typeof deniedReason>, string, string]>([
    ["an ordinary user", [false], "owned by other users", "run with sudo"],
    ["root", [true], "closed even to root", "look from the host, or check its security module"],
    [
      "an ordinary user, one with a lock that may be on this file",
      [false, [7]],
      "owned by other users, of them 7 with a lock on this file or on one of another subvolume with its inode number",
      "run with sudo",
    ],
    [
      "root, several with such a lock",
      [true, [7, 8]],
      "closed even to root, of them 7 and 8 with a lock on this file or on one of another subvolume with its inode " +
        "number",
      "look from the host, or check its security module",
    ],
  ])("%s", (_, args, reason, remedy) => {
    expect(deniedReason(...args)).toEqual({ reason, remedy });
  });
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
    });
  });

  test("several reasons; a remedy that helps against two of them is named once", () => {
    const hidden = { reason: "hidden", remedy: "run with sudo" };
    expect(toUnseen([OTHER_USERS, OTHER_NAMESPACE, hidden, OTHER_MACHINES], null)).toEqual({
      processes: null,
      reasons: [
        "owned by other users",
        "outside this pid namespace (a container)",
        "hidden",
        "on other machines that share this file system",
      ],
      reason:
        "owned by other users; outside this pid namespace (a container); hidden; on other machines that share this " +
        "file system",
      remedy: "run with sudo; run sqlock on the host; run sqlock there as well",
    });
  });
});
