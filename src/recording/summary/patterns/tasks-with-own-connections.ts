/**
 * Tasks of one event loop, each with a connection of its own, in each other's way. SQLite waits inside of the call: no
 * other task runs meanwhile, also not the one that has the lock and would commit. One refusal or 100 ms of waiting is
 * enough; where none is known, three transactions that were open to write at the same time as one of another task.
 */
import type { BlockerFact, CallSite, RefusalLine, TransactionLine, WaitLine } from "../../lines.ts";
import { isRequest } from "../../program/request.ts";
import type { TasksWithOwnConnections } from "../pattern.ts";
import { ByPath, Evidence, type PatternRule } from "../rule.ts";
import { known, Sites } from "../sites.ts";

const NOTICED_MS = 100;
const OVERLAPS = 3;
const MOST_TASKS = 1_000;
const MOST_PIDS = 500;
/** Of one process: the last ones. */
const MOST_SPANS = 64;

interface Span {
  readonly task: string;
  readonly connectionId: number;
  readonly fromMs: number;
  readonly toMs: number;
}

interface OfProcess {
  readonly tasks: Set<string>;
  readonly connections: Set<number>;
  readonly spans: Span[];
}

interface Met {
  readonly refused: Evidence;
  readonly waits: Evidence;
  readonly overlaps: Evidence;
  readonly sites: Sites;
  /** Of the transactions that were in the way. */
  readonly heldAt: Sites;
  readonly byPid: Map<number, OfProcess>;
  proved: boolean;
}

export class TasksWithOwnConnectionsRule implements PatternRule {
  readonly #byPath = new ByPath(
    (): Met => ({
      ...{ refused: new Evidence(), waits: new Evidence(), overlaps: new Evidence(), sites: new Sites() },
      heldAt: new Sites(),
      ...{ byPid: new Map(), proved: false },
    }),
  );

  wait({ withinProcess, blockers, callSite, path, pid, sql, waitedMs, connectionId }: WaitLine): void {
    if (!isOfTask(callSite)) return;
    const own = blockers.find((each) => each.pid === pid);
    if (withinProcess !== true && own === undefined) return;
    const met = this.#byPath.of(path);
    note(met, pid, callSite.task, connectionId);
    noteHolder(met, pid, own);
    met.waits.add(pid, sql, waitedMs);
    met.sites.add(callSite, waitedMs);
  }

  refusal({ why, sure, blockers = [], callSite, path, pid, sql, callMs, connectionId }: RefusalLine): void {
    if (!isOfTask(callSite)) return;
    const isOwn = why === "same-process" || blockers[0]?.pid === pid;
    if (!isOwn) return;
    const met = this.#byPath.of(path);
    note(met, pid, callSite.task, connectionId);
    noteHolder(met, pid, blockers[0]);
    met.refused.add(pid, sql, callMs);
    met.proved ||= sure === "proved";
    met.sites.add(callSite, callMs + 1);
  }

  transaction({ program, callSite, path, pid, writeFromMs, toMs, statements }: TransactionLine): void {
    if (program === undefined || !isOfTask(callSite)) return;
    const { connectionId } = program;
    const met = this.#byPath.of(path);
    const { task } = callSite;
    const process = note(met, pid, task, connectionId);
    if (process === null) return;
    if (writeFromMs === null || toMs === null) return;
    const isMet = process.spans.some(
      (each) =>
        each.task !== task && each.connectionId !== connectionId && each.toMs > writeFromMs && each.fromMs < toMs,
    );
    if (isMet) {
      met.overlaps.add(pid, statements[0]?.sql ?? null, toMs - writeFromMs);
      met.sites.add(callSite);
    }
    process.spans.push({ task, connectionId, fromMs: writeFromMs, toMs });
    if (process.spans.length > MOST_SPANS) process.spans.shift();
  }

  found(): TasksWithOwnConnections[] {
    return [...this.#byPath].flatMap(([path, { refused, waits, overlaps, sites, heldAt, byPid, proved }]) => {
      const isHurt = refused.times > 0 || waits.totalMs >= NOTICED_MS;
      if (!isHurt && overlaps.times < OVERLAPS) return [];
      const { pids, sql } = refused.times > 0 ? refused : waits.times > 0 ? waits : overlaps;
      const [process] = pids.flatMap((pid) => byPid.get(pid) ?? []);
      if (process === undefined || process.tasks.size < 2 || process.connections.size < 2) return [];
      return [
        {
          ...{ id: "tasks-with-own-connections", severity: isHurt ? "warning" : "info", path, pids, sql },
          sure: proved ? "proved" : "likely",
          evidence: {
            ...{ tasks: process.tasks.size, connections: process.connections.size, refused: refused.times },
            ...{ waits: waits.times, waitedMs: waits.totalMs, overlaps: overlaps.times },
            ...{ ...known("usedAt", sites.first), ...known("heldAt", heldAt.first) },
          },
          ...{ fix: "one-task-writes", explain: "busy" },
        } satisfies TasksWithOwnConnections,
      ];
    });
  }
}

function isOfTask(site: CallSite | null): site is CallSite & { readonly task: string } {
  return site?.task != null && !isRequest(site.task);
}

/** Null: there are too many processes. */
function note(met: Met, pid: number, task: string, connectionId: number | undefined): OfProcess | null {
  const process = processOf(met, pid);
  if (process === null) return null;
  if (process.tasks.size < MOST_TASKS) process.tasks.add(task);
  if (connectionId !== undefined && process.connections.size < MOST_TASKS) process.connections.add(connectionId);
  return process;
}

function noteHolder({ heldAt }: Met, pid: number, blocker: BlockerFact | undefined): void {
  if (blocker?.pid === pid) heldAt.add(blocker.callSite);
}

function processOf({ byPid }: Met, pid: number): OfProcess | null {
  const process = byPid.get(pid);
  if (process !== undefined) return process;
  if (byPid.size >= MOST_PIDS) return null;
  const made = { tasks: new Set<string>(), connections: new Set<number>(), spans: [] };
  byPid.set(pid, made);
  return made;
}
