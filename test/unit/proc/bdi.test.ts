import { expect, test } from "vitest";
import { hasUnlistedMounts } from "../../../src/proc/bdi.ts";
import type { Mount } from "../../../src/proc/mountinfo.ts";

const mount = (type: string, device: string): Mount => ({
  id: 1,
  device,
  mountPoint: "/mnt",
  readOnly: false,
  wentReadOnly: null,
  type,
  superOptions: "",
});

test("local disks, and network mounts that are listed, hide nothing", () => {
  expect(hasUnlistedMounts(["253:0", "7:1", "btrfs-1"], [])).toBe(false);
  const mounts = [mount("fuse.sshfs", "0:40"), mount("nfs4", "0:52"), mount("cifs", "0:60"), mount("fuseblk", "8:1")];
  expect(hasUnlistedMounts(["0:40", "0:52", "cifs-1", "8:1-fuseblk"], mounts)).toBe(false);
});

test("a FUSE, NFS or CIFS file system that no list of mounts has any more is noticed", () => {
  expect(hasUnlistedMounts(["0:40"], [])).toBe(true);
  expect(hasUnlistedMounts(["8:1-fuseblk"], [mount("ext4", "8:2")])).toBe(true);
  expect(hasUnlistedMounts(["cifs-1", "cifs-2"], [mount("cifs", "0:60"), mount("cifs", "0:60")])).toBe(true);
});
