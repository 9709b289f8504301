import { describe, expect, test } from "vitest";
import { hidesProcesses, unseenInProc, type VisibilityGaps } from "../../../../../src/observe/sources/proc/unseen.ts";
import type { Mount } from "../../../../../src/proc/mountinfo.ts";

const NO_GAPS: VisibilityGaps = {
  sight: "full",
  denied: [],
  onDeadMounts: [],
  deniedWithAmbiguousLock: [],
  hasAmbiguousLocks: false,
  searched: "everything",
  threadsNotSearched: false,
  noLocksFile: false,
  locksReadInPart: false,
  hidesProcesses: false,
  childNamespace: false,
  network: false,
  host: false,
  unreachedView: false,
  unreadMounts: false,
};

describe("unseenInProc", () => {
  test("no gaps: nothing is out of sight", () => {
    expect(unseenInProc(NO_GAPS)).toBeNull();
  });

  test.each<[string, Partial<VisibilityGaps>, number | null, string[], string]>([
    ["other users", { sight: "user", denied: [7, 8] }, 2, ["owned by other users"], "run with sudo"],
    [
      "denied to root",
      { denied: [7] },
      1,
      ["protected even from root"],
      "run sqlock on the host, or check its security module",
    ],
    [
      "one of them with a lock on the inode number",
      { sight: "user", denied: [7, 8], deniedWithAmbiguousLock: [8] },
      2,
      ["owned by other users, of them 8 with a lock on this file or on one of another subvolume with its inode number"],
      "run with sudo",
    ],
    ["a dead mount", { onDeadMounts: [9] }, 1, ["with files on a mount that may be dead"], "repair or unmount it"],
    [
      "a process that is denied and on a dead mount counts once",
      { sight: "user", denied: [7, 9], onDeadMounts: [9] },
      2,
      ["owned by other users", "with files on a mount that may be dead"],
      "run with sudo; repair or unmount it",
    ],
    [
      "hidepid: their number is not known, and a remedy stands once",
      { sight: "user", denied: [7], hidesProcesses: true },
      null,
      ["owned by other users", "hidden by the hidepid option of /proc"],
      "run with sudo",
    ],
    [
      "a container",
      { childNamespace: true },
      null,
      ["outside this container, in other pid namespaces"],
      "run sqlock on the host",
    ],
    [
      "a network file system",
      { network: true },
      null,
      ["on other machines that share this file system"],
      "run sqlock there as well",
    ],
    [
      "--locks-only on btrfs",
      { hasAmbiguousLocks: true, searched: "lock-owners" },
      null,
      ["with locks on this inode number, which files of several subvolumes or layers may have"],
      "run without --locks-only",
    ],
    [
      "the same, where no descriptor shows them",
      { hasAmbiguousLocks: true },
      null,
      ["with locks on this inode number, which files of several subvolumes or layers may have"],
      "run it again",
    ],
    [
      "threads that were not read in time",
      { threadsNotSearched: true },
      null,
      ["in threads with their own descriptors (there was no time to read those of all threads)"],
      "run it again",
    ],
    [
      "no /proc/locks",
      { noLocksFile: true },
      null,
      ["that wait for locks, or hold locks but cannot be read (/proc/locks cannot be read)"],
      "run sqlock on the host",
    ],
    [
      "a /proc/locks that takes too long",
      { locksReadInPart: true },
      null,
      ["with locks that were not read in time (/proc/locks was read in part)"],
      "run it again, and check whether one program has very many locks (head -n 1000 /proc/locks)",
    ],
  ])("%s", (_, gaps, processes, reasons, remedy) => {
    const asRoot = remedy.split("; ").includes("run with sudo") ? { asRoot: true } : {};
    const reason = reasons.join("; ");
    expect(unseenInProc({ ...NO_GAPS, ...gaps })).toEqual({ processes, reasons, reason, remedy, ...asRoot });
  });
});

test.each<[string, Partial<VisibilityGaps>, true | undefined]>([
  ["init alone", { denied: [1] }, true],
  ["another", { denied: [7] }, undefined],
  ["init, with a lock on the inode number", { denied: [1], deniedWithAmbiguousLock: [1] }, undefined],
  ["init, and a dead mount", { denied: [1], onDeadMounts: [9] }, undefined],
  ["init, and no /proc/locks", { denied: [1], noLocksFile: true }, undefined],
  ["init, and root without CAP_SYS_PTRACE", { denied: [1], sight: "limited" }, undefined],
])("what is closed is excused where it is %s", (_, gaps, alone) => {
  expect(unseenInProc({ ...NO_GAPS, ...gaps })?.initAlone).toBe(alone);
});

describe("hidesProcesses", () => {
  const mounts = (superOptions: string): Mount[] => [
    {
      id: 1,
      device: "0:5",
      root: "/",
      mountPoint: "/proc",
      readOnly: false,
      wentReadOnly: null,
      type: "proc",
      superOptions,
    },
  ];

  test.each<[string, boolean]>([
    ["rw", false],
    ["rw,hidepid=0", false],
    ["rw,hidepid=off", false],
    ["rw,hidepid=1", true],
    ["rw,hidepid=2,gid=4", true],
    ["rw,hidepid=4", true],
    ["rw,hidepid=noaccess", true],
    ["hidepid=invisible", true],
    ["rw,hidepid=ptraceable,subset=pid", true],
    ["rw,nothidepid=2", false],
  ])("%s: %s", (options, hidden) => {
    expect(hidesProcesses(mounts(options), "/proc", "user")).toBe(hidden);
    expect(hidesProcesses(mounts(options), "/proc", "full")).toBe(false);
    expect(hidesProcesses(mounts(options), "/proc", "limited")).toBe(hidden);
  });

  test("the topmost mount on /proc counts", () => {
    expect(hidesProcesses([...mounts("hidepid=2"), ...mounts("rw")], "/proc", "user")).toBe(false);
    expect(hidesProcesses(mounts("hidepid=2"), "/elsewhere", "user")).toBe(false);
  });
});
