import { expect, test } from "vitest";
import { onlyUserOf } from "../../../src/observe/squashed-root.ts";

test.each([
  ["fuse.sshfs", "rw,user_id=1000,group_id=1000", 1000],
  ["fuse", "rw,user_id=65534,group_id=65534,default_permissions", 65534],
  ["fuseblk", "rw,user_id=1000,group_id=1000,blksize=4096", 1000],
  ["fuse.sshfs", "rw,user_id=1000,group_id=1000,allow_other", null],
  ["fuse.s3fs", "rw,user_id=0,group_id=0", null], // root's own
  ["fusectl", "rw,user_id=1000", null],
  ["nfs4", "rw,vers=4.2,sec=sys", null],
] as const)("%s with %s: the one user that may use it is %s", (type, superOptions, user) => {
  expect(onlyUserOf({ type, superOptions })).toBe(user);
});
