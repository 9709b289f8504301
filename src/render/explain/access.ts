/** What was refused when the files were tried as a user, in sentences. Pure. */
import type { AccessAnswer } from "../../features/explain/access/answer.ts";
import type { TriedUser } from "../../features/explain/access/facts.ts";
import type { Refusal, RefusalWhy } from "../../features/explain/access/refusals.ts";
import type { Viewer } from "../../model/viewer.ts";
import { asRoot } from "../../text/as-root.ts";
import { list } from "../../text/list.ts";
import { fileName } from "../../text/role.ts";
import { shellQuoted } from "../../text/shell.ts";

/** `www-data (33)`. */
export function userName({ name, uid }: Pick<TriedUser, "name" | "uid">): string {
  return name === null ? `user ${uid}` : `${name} (${uid})`;
}

const MESSAGES: Readonly<Record<Refusal["message"], string>> = {
  "readonly-database": "'attempt to write a readonly database'",
  "unable-to-open": "'unable to open database file'",
  "disk-io-error": "'disk I/O error'",
};

const NOT_TRIED = "sqlock cannot act as that user here, or cannot reach the files";

/** `message`: the id of the one that is explained; null: any. */
export function accessSentences(access: AccessAnswer, message: string | null, viewer: Viewer): string[] {
  const { users, refusals, notTried } = access;
  const free = users.filter((user) => !refusals.some((each) => each.user === user));
  return [
    ...[...refusals]
      .sort((a, b) => Number(b.message === message) - Number(a.message === message))
      .map((refusal) => refusalSentence(refusal, viewer)),
    ...(free.length === 0 ? [] : [allowedSentence(free)]),
    ...confinedSentences(access, viewer),
    ...quotaSentences(access),
    ...(notTried.length === 0 ? [] : [`Not tried as ${list(notTried.map(userName))}: ${NOT_TRIED}.`]),
    ...(users.some(({ because }) => because !== "holder" && because !== "owner" && because !== "sudo") ||
    refusals.length > 0
      ? []
      : ["Give the user that the program runs as with --as USER."]),
  ];
}

/** `nobody (65534), who has it open (4711), cannot write the database /srv/app.db (mode 0444, owner 0, group 0): …` */
export function refusalSentence(refusal: Refusal, viewer: Viewer): string {
  const { rights, path } = refusal;
  const mode = (rights?.mode ?? 0).toString(8).padStart(4, "0");
  const owned = rights === null ? "" : ` (mode ${mode}, owner ${rights.uid}, group ${rights.gid})`;
  const code = refusal.code > 255 ? `, extended ${refusal.code}` : "";
  return (
    `${whoText(refusal.user)} cannot ${actText(refusal)} ${path}${owned}${whyText(refusal, viewer)}: ` +
    `${effectText(refusal)} gets ${MESSAGES[refusal.message]} (${refusal.code & 255}${code}).`
  );
}

function whoText(user: TriedUser): string {
  const name = userName(user);
  switch (user.because) {
    case "holder":
      return `${name}, who has it open (${list(user.pids)}),`;
    case "owner":
      return `${name}, the owner,`;
    case "sudo":
      return `${name}, who called sudo,`;
    case "asked":
    case "caller":
    case "onlooker":
      return name;
  }
}

function actText({ act, what }: Refusal): string {
  const file = what === "folder" || what === "path" ? "the folder" : `the ${fileName(what)}`;
  switch (act) {
    case "pass":
      return "pass through the folder";
    case "make-files":
      return "create a file in the folder";
    case "delete":
      return what === "folder" ? "delete files in the folder" : `delete ${file}`;
    case "read":
    case "write":
      return `${act} ${file}`;
  }
}

function effectText({ act, what }: Refusal): string {
  if (act === "pass" || act === "read") return what === "journal" ? "a write, and often a read," : "a read or a write";
  return what === "folder" && act === "make-files" ? "an operation that needs a new -journal, -wal or -shm" : "a write";
}

const SELINUX_LOG = "ausearch -m avc -ts recent";

const APPARMOR_LOG = "journalctl -k -g apparmor";

function whyText({ why, path }: Refusal, viewer: Viewer): string {
  const quoted = shellQuoted(path);
  const chattr = asRoot(`chattr -i -a ${quoted}`, viewer);
  const logs = `${asRoot(SELINUX_LOG, viewer)}, ${asRoot(APPARMOR_LOG, viewer)}`;
  const texts: Readonly<Record<RefusalWhy, string>> = {
    mode: "",
    attribute: `, which is immutable or append-only (lsattr -d ${quoted} shows it, ${chattr} removes it)`,
    mount: ", whose file system is mounted read-only",
    "went-read-only": `, whose file system has refused all writes since an error (see ${asRoot("dmesg", viewer)})`,
    "holders-mount": ", which that process sees on its own read-only mount (a volume with :ro)",
    sticky: ": in a sticky folder only its owner can",
    quota: ", as its quota is used up (quota -vu USER, or repquota -a as root, shows it)",
    "no-inode": ", as no inode is free (df -i shows it)",
    "other-control":
      `, though the mode bits allow it: an access control list (getfacl ${quoted}) or a security module ` +
      `(${logs}) forbids it`,
  };
  return texts[why];
}

function allowedSentence(users: readonly TriedUser[]): string {
  const one = users.length === 1;
  return (
    `${list(users.map(userName))} can read and write the database and its companion files, and create files in its ` +
    `folder: the permissions of ${one ? "that user" : "these users"} refuse nothing. A connection that the program ` +
    "itself made read-only (mode=ro, immutable=1, query_only) cannot be seen from outside."
  );
}

/** sqlock is not confined as the program is: what it may do says nothing of that. */
function confinedSentences({ holders }: AccessAnswer, viewer: Viewer): string[] {
  const confined = holders.filter(({ label }) => label?.confined === true);
  const [first] = confined;
  if (first?.label === null || first === undefined) return [];
  const { module, label } = first.label;
  const tells = asRoot(module === "apparmor" ? APPARMOR_LOG : SELINUX_LOG, viewer);
  return [
    `${list(confined.map(({ pid }) => pid))} ${confined.length === 1 ? "is" : "are"} confined by ` +
      `${module === "apparmor" ? "AppArmor" : "SELinux"} (${label}), whose rules sqlock does not see: ${tells} shows ` +
      "whether they refused it.",
  ];
}

function quotaSentences({ mount, refusals }: AccessAnswer): string[] {
  if (mount?.quota !== true || refusals.some(({ why }) => why === "quota")) return [];
  return [
    `${mount.mountPoint} has quotas: whether one is used up is not known here (quota -vu USER, or repquota -a as ` +
      "root, shows it). A write beyond it gets 'disk I/O error' (10, extended 778).",
  ];
}
