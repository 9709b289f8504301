/** Names of users. Source: passwd(5); what is not in the file (LDAP, systemd's dynamic users) is asked of getent(1). */
import { readFileSync } from "node:fs";
import { failure } from "../../../proc/read.ts";

const GETENT_MS = 1000;

/** The name of each uid; null for one that has none. */
export async function userNames(uids: ReadonlySet<number>): Promise<Map<number, string | null>> {
  const local = parsePasswd(readPasswd());
  const names = new Map<number, string | null>();
  for (const uid of uids) names.set(uid, local.get(uid) ?? (await askForUser(uid)));
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

async function askForUser(uid: number): Promise<string | null> {
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  const answer = spawnSync("getent", ["passwd", String(uid)], {
    encoding: "utf8",
    timeout: GETENT_MS,
    stdio: ["ignore", "pipe", "ignore"],
  });
  return answer.status === 0 ? (parsePasswd(answer.stdout).get(uid) ?? null) : null;
}
