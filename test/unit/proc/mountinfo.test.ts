import { describe, expect, test } from "vitest";
import { isNetworkType, lookUpMayHang, mayHang, mountOfPath, parseMountinfo } from "../../../src/proc/mountinfo.ts";
import { procFixture } from "../../support/fixture.ts";

const one = (line: string) => parseMountinfo(`${line}\n`).mounts[0];

test("every captured line", () => {
  const text = procFixture("mountinfo");
  const { mounts, problems } = parseMountinfo(text);
  expect(problems).toEqual([]);
  expect(mounts).toHaveLength(text.trim().split("\n").length);
  expect(mounts.find((mount) => mount.mountPoint === "/")).toEqual({
    id: 27,
    device: "254:0",
    mountPoint: "/",
    readOnly: false,
    wentReadOnly: null,
    type: "ext4",
    superOptions: "rw,discard,resv_strict,resuid=65534,resgid=65534",
  });
});

describe("one line", () => {
  test("any number of optional fields", () => {
    expect(one("36 35 98:0 /mnt1 /mnt2 rw,noatime - ext3 /dev/root rw")).toMatchObject({ id: 36, type: "ext3" });
    expect(one("36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw")).toMatchObject({
      mountPoint: "/mnt2",
      type: "ext3",
    });
    expect(
      one("36 35 98:0 /mnt1 /mnt2 rw shared:7 master:1 propagate_from:2 unbindable - btrfs /dev/sda1 rw,subvol=/@"),
    ).toMatchObject({
      type: "btrfs",
      superOptions: "rw,subvol=/@",
    });
  });

  test("space, tab, newline and backslash in a mount point are escaped", () => {
    expect(one("36 35 98:0 / /mnt/my\\040disk rw - ext4 /dev/sdb rw")?.mountPoint).toBe("/mnt/my disk");
    expect(one("36 35 98:0 / /a\\011b\\012c\\134d\\043e rw - ext4 /dev/sdb rw")?.mountPoint).toBe("/a\tb\nc\\d#e");
    expect(one("36 35 98:0 / /käse/\\134040 rw - ext4 /dev/sdb rw")?.mountPoint).toBe("/käse/\\040");
  });

  test("read-only is the mount or the file system", () => {
    expect(one("1 2 8:1 / /a ro,nosuid - ext4 /dev/sda rw")?.readOnly).toBe(true);
    expect(one("1 2 8:1 / /a rw - ext4 /dev/sda ro,errors=remount-ro")?.readOnly).toBe(true);
    expect(one("1 2 8:1 / /a rw,relatime - ext4 /dev/sda rw,errors=remount-ro")?.readOnly).toBe(false);
  });

  test.each([
    ["rw - ext4 /dev/sda rw,errors=remount-ro,emergency_ro", true, "proved"],
    ["rw - ext4 /dev/sda ro,errors=remount-ro", true, "likely"],
    ["rw - xfs /dev/sda ro", true, "likely"],
    ["ro - ext4 /dev/sda ro", true, null],
    ["ro - ext4 /dev/sda rw", true, null],
    ["rw - squashfs /dev/loop0 ro,errors=continue", true, null],
    ["rw - overlay overlay ro,lowerdir=/a:/b", true, null],
    ["rw - overlay overlay ro,lowerdir=/a,upperdir=/b,workdir=/c", true, "likely"],
    ["rw - ext4 /dev/sda rw,errors=remount-ro", false, null],
  ])("whether it went read-only: %s", (rest, readOnly, wentReadOnly) => {
    expect(one(`1 2 8:1 / /a ${rest}`)).toMatchObject({ readOnly, wentReadOnly });
  });

  test("a source that is empty, or a hyphen", () => {
    expect(one("1 2 0:5 / /a rw - tmpfs  rw,size=4k")).toMatchObject({ type: "tmpfs", superOptions: "rw,size=4k" });
    expect(one("1 2 0:5 / /a rw - tmpfs - rw")).toMatchObject({ type: "tmpfs", superOptions: "rw" });
  });
});

test("a line in another form is a problem, and the others stay", () => {
  const { mounts, problems } = parseMountinfo("nonsense\n1 2 8:1 / /a rw - ext4 /dev/sda rw\n1 2 8:1 / /b\n");
  expect(mounts.map((mount) => mount.mountPoint)).toEqual(["/a"]);
  expect(problems).toHaveLength(2);
});

test("network file systems", () => {
  for (const type of ["nfs", "nfs4", "cifs", "smb3", "9p", "ceph", "fuse", "fuse.sshfs", "virtiofs", "gfs2"])
    expect(isNetworkType(type)).toBe(true);
  for (const type of ["ext4", "xfs", "btrfs", "overlay", "tmpfs", "zfs", "fuseblk", "fusectl", "nfsd", "autofs"])
    expect(isNetworkType(type)).toBe(false);
});

test("what may hang", () => {
  expect([mayHang("nfs4"), mayHang("fuseblk"), mayHang("autofs"), mayHang("ext4")]).toEqual([true, true, false, false]);
  expect([lookUpMayHang("autofs"), lookUpMayHang("nfs"), lookUpMayHang("ext4")]).toEqual([true, true, false]);
});

test("mountOfPath is the innermost, and the last of those on one point", () => {
  const { mounts } = parseMountinfo(
    [
      "1 0 8:1 / / rw - ext4 a rw",
      "2 1 8:2 / /srv rw - xfs b rw",
      "3 1 8:3 / /srv/data rw - nfs c rw",
      "4 1 8:4 / /srv rw - btrfs d rw",
    ].join("\n"),
  );
  expect(mountOfPath(mounts, "/srv/data/db")?.type).toBe("nfs");
  expect(mountOfPath(mounts, "/srv/database")?.type).toBe("btrfs");
  expect(mountOfPath(mounts, "/srv")?.type).toBe("btrfs");
  expect(mountOfPath(mounts, "/srvx/db")?.type).toBe("ext4");
  expect(mountOfPath([], "/srv")).toBeNull();
});
