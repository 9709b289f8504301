/** Names of users. Source: passwd(5); getent(1) for users not in that file (LDAP, dynamic users of systemd). */
import { readFileSync } from "node:fs";
import { failure } from "../../../proc/read.ts";
import { uptimeMs } from "../../../time.ts";
import { ownSession } from "../../../user/as-user.ts";

/** For all that are asked for together. */
const GETENT_TIMEOUT_MS = 1000;

/** How many uids a child is asked for: a user may have some thousands (user namespaces). */
const UIDS_AT_ONCE = 1000;

/** The name of each uid; null for a uid without a name. */
export function userNames(uids: ReadonlySet<number>): Map<number, string | null> {
  const local = parsePasswd(readPasswd());
  const names = new Map<number, string | null>();
  const others = [...uids].filter((uid) => !local.has(uid));
  for (const uid of uids) names.set(uid, local.get(uid) ?? null);
  const until = uptimeMs() + GETENT_TIMEOUT_MS;
  for (let i = 0; i < others.length && uptimeMs() < until; i += UIDS_AT_ONCE) {
    const asked = others.slice(i, i + UIDS_AT_ONCE);
    const found = namesFromGetent(asked, Math.ceil(until - uptimeMs()));
    for (const uid of asked) names.set(uid, found.get(uid) ?? null);
  }
  return names;
}

export function parsePasswd(text: string): Map<number, string> {
  const names = new Map<number, string>();
  for (const line of text.split("\n")) {
    const [name, , uid] = line.split(":");
    if (name !== undefined && uid !== undefined && /^\d+$/.test(uid) && !names.has(Number(uid)))
      names.set(Number(uid), name);
  }
  return names;
}

function readPasswd(): string {
  try {
    return readFileSync("/etc/passwd", "utf8");
  } catch (error) {
    failure(error);
    return "";
  }
}

/** Those that it knows, also where it does not know others (exit code 2). */
function namesFromGetent(uids: readonly number[], timeout: number): Map<number, string> {
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  const { stdout } = spawnSync("getent", ["passwd", ...uids.map(String)], {
    encoding: "utf8",
    timeout,
    stdio: ["ignore", "pipe", "ignore"],
    ...ownSession(),
  });
  return parsePasswd(stdout ?? ""); // null without a getent(1)
}
