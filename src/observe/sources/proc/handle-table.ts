/** The processes that have targets' files open, and their handles, as far as they have been read. */
import type { DatabaseSnapshot, HandleSeen, Target } from "../../../model/snapshot.ts";
import type { TargetIndex } from "../../target-index.ts";
import type { MatchedProcess } from "./descriptor-scan.ts";
import { type HandlesOfProcess, readHandles } from "./handles.ts";

/** The descriptors of a process, or those of one of its threads. */
interface Table {
  readonly match: MatchedProcess;
  readonly read: HandlesOfProcess;
}

export class HandleTable {
  readonly #index: TargetIndex;
  /** By pid, and by their folder in /proc. */
  readonly #byPid = new Map<number, Map<string, Table>>();

  constructor(index: TargetIndex) {
    this.#index = index;
  }

  /** A process that has no handle any more is removed. */
  read(matches: readonly MatchedProcess[]): void {
    for (const match of matches) {
      const read = readHandles(match, this.#index);
      const tables = this.#byPid.get(match.pid) ?? new Map<string, Table>();
      // where the main thread has exited, another's folder already stands for the process
      const known = tables.get(match.directory)?.match ?? match;
      if (read !== null && read.handles.size > 0) tables.set(match.directory, { match: known, read });
      else tables.delete(match.directory);
      if (tables.size > 0) this.#byPid.set(match.pid, tables);
      else this.#byPid.delete(match.pid);
    }
  }

  readAgain(pids: readonly number[]): void {
    this.read(pids.flatMap((pid) => this.#tables(pid).map(({ match }) => match)));
  }

  /** Forgets threads that have nothing open which their process has not. */
  dropSharedTables(): void {
    for (const [pid, tables] of this.#byPid) {
      const own = new Set(
        this.#handlesOf(pid, ({ read }) => [...read.handles.values()].flat()).map((each) => each.thread),
      );
      for (const [directory, { match }] of tables)
        if (match.thread !== null && !own.has(match.thread)) tables.delete(directory);
    }
  }

  forget(pids: readonly number[]): void {
    for (const pid of pids) this.#byPid.delete(pid);
  }

  has(pid: number): boolean {
    return this.#byPid.has(pid);
  }

  pids(): number[] {
    return [...this.#byPid.keys()];
  }

  /** How many files a process has open; null for one that is not in the table. */
  openFiles(pid: number): number | null {
    return this.#tables(pid)[0]?.read.openFiles ?? null;
  }

  /** Whether a process serves a FUSE file system: what it has open may be so for others. */
  servesFuse(pid: number): boolean {
    return this.#tables(pid).some(({ read }) => read.servesFuse);
  }

  /** Those on any target, by pid. */
  handles(): Map<number, readonly HandleSeen[]> {
    return new Map(
      this.pids().map((pid) => [pid, this.#handlesOf(pid, ({ read }) => [...read.handles.values()].flat())]),
    );
  }

  /** Those on one target, by pid. */
  handlesOn(target: Target): DatabaseSnapshot["handles"] {
    return new Map(
      this.pids().flatMap((pid) => {
        const handles = this.#handlesOf(pid, ({ read }) => read.handles.get(target) ?? []);
        return handles.length === 0 ? [] : [[pid, handles] as const];
      }),
    );
  }

  /** That of the process first. */
  #tables(pid: number): Table[] {
    return [...(this.#byPid.get(pid)?.values() ?? [])].sort((a, b) => (a.match.thread ?? 0) - (b.match.thread ?? 0));
  }

  /** Of its threads only what the process has not, nor a thread before. */
  #handlesOf(pid: number, of: (table: Table) => readonly HandleSeen[]): HandleSeen[] {
    const tables = this.#tables(pid);
    const [only] = tables;
    if (only !== undefined && tables.length === 1 && only.match.thread === null) return [...of(only)];
    const seen = new Map<string, HandleSeen>();
    const handles: HandleSeen[] = [];
    for (const table of tables) {
      const { thread } = table.match;
      for (const handle of of(table)) {
        const key = `${handle.fd} ${handle.role} ${handle.file}`;
        const other = seen.get(key);
        if (thread !== null && other !== undefined && showsLocksOf(other, handle)) continue;
        if (other === undefined) seen.set(key, handle);
        handles.push(thread === null ? handle : { ...handle, thread });
      }
    }
    return handles;
  }
}

/** Whether `other`, the same descriptor as read through another thread, has all locks of this one. */
function showsLocksOf(other: HandleSeen, handle: HandleSeen): boolean {
  const textOf = (lock: object) => Object.values(lock).join(" ");
  const locks = new Set((other.info?.locks ?? []).map(textOf));
  return (handle.info?.locks ?? []).every((lock) => locks.has(textOf(lock)));
}
