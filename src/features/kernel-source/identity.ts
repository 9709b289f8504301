/** Who a process is, read when it is first seen: it may end at any time. */
import { basename } from "node:path";
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

/** A process that was started by this one. */
interface Started {
  readonly pid: number;
  readonly startTicks: bigint | null;
  readonly commandLine: readonly [string, ...string[]];
}

/** Of a process's name, in characters. Source: TASK_COMM_LEN, proc_pid_comm(5) */
const MAX_NAME = 15;

export class Identities {
  #started: Started | null = null;
  #namesMs = 0;
  /** Each is asked for once: a name that is not in passwd(5) takes a child. */
  readonly #users = new Map<number, string | null>();

  /** Just now, as a child of this process: it may have ended before it is asked for. */
  started(pid: number, commandLine: readonly [string, ...string[]]): void {
    this.#started = { pid, startTicks: valueOr(readStat(`/proc/${pid}`), null)?.startTicks ?? null, commandLine };
  }

  /** What is left of one that has ended is null, but for what is known of it as the one that was started. */
  of(pid: number): ProcessIdentity {
    const directory = `/proc/${pid}`;
    const stat = valueOr(readStat(directory), null);
    const uid = valueOr(readCredentials(directory), null)?.uid ?? null;
    const { unit, unitManager, unitUid, container } = valueOr(readCgroup(directory), NO_CGROUP);
    const commandLine = stat === null ? null : valueOr(readCommandLine(directory), null);
    const hasNone = commandLine === null || commandLine.length === 0;
    const started = hasNone ? this.#startedAs(pid, stat?.startTicks ?? null) : null;
    return {
      pid,
      startTicks: stat?.startTicks ?? started?.startTicks ?? null,
      name: stat?.name ?? (started === null ? null : basename(started.commandLine[0]).slice(0, MAX_NAME)),
      commandLine: started?.commandLine ?? commandLine,
      user: uid === null ? null : this.#userName(uid),
      uid,
      unit,
      unitManager,
      unitUid,
      container,
    };
  }

  /** `startTicks` null: it has ended. */
  #startedAs(pid: number, startTicks: bigint | null): Started | null {
    const started = this.#started;
    if (started === null || started.pid !== pid) return null;
    return startTicks === null || startTicks === started.startTicks ? started : null;
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
