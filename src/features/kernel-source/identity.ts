/** Who a process is, read when it is first seen: it may end at any time. */
import { userNames } from "../../observe/sources/proc/users.ts";
import { NO_CGROUP, readCgroup } from "../../proc/cgroup.ts";
import { readCommandLine } from "../../proc/cmdline.ts";
import { valueOr } from "../../proc/read.ts";
import { readStat } from "../../proc/stat.ts";
import { readCredentials } from "../../proc/status.ts";
import type { ProcessIdentity } from "../../recording/source-event.ts";
import { uptimeMs } from "../../time.ts";

/** For all names of users that are not in passwd(5): a user namespace has 65,536 of them. */
const MAX_NAMES_MS = 3000;

export class Identities {
  #namesMs = 0;
  /** Each is asked for once: a name that is not in passwd(5) takes a child. */
  readonly #users = new Map<number, string | null>();

  /** What is left of one that has ended is null. */
  of(pid: number): ProcessIdentity {
    const directory = `/proc/${pid}`;
    const stat = valueOr(readStat(directory), null);
    const uid = valueOr(readCredentials(directory), null)?.uid ?? null;
    const { unit, container } = valueOr(readCgroup(directory), NO_CGROUP);
    return {
      pid,
      startTicks: stat?.startTicks ?? null,
      name: stat?.name ?? null,
      commandLine: stat === null ? null : valueOr(readCommandLine(directory), null),
      user: uid === null ? null : this.#userName(uid),
      uid,
      unit,
      container,
    };
  }

  #userName(uid: number): string | null {
    const known = this.#users.get(uid);
    if (known !== undefined) return known;
    if (this.#namesMs > MAX_NAMES_MS) return null;
    const beganMs = uptimeMs();
    const name = userNames(new Set([uid])).get(uid) ?? null;
    this.#namesMs += uptimeMs() - beganMs;
    this.#users.set(uid, name);
    return name;
  }
}
