/**
 * Calls that returned SQLITE_BUSY, of connections of which no lock was seen: the library is probed for all who use it,
 * and most of these have other databases. They are told of once it shows that their process has a database of the
 * recording open and never locks it: at the close of the file, at the latest. Pure.
 */
import type { RefusalLine } from "../lines.ts";
import type { State } from "../state.ts";

/** Kept, of a process and in all. */
const MOST_OF_ONE = 500;
const MOST = 2_000;
const MOST_PROCESSES = 10_000;

export class Unproved {
  private readonly state: State;
  private readonly waiting = new Map<number, RefusalLine[]>();
  private readonly open = new Set<number>();
  /** It locks databases of the recording as others do: a connection without a lock is of another one. */
  private readonly locking = new Set<number>();
  private size = 0;

  constructor(state: State) {
    this.state = state;
  }

  add(line: RefusalLine | null): void {
    if (line === null || this.locking.has(line.pid)) return;
    if (this.open.has(line.pid)) {
      this.state.emit(line);
      return;
    }
    const lines = this.waiting.get(line.pid) ?? [];
    if (lines.length >= MOST_OF_ONE) return;
    while (this.size >= MOST) this.forget(this.waiting.keys().next().value ?? line.pid);
    lines.push(line);
    this.waiting.set(line.pid, lines);
    this.size += 1;
  }

  /** A process has a database of the recording open. */
  hasOpen(pid: number): void {
    if (this.locking.has(pid)) return;
    if (this.open.size < MOST_PROCESSES) this.open.add(pid);
    const lines = this.waiting.get(pid);
    if (lines === undefined) return;
    this.drop(pid, lines);
    const { startTicks } = this.state.who(pid, pid);
    for (const line of lines) this.state.emit({ ...line, startTicks });
  }

  locks(pid: number): void {
    if (this.locking.size < MOST_PROCESSES) this.locking.add(pid);
    const lines = this.waiting.get(pid);
    if (lines !== undefined) this.drop(pid, lines);
  }

  forget(pid: number): void {
    this.open.delete(pid);
    this.locking.delete(pid);
    const lines = this.waiting.get(pid);
    if (lines !== undefined) this.drop(pid, lines);
  }

  private drop(pid: number, lines: readonly RefusalLine[]): void {
    this.waiting.delete(pid);
    this.size -= lines.length;
  }
}
