/** Rules on the file system, rights and limits: each fires, and stays silent right next to it. */
import { describe, expect, test } from "vitest";
import type { Holder } from "../../../src/model/report.ts";
import type { Rights } from "../../../src/model/snapshot.ts";
import { findingOf } from "../../support/diagnosed.ts";
import { database, handle, holder } from "../../support/report.ts";
import { type Look, processSeen, targetFile, WAL } from "../../support/snapshot.ts";

const MIB = 2 ** 20;
const GIB = 2 ** 30;

describe("open-files-exhausted", () => {
  const ID = "open-files-exhausted";
  const many = (n: number) => Array.from({ length: n }, (_, i) => handle(3 + i, "database"));

  test("from 80% of its limit on; an error where there is none left", () => {
    expect(findingOf(ID, { holders: [holder({ openFiles: 820, openFilesLimit: 1024 })] })).toMatchObject({
      severity: "warning",
      pids: [4242],
      summary:
        "4242 (python manage.py shell) has 820 files open of 1,024 allowed: when the limit is reached, a new " +
        "connection gets 'unable to open database file'.",
    });
    expect(findingOf(ID, { holders: [holder({ openFiles: 1024, openFilesLimit: 1024 })] })).toMatchObject({
      severity: "error",
      summary: expect.stringContaining("the next connection gets"),
    });
  });

  test("twenty descriptors on this database", () => {
    const finding = findingOf(ID, { holders: [holder({ handles: [...many(20), handle(90, "wal")] })] });
    expect(finding).toMatchObject({
      severity: "warning",
      summary: expect.stringContaining("has this database open 20 times: likely a leak"),
    });
    expect(finding?.detail).toContain("21 descriptors are on this database's files, 20 on the database itself");
  });

  test("silent: right below either, or unknown", () => {
    expect(
      findingOf(ID, { holders: [holder({ openFiles: 819, openFilesLimit: 1024, handles: many(19) })] }),
    ).toBeUndefined();
    expect(findingOf(ID, { holders: [holder({ openFiles: null, openFilesLimit: null })] })).toBeUndefined();
    expect(findingOf(ID, { holders: [holder({ openFiles: 5000, openFilesLimit: null })] })).toBeUndefined();
  });
});

describe("network-file-system", () => {
  const ID = "network-file-system";
  const on = (type: string, network = true) => ({
    fileSystem: { type, mountPoint: "/mnt/share", network, readOnly: false },
  });

  test("says what the mount does with locks, and that WAL mode cannot work", () => {
    expect(findingOf(ID, on("nfs4"), { target: { mountOptions: ["rw", "vers=4.2", "nolock"] } })).toMatchObject({
      severity: "warning",
      summary: expect.stringContaining("its locks do not reach other machines"),
      detail: expect.stringContaining("Mount options: nolock."),
    });
    const wal = findingOf(ID, { ...on("fuse.sshfs"), journalMode: "wal", holders: [holder()] });
    expect(wal).toMatchObject({
      pids: [4242],
      summary: expect.stringContaining("WAL mode does not work between machines"),
    });
    expect(wal?.detail).toContain("The mount options say nothing about locks.");
  });

  test("silent: a local disk", () => {
    expect(findingOf(ID, on("ext4", false), { target: { mountOptions: ["rw", "nolock"] } })).toBeUndefined();
  });
});

describe("other-namespace", () => {
  const ID = "other-namespace";
  const network = { fileSystem: { type: "nfs4", mountPoint: "/mnt", network: true, readOnly: false } };

  test("in a container, and on a network mount: how to look from the host", () => {
    const container = findingOf(ID, {}, { partialView: true, childNamespace: true });
    expect(container).toMatchObject({
      severity: "info",
      summary: expect.stringContaining("outside this container"),
      remedy: expect.stringContaining("on the host"),
    });
    expect(findingOf(ID, network, { partialView: true })).toMatchObject({
      summary: expect.stringContaining("programs on other machines may also have the database open"),
    });
    const host = { fileSystem: { ...network.fileSystem, type: "9p", host: true as const } };
    expect(findingOf(ID, host, { partialView: true })).toMatchObject({
      summary: expect.stringContaining("programs on the host of this virtual machine may also have the database open"),
      remedy: expect.stringMatching(/^Check on the host too/),
    });
  });

  test("silent: all is seen, or only another database of the call lies on a network mount", () => {
    expect(findingOf(ID, {})).toBeUndefined();
    expect(findingOf(ID, {}, { partialView: true })).toBeUndefined();
  });
});

