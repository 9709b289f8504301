import { expect, test } from "vitest";
import { diagnose } from "../../../src/findings/diagnose.ts";
import { relate } from "../../../src/model/relate.ts";
import type { Rights } from "../../../src/model/snapshot.ts";
import { look, targetFile } from "../../support/snapshot.ts";

const OWNER: Rights = { mode: 0o644, uid: 1000, gid: 1000 };

function findingOf(
  wal: Partial<Rights>,
  change: { owner?: Rights; network?: boolean; role?: "wal" | "journal"; userNamespace?: boolean; links?: number } = {},
) {
  const files = [
    targetFile("database", { rights: change.owner ?? OWNER }),
    targetFile(change.role ?? "wal", { rights: { ...OWNER, ...wal }, links: change.links ?? 1 }),
  ];
  const fileSystem = { type: "ext4", mountPoint: "/", network: change.network === true, readOnly: false };
  const [seen, snapshot] = look({ target: { files, fileSystem } });
  const database = relate(seen, snapshot, 10_000);
  return diagnose({
    database,
    seen,
    snapshot: { ...snapshot, userNamespace: change.userNamespace === true },
    staleAfterMs: 10_000,
  }).find(({ id }) => id === "foreign-companion");
}

test("root's leftovers: whom they stop, with which error, and that they are given away, not deleted", () => {
  const finding = findingOf({ uid: 0, gid: 0 });
  expect(finding).toMatchObject({ severity: "warning", pids: [] });
  expect(finding?.summary).toContain("-wal belongs to root, and the owner of the database (uid 1000) cannot write it");
  expect(finding?.summary).not.toContain("unable to open");
  expect(finding?.remedy).toContain("\n  chown -h --reference=/srv/db /srv/db-wal\n");
  expect(findingOf({ uid: 0, gid: 0, mode: 0o600 })?.summary).toContain("'unable to open database file' (14)");
  expect(findingOf({ uid: 0, gid: 0 }, { role: "journal" })?.summary).toContain("'disk I/O error' (10)");
});

test("a user namespace: who is not in it shows as 65534", () => {
  const inNamespace = { userNamespace: true };
  const finding = findingOf({ uid: 65534, gid: 65534 }, inNamespace);
  expect(finding?.detail).toContain("65534 stands for every user outside it");
  expect(finding?.remedy).toContain("do it on the host");
  // its root has no rights on such a file; elsewhere root has
  const ofRoot = { owner: { mode: 0o644, uid: 0, gid: 0 } };
  expect(findingOf({ uid: 65534, gid: 65534 }, { ...ofRoot, ...inNamespace })).toBeDefined();
  expect(findingOf({ uid: 65534, gid: 65534 }, ofRoot)).toBeUndefined();
});

test.each([
  ["the owner's own", findingOf({})],
  ["a common group that may write", findingOf({ uid: 1001, mode: 0o664 })],
  ["everybody may write", findingOf({ uid: 0, gid: 0, mode: 0o666 })],
  ["a database of root's", findingOf({ uid: 1000 }, { owner: { mode: 0o666, uid: 0, gid: 0 } })],
  ["a network file system", findingOf({ uid: 0, gid: 0 }, { network: true })],
])("silent: %s", (_, finding) => {
  expect(finding).toBeUndefined();
});

test("one with several names is given to nobody: it may be another file that was linked here", () => {
  const remedy = findingOf({ mode: 0o600, uid: 0, gid: 0 }, { links: 2 })?.remedy;
  expect(remedy).toContain("ls -li /srv/db-wal");
  expect(remedy).not.toContain("chown");
});
