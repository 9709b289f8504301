import { describe, expect, test } from "vitest";
import {
  isHostShare,
  isNetworkType,
  lookUpMayHang,
  mayHang,
  mountOfPath,
  parseMountinfo,
} from "../../../src/proc/mountinfo.ts";
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
    root: "/",
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

/** Lines as these systems have them. */
test.each([
  [
    "WSL 2",
    "84 73 0:54 / /mnt/c rw,noatime - 9p C:\\134 rw,dirsync,aname=drvfs;path=C:\\;uid=1000;gid=1000,trans=fd",
    true,
  ],
  ["WSL 1", "9 2 0:6 / /mnt/c rw,noatime - drvfs C: rw,uid=1000,gid=1000,case=off", true],
  ["WSL 2 with virtiofs", "85 73 0:55 / /mnt/d rw,noatime - virtiofs drvfsaD5 rw", true],
  ["Docker Desktop", "612 580 0:47 /Users/me/app /app rw,relatime - fakeowner /run/host_mark/Users rw,fakeowner", true],
  ["Docker Desktop with virtiofs", "601 580 0:33 / /exports rw,nosuid,nodev,relatime - virtiofs virtiofs3 rw", true],
  [
    "Docker Desktop with gRPC FUSE",
    "9 8 0:98 /Users/me /app rw - fuse.grpcfuse grpcfuse rw,user_id=0,group_id=0",
    true,
  ],
  ["Docker Desktop with osxfs", "9 8 0:44 /Users/me /app rw - fuse.osxfs osxfs rw,user_id=0,allow_other", true],
  ["Lima, Colima", "41 29 0:36 / /Users/me rw,relatime - 9p mount0 rw,access=client,trans=virtio", true],
  ["VMware", "60 29 0:49 / /mnt/hgfs rw,nosuid,nodev - fuse.vmhgfs-fuse vmhgfs-fuse rw,user_id=0,allow_other", true],
  ["VirtualBox", "61 29 0:50 / /vagrant rw,nodev,relatime - vboxsf vagrant rw,iocharset=utf8,uid=1000", true],
  ["Docker for Windows, earlier", "122 102 0:40 /Users/a /data rw,relatime - cifs //10.0.75.1/C rw,vers=1.0", false],
  ["sshfs", "63 29 0:51 / /mnt rw - fuse.sshfs me@host:/srv rw,user_id=1000,group_id=1000", false],
])("%s: others may use it where they cannot be seen", (_, line, host) => {
  const type = one(line)?.type ?? "";
  expect(isNetworkType(type)).toBe(true);
  expect(isHostShare(type)).toBe(host);
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