describe("disk-full", () => {
  const ID = "disk-full";
  const space = (freeBytes: number, totalBytes = 100 * GIB, freeInodes: number | null = 1000, reservedBytes = 0) => ({
    target: { space: { freeBytes, reservedBytes, totalBytes, freeInodes } },
  });
  const wal = {
    journalMode: "wal" as const,
    wal: {
      frames: 3000,
      checkpointedFrames: 440,
      uncommittedFrames: 0,
      checkpointedKnown: true,
      readMarks: [],
      unreadBytes: 0,
      complete: true,
    },
  };

  test("less than the frames that are still to be copied back", () => {
    const finding = findingOf(ID, wal, space(10 * MIB - 1, 100 * MIB));
    expect(finding).toMatchObject({
      severity: "warning",
      detail: expect.stringContaining("The WAL has 2,560 frames (10 MiB) still to be copied back"),
    });
    expect(findingOf(ID, wal, space(10 * MIB, 100 * MIB))).toBeUndefined();
  });

  test("under one hundredth; an error where nothing is left, no warning where it still is much", () => {
    expect(findingOf(ID, {}, space(GIB - 1))).toMatchObject({
      severity: "warning",
      summary: expect.stringContaining("/ has 1023 MiB free of 100 GiB: writes may soon fail"),
    });
    expect(findingOf(ID, {}, space(0))).toMatchObject({
      severity: "error",
      summary: expect.stringContaining("writes that need more space fail with 'database or disk is full'"),
    });
    expect(findingOf(ID, {}, space(11 * GIB, 2000 * GIB))).toMatchObject({ severity: "info" });
    expect(findingOf(ID, {}, space(GIB + GIB / 50))).toBeUndefined();
  });

  test("what only root may use is told, where there is some", () => {
    const detail = (reserved: number) => findingOf(ID, {}, space(0, 100 * GIB, 1000, reserved))?.detail;
    expect(detail(5 * GIB)).toContain("(root has 5 GiB more: programs that run as root continue)");
    expect(detail(0)).not.toContain("root has");
  });

  test("no inode for a -journal", () => {
    expect(findingOf(ID, {}, space(50 * GIB, 100 * GIB, 0))).toMatchObject({
      severity: "error",
      summary: expect.stringContaining("'unable to open database file'"),
    });
    const inUse = findingOf(ID, wal, { ...space(50 * GIB, 100 * GIB, 0), facts: WAL });
    expect(inUse).toMatchObject({ severity: "warning", detail: expect.stringContaining("can continue") });
  });

  test("silent: not known, or mounted read-only", () => {
    expect(findingOf(ID, {}, { target: { space: null } })).toBeUndefined();
    expect(
      findingOf(ID, { fileSystem: { type: "squashfs", mountPoint: "/", network: false, readOnly: true } }, space(0)),
    ).toBeUndefined();
    expect(findingOf(ID, {}, space(50 * GIB, 100 * GIB, null))).toBeUndefined();
  });
});

