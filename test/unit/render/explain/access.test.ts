import { describe, expect, test } from "vitest";
import type { AccessAnswer } from "../../../../src/features/explain/access/answer.ts";
import type { TriedUser } from "../../../../src/features/explain/access/facts.ts";
import type { Refusal } from "../../../../src/features/explain/access/refusals.ts";
import { accessSentences, refusalSentence } from "../../../../src/render/explain/access.ts";

const WEB: TriedUser = { uid: 33, name: "www-data", because: "holder", pids: [7, 8] };
const NUMBER: TriedUser = { uid: 1234, name: null, because: "asked", pids: [] };

const refusal = (change: Partial<Refusal> = {}): Refusal => ({
  user: WEB,
  what: "database",
  path: "/srv/app.db",
  act: "write",
  rights: { mode: 0o444, uid: 0, gid: 5 },
  why: "mode",
  message: "readonly-database",
  code: 8,
  ...change,
});
const answer = (change: Partial<AccessAnswer> = {}): AccessAnswer => ({
  users: [NUMBER],
  notTried: [],
  refusals: [],
  mount: { mountPoint: "/srv", readOnly: false, wentReadOnly: null, quota: false },
  holders: [],
  ...change,
});
const HOLDER = { pid: 7, uid: 33, onlyReads: false, writes: [], readOnlyMount: false, label: null } as const;

const ROOT = { uid: 0 };

test.each<[Partial<Refusal>, string]>([
  [
    {},
    "www-data (33), who has it open (7 and 8), cannot write the database /srv/app.db (mode 0444, owner 0, " +
      "group 5): a write gets 'attempt to write a readonly database' (8).",
  ],
  [
    { user: NUMBER, what: "path", act: "pass", path: "/srv", message: "unable-to-open", code: 14, rights: null },
    "user 1234 cannot pass through the folder /srv: a read or a write gets 'unable to open database file' (14).",
  ],
  [
    { user: { ...WEB, because: "owner" }, what: "folder", act: "make-files", path: "/srv", rights: null, code: 1544 },
    "www-data (33), the owner, cannot create a file in the folder /srv: an operation that needs a new " +
      "-journal, -wal or -shm gets 'attempt to write a readonly database' (8, extended 1544).",
  ],
  [
    {
      user: { ...WEB, because: "sudo" },
      what: "journal",
      act: "delete",
      path: "/tmp/a b-journal",
      rights: null,
      why: "sticky",
      message: "disk-io-error",
      code: 2570,
    },
    "www-data (33), who called sudo, cannot delete the -journal /tmp/a b-journal: in a sticky folder only its " +
      "owner can: a write gets 'disk I/O error' (10, extended 2570).",
  ],
])("%j", (change, expected) => {
  expect(refusalSentence(refusal(change), ROOT)).toBe(expected);
});

test.each<[Refusal["why"], RegExp]>([
  [
    "attribute",
    /immutable or append-only \(lsattr -d \/srv\/app\.db shows it, chattr -i -a \/srv\/app\.db removes it\)/,
  ],
  ["mount", /whose file system is mounted read-only/],
  ["went-read-only", /has refused all writes since an error \(see dmesg\)/],
  ["holders-mount", /that process sees on its own read-only mount/],
  ["quota", /its quota is used up \(quota -vu USER, or repquota -a as root, shows it\)/],
  ["no-inode", /no inode is free \(df -i shows it\)/],
  ["other-control", /an access control list \(getfacl \/srv\/app\.db\) or a security module \(ausearch/],
])("why: %s", (why, expected) => {
  expect(refusalSentence(refusal({ why }), ROOT)).toMatch(expected);
});

test("an ordinary user gets what only root can do with sudo", () => {
  const sentence = (why: Refusal["why"]) => refusalSentence(refusal({ why }), { uid: 1000 });
  expect(sentence("attribute")).toContain("(lsattr -d /srv/app.db shows it, sudo chattr -i -a /srv/app.db removes it)");
  expect(sentence("other-control")).toContain("(sudo ausearch -m avc -ts recent, sudo journalctl -k -g apparmor)");
});

describe("beside the refusals", () => {
  test("who is allowed all of it, and what cannot be seen", () => {
    const [sentence, ...more] = accessSentences(answer(), null, ROOT);
    expect(sentence).toMatch(
      /^user 1234 can read and write the database .*query_only\) cannot be seen from outside\.$/,
    );
    expect(more).toEqual([]);
  });

  test("the refusal of the message comes first", () => {
    const all = [refusal({ message: "unable-to-open", code: 14 }), refusal()];
    const sentences = accessSentences(answer({ users: [WEB], refusals: all }), "readonly-database", ROOT);
    expect(sentences.map((each) => /'[^']+'/.exec(each)?.[0])).toEqual([
      "'attempt to write a readonly database'",
      "'unable to open database file'",
    ]);
  });

  test("nobody was asked for: how to try as another user; silent where one was", () => {
    const asWell = /^Give the user that the program runs as/;
    expect(accessSentences(answer({ users: [WEB] }), null, ROOT).at(-1)).toMatch(asWell);
    expect(accessSentences(answer(), null, ROOT).at(-1)).not.toMatch(asWell);
  });

  test("a security module, quotas, and whom only root can try", () => {
    const label = { module: "selinux", label: "u:r:httpd_t:s0", confined: true } as const;
    expect(accessSentences(answer({ holders: [{ ...HOLDER, label }] }), null, ROOT)[1]).toBe(
      "7 is confined by SELinux (u:r:httpd_t:s0), whose rules sqlock does not see: ausearch -m avc -ts recent " +
        "shows whether they refused it.",
    );
    expect(
      accessSentences(answer({ holders: [{ ...HOLDER, label: { ...label, confined: false } }] }), null, ROOT),
    ).toHaveLength(1);
    const mount = { mountPoint: "/srv", readOnly: false, wentReadOnly: null, quota: true } as const;
    expect(accessSentences(answer({ mount }), null, ROOT)[1]).toMatch(
      /^\/srv has quotas: whether one is used up is not known/,
    );
    expect(accessSentences(answer({ users: [], notTried: [WEB] }), null, ROOT)).toEqual([
      "Not tried as www-data (33): sqlock cannot act as that user here, or cannot reach the files.",
      "Give the user that the program runs as with --as USER.",
    ]);
  });
});
