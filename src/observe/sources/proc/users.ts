/** Names of users. Source: passwd(5); getent(1) for users not in that file (LDAP, dynamic users of systemd). */
import { readFileSync } from "node:fs";
import { failure } from "../../../proc/read.ts";
import { ownSession } from "../../../user/as-user.ts";

const GETENT_TIMEOUT_MS = 1000;

/** The name of each uid; null for a uid without a name. */
export async function userNames(uids: ReadonlySet<number>): Promise<Map<number, string | null>> {
  const local = parsePasswd(readPasswd());
  const names = new Map<number, string | null>();
  for (const uid of uids) names.set(uid, local.get(uid) ?? (await userNameFromGetent(uid)));
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

async function userNameFromGetent(uid: number): Promise<string | null> {
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  const result = spawnSync("getent", ["passwd", String(uid)], {
    encoding: "utf8",
    timeout: GETENT_TIMEOUT_MS,
    stdio: ["ignore", "pipe", "ignore"],
    ...ownSession(),
  });
  return result.status === 0 ? (parsePasswd(result.stdout).get(uid) ?? null) : null;
}