describe("not-writable", () => {
  const ID = "not-writable";
  const OPEN: Rights = { mode: 0o666, uid: 0, gid: 0 };
  const ROOTS: Rights = { mode: 0o644, uid: 0, gid: 0 };
  const target = (change: {
    database?: Rights;
    wal?: Rights;
    shm?: Rights;
    journal?: Rights;
    folder?: Rights;
  }): Look["target"] => ({
    files: (["database", "wal", "shm", "journal"] as const).flatMap((role) => {
      const rights = change[role] ?? (role === "database" ? OPEN : undefined);
      return rights === undefined ? [] : [targetFile(role, { rights })];
    }),
    folder: change.folder ?? { mode: 0o1777, uid: 0, gid: 0 },
  });
  const opened = (access: "read" | "read-write" | null): Partial<Holder> => ({
    handles: [handle(3, "database", { access })],
  });
  const finding = (
    change: Parameters<typeof target>[0],
    of: Partial<Holder> = opened("read-write"),
    mode: "wal" | "rollback" = "rollback",
    seen: Look = {},
  ) => findingOf(ID, { journalMode: mode, holders: [holder(of)] }, { target: target(change) ?? {}, ...seen });

  test("a folder in which no -journal can be made", () => {
    const found = finding({ folder: { mode: 0o755, uid: 0, gid: 0 } });
    expect(found).toMatchObject({
      severity: "warning",
      pids: [4242],
      detail: expect.stringContaining("/srv has mode 0755, owner 0, group 0"),
    });
    expect(found?.summary).toContain(
      "(user web) cannot write its folder: a write gets 'attempt to write a readonly database' (8, extended 1544)",
    );
  });

  test("a database that it has open to read only may be meant so", () => {
    expect(finding({ database: ROOTS }, opened("read"))).toMatchObject({
      severity: "info",
      detail: expect.stringContaining("If the program only reads, nothing is wrong."),
    });
    expect(finding({ database: ROOTS }, opened("read-write"))).toBeUndefined(); // it has shown that it can
  });

  test("a file system that went read-only: proved is an error, likely is said, and no sign is silent", () => {
    const readOnly = { type: "ext4", mountPoint: "/srv", network: false, readOnly: true };
    const went = (wentReadOnly: "proved" | "likely" | null) =>
      findingOf(ID, { fileSystem: readOnly }, { target: { wentReadOnly } });
    expect(went("proved")).toMatchObject({
      severity: "error",
      summary: expect.stringContaining("/srv has refused all writes since a file system error"),
      detail: expect.stringContaining("emergency_ro"),
      remedy: expect.stringContaining("the disk may be failing"),
    });
    expect(went("likely")).toMatchObject({ severity: "info", detail: expect.stringContaining("likely the kernel") });
    const meant = went(null);
    expect(meant).toMatchObject({ severity: "info", summary: expect.stringContaining("is mounted read-only") });
    expect(meant?.detail).not.toContain("likely");
  });

  test("companion files, each in its journal mode", () => {
    expect(finding({ wal: ROOTS, shm: ROOTS }, opened("read-write"), "wal")?.summary).toContain(
      "cannot write the -wal and the -shm",
    );
    expect(finding({ journal: ROOTS })?.summary).toContain(
      "cannot write the -journal: a write gets 'disk I/O error' (10, extended 778)",
    );
    expect(finding({ journal: ROOTS }, opened("read-write"), "wal")).toBeUndefined();
    expect(finding({ wal: ROOTS, shm: ROOTS })).toBeUndefined();
  });

  test("a companion file that may not even be read keeps a reader out, too", () => {
    const closed: Rights = { mode: 0o600, uid: 0, gid: 0 };
    expect(finding({ wal: closed }, opened("read-write"), "wal")).toMatchObject({
      severity: "warning",
      summary: expect.stringContaining("a read or a write gets 'unable to open database file' (14)"),
    });
    expect(finding({ database: ROOTS, shm: closed }, opened("read"), "wal")).toMatchObject({ severity: "warning" });
    // it has the database open
    expect(finding({ database: { ...closed, mode: 0o600 } }, opened("read"))?.severity).toBe("info");
  });

  test("a folder in WAL mode: as soon as -wal and -shm have to be made", () => {
    expect(finding({ folder: { mode: 0o755, uid: 0, gid: 0 } }, opened("read-write"), "wal")?.summary).toContain(
      "once -wal and -shm are gone, even a read gets",
    );
  });

  test("silent: a -journal that stays need not be made in the folder", () => {
    const folder = { mode: 0o755, uid: 0, gid: 0 };
    expect(finding({ folder, journal: { mode: 0o644, uid: 1000, gid: 0 } })).toBeUndefined();
    expect(finding({ folder, journal: ROOTS })?.summary).toContain("the -journal and its folder");
  });

  test.each<[string, Rights, boolean]>([
    ["its own, and others may not", { mode: 0o600, uid: 1000, gid: 0 }, true],
    ["its own, and only others may", { mode: 0o066, uid: 1000, gid: 1000 }, false],
    ["its group's", { mode: 0o660, uid: 0, gid: 33 }, true],
    ["its group's, and only others may", { mode: 0o606, uid: 0, gid: 33 }, false],
    ["everybody's", { mode: 0o606, uid: 0, gid: 0 }, true],
    ["somebody else's", { mode: 0o664, uid: 0, gid: 0 }, false],
  ])("the bits that count: %s", (_, rights, may) => {
    const processes = [
      processSeen({ credentials: { uid: 1000, realUid: 1000, groups: [1000, 33], overridesRights: false } }),
    ];
    expect(finding({ database: rights }, opened(null), "rollback", { processes }) === undefined).toBe(may);
  });

  test("a folder needs the right to search it too", () => {
    expect(finding({ folder: { mode: 0o706, uid: 0, gid: 0 } })).toBeDefined();
    expect(finding({ folder: { mode: 0o703, uid: 0, gid: 0 } })).toBeUndefined();
  });

  test("processes of one user with the same obstacle are one finding", () => {
    const holders = [holder(opened("read")), holder({ pid: 4300, ...opened("read") })];
    expect(findingOf(ID, { holders }, { target: target({ database: ROOTS }) ?? {} })).toMatchObject({
      pids: [4242, 4300],
      summary: expect.stringContaining("2 processes (4242 and 4300)"),
    });
  });

  test("a read-only mount, also when nobody has the database open", () => {
    const readOnly = {
      fileSystem: { ...database().fileSystem, type: "ext4", mountPoint: "/media", network: false, readOnly: true },
    };
    expect(findingOf(ID, readOnly)).toMatchObject({
      severity: "info",
      pids: [],
      summary: expect.stringContaining("/media is mounted read-only"),
    });
    expect(findingOf(ID, { ...readOnly, journalMode: "wal" })?.summary).toContain(
      "'unable to open database file' (14)",
    );
  });

  test("silent: root, and who cannot be asked", () => {
    const root = [processSeen({ credentials: { uid: 0, realUid: 0, groups: [0], overridesRights: true } })];
    expect(
      finding({ database: { mode: 0o444, uid: 1, gid: 1 } }, opened("read"), "rollback", { processes: root }),
    ).toBeUndefined();
    expect(
      finding({ database: ROOTS }, opened("read"), "rollback", { processes: [processSeen({ credentials: null })] }),
    ).toBeUndefined();
  });
});
