/** Which holders are meant. Pure. */
import { nameOf } from "../../text/holder.ts";
import type { Candidate } from "./candidates.ts";

export interface Wish {
  readonly pids: readonly number[];
  readonly stale: boolean;
  readonly force: boolean;
  /** A person at a terminal is asked. */
  readonly asked: boolean;
}

export interface Refused {
  readonly pid: number;
  readonly name: string;
  readonly reason: string;
  /** It is no holder at all, and so in nobody's way. */
  readonly gone: boolean;
}

export interface Chosen {
  readonly picked: readonly Candidate[];
  readonly refused: readonly Refused[];
}

/** By --pid, by --stale, or those that block readers or writers. */
export function choose(candidates: readonly Candidate[], wish: Wish): Chosen {
  if (wish.pids.length > 0) {
    const known = [...new Set(wish.pids)].map(
      (pid) => [pid, candidates.find(({ holder }) => holder.pid === pid)] as const,
    );
    return {
      picked: known.flatMap(([, candidate]) => candidate ?? []),
      refused: known.flatMap(([pid, candidate]) =>
        candidate === undefined
          ? [{ pid, name: String(pid), reason: "it does not hold the database", gone: true }]
          : [],
      ),
    };
  }
  return { picked: candidates.filter((each) => (wish.stale ? each.takenByStale : each.takenByYes)), refused: [] };
}

/** Processes that are never signalled, by pid. */
export interface Untouchable {
  /** sqlock itself, its ancestors (the shell it was started from, sudo), and the leader of its session. */
  readonly own: ReadonlySet<number>;
}

/** Those of `picked` that may be signalled, and why the others are not. */
export function guard({ picked, refused }: Chosen, wish: Wish, { own }: Untouchable): Chosen {
  const verdicts = picked.map((candidate) => [candidate, whyNot(candidate, wish, own)] as const);
  return {
    picked: verdicts.flatMap(([candidate, why]) => (why === null ? [candidate] : [])),
    refused: [
      ...refused,
      ...verdicts.flatMap(([{ holder }, reason]) =>
        reason === null ? [] : [{ pid: holder.pid, name: nameOf(holder), reason, gone: false }],
      ),
    ],
  };
}

function whyNot({ holder, danger }: Candidate, { pids, force, asked }: Wish, own: ReadonlySet<number>): string | null {
  if (holder.pid === 1) return "it is pid 1, with which the whole system (or container) would end";
  if (own.has(holder.pid)) return "sqlock was started from it: it would end itself";
  if (holder.startTicks === null)
    return "it is hidden (hidepid): only its own user and root can see that it is still the same process";
  if (danger === null) return null;
  if (danger.code === "lost-file") {
    if (force) return null;
    return `${danger.why}; rescue that first, then name it with --pid ${holder.pid} --force`;
  }
  if (asked || (force && pids.includes(holder.pid))) return null;
  return `${danger.why}; if it has to be: --pid ${holder.pid} --force`;
}
