import { expect, test } from "vitest";
import type { Actor } from "../../../src/safe-open/actor.ts";
import { hardLinkedCompanion } from "../../../src/safe-open/hard-links.ts";
import type { Method } from "../../../src/safe-open/protocol.ts";
import type { Pin } from "../../../src/worker/pin.ts";

const pin = (suffix: string, links = 1): Pin => ({
  suffix,
  path: `/srv/db${suffix}`,
  device: 1n,
  inode: 2n,
  uid: 1001,
  gid: 1001,
  links,
});
const OWNER: Actor = { kind: "owner", uid: 1001, of: "database", folderUid: null };
const ISOLATED: Actor = { kind: "isolated", why: { kind: "out-of-reach", uid: 1001, path: "/srv" } };
const LINKED = [pin(""), pin("-wal"), pin("-shm", 2)];

test.each<[string, readonly Pin[], Actor, Method, boolean]>([
  ["in place, as the owner", LINKED, OWNER, "in-place", true],
  ["backup, as the owner", LINKED, OWNER, "backup", true],
  ["a copy by the owner of what is the owner's to read", LINKED, OWNER, "private-copy", false],
  ["a copy that root makes", LINKED, ISOLATED, "private-copy", true],
  ["the caller's own rights", LINKED, { kind: "caller" }, "in-place", false],
  ["the database alone has several names", [pin("", 2), pin("-wal")], OWNER, "in-place", false],
  ["no companion file", [pin("")], OWNER, "in-place", false],
])("%s", (_, pins, actor, method, refused) => {
  expect(hardLinkedCompanion(pins, actor, method)).toEqual(
    refused ? { kind: "hard-linked", path: "/srv/db-shm", links: 2 } : null,
  );
});
