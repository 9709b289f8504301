/**
 * The kernel's events as what happened to locks: which process took which one, when, and for how long it held it, in
 * the same terms as readings of /proc/locks have it. Pure.
 */
import { Interpreter } from "../../recording/interpreter.ts";
import type { RecordingLine } from "../../recording/lines.ts";
import type { Held } from "../../recording/locks/held.ts";
import type { HeldRange, HeldSeen, SourceEvent } from "../../recording/source-event.ts";
import { attemptsKey } from "./blocked-attempts.ts";
import { type HeldLock, keyOf } from "./episodes.ts";
import type { SampleEvent } from "./sampler.ts";

/** A lock whose release no event tells of. */
interface Unsure {
  readonly lock: HeldLock;
  /** For so long at least. */
  readonly heldMs: number;
}

/** On a file that has lost its name, or its path to another file. */
export interface FormerLock extends Unsure {
  readonly device: number;
  readonly inode: number;
}

export class KernelLocks {
  readonly #epochMs: number;
  readonly #interpreter: Interpreter;
  /** Held before a loss of events, by keyOf(): until /proc/locks tells whether they are still there. */
  readonly #unsure = new Map<string, Unsure>();
  readonly #blocked = new Map<string, number>();
  #former: FormerLock[] = [];
  #events: SampleEvent[] = [];
  #isForgetting = false;
  #isReady = false;
  #lostUntilMs = Number.NEGATIVE_INFINITY;
  #longestGapMs = 0;
  #unreadMs = 0;

  /** `paths`: of the databases. `epochMs`: when the time of the kernel's events began, in ms since 1970. */
  constructor(paths: readonly string[], epochMs: number) {
    this.#epochMs = epochMs;
    this.#interpreter = new Interpreter(
      { databases: paths, locks: { taken: (held) => this.#taken(held), released: (held) => this.#released(held) } },
      (line) => this.#line(line),
    );
  }

  /** What was held before is known. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** By attemptsKey(): so many waits of others each lock has caused. */
  get blocked(): ReadonlyMap<string, number> {
    return this.#blocked;
  }

  /** Times in which events were lost. */
  get gaps(): { readonly longestGapMs: number; readonly unreadMs: number } {
    return { longestGapMs: this.#longestGapMs, unreadMs: this.#unreadMs };
  }

  next(event: SourceEvent): void {
    if (event.kind === "lost") this.#lost(event.fromMs, event.atMs, () => this.#interpreter.next(event));
    else this.#interpreter.next(event);
    if (event.kind === "held") this.#known(event.atMs);
  }

  /** The devices of files that were replaced or deleted and on which locks may be held. */
  get formerDevices(): ReadonlySet<number> {
    return new Set(this.#former.map(({ device }) => device));
  }

  /** Whether locks may be held on this one of those files. */
  hasFormer({ device, inode }: HeldRange): boolean {
    return this.#former.some((each) => each.device === device && each.inode === inode);
  }

  /** Of files that were replaced or deleted only /proc/locks tells when their locks are released. */
  lookAtFormer(locks: readonly HeldSeen[], atMs: number): void {
    const isHeld = ({ lock, device, inode }: FormerLock) =>
      locks.some((each) => each.pid === lock.pid && each.device === device && each.inode === inode);
    for (const former of this.#former.filter((each) => !isHeld(each))) {
      const { lock, heldMs } = former;
      const atEpochMs = this.#epochMs + atMs;
      this.#events.push({ event: "released", atMs: atEpochMs, lock, heldMs, atLeast: true, formerFile: true });
    }
    this.#former = this.#former.filter(isHeld);
  }

  /** What goes on now has its end here: of waits, not of locks. */
  end(atMs: number): void {
    this.#interpreter.end(atMs);
  }

  /** Since the last call, in order of time. */
  take(): SampleEvent[] {
    const events = this.#events;
    this.#events = [];
    // What was held before the others is found out after them.
    return events.some(({ event }) => event === "held") ? events.sort((a, b) => a.atMs - b.atMs) : events;
  }

  #taken(held: Held): void {
    const lock = heldLock(held);
    if (lock === null) return;
    const key = keyOf(lock);
    const before = this.#unsure.get(key);
    this.#unsure.delete(key);
    if (before !== undefined && held.atLeast) return; // it is there again
    const atMs = this.#epochMs + held.fromMs;
    if (before !== undefined) this.#events.push({ event: "released", atMs, ...before, atLeast: true });
    const event = held.atLeast ? "held" : "acquired";
    this.#events.push({ event, atMs, lock, heldMs: null, atLeast: held.atLeast });
  }

  #released(held: Held): void {
    const lock = heldLock(held);
    if (lock === null || held.toMs === null) return;
    const heldMs = held.toMs - held.fromMs;
    const { file, atLeast } = held;
    if (this.#isForgetting) this.#unsure.set(keyOf(lock), { lock, heldMs });
    else if (file.former) this.#former.push({ lock, heldMs, device: file.device, inode: file.inode });
    else this.#events.push({ event: "released", atMs: this.#epochMs + held.toMs, lock, heldMs, atLeast });
  }

  #lost(fromMs: number, toMs: number, forget: () => void): void {
    this.#isForgetting = true;
    forget();
    this.#isForgetting = false;
    const gapMs = toMs - Math.max(fromMs, this.#lostUntilMs);
    if (gapMs <= 0) return; // another CPU has lost events in that time
    this.#lostUntilMs = toMs;
    this.#longestGapMs = Math.max(this.#longestGapMs, gapMs);
    this.#unreadMs += gapMs;
    this.#events.push({ event: "gap", atMs: this.#epochMs + toMs, gapMs });
  }

  /** /proc/locks was read: what was held before the loss and is not there was released in it. */
  #known(atMs: number): void {
    this.#isReady = true;
    for (const unsure of this.#unsure.values())
      this.#events.push({ event: "released", atMs: this.#epochMs + atMs, ...unsure, atLeast: true });
    this.#unsure.clear();
  }

  #line(line: RecordingLine): void {
    if (line.type !== "wait") return;
    for (const { pid, lock } of line.blockers) {
      const key = attemptsKey(line.path, pid, lock);
      this.#blocked.set(key, (this.#blocked.get(key) ?? 0) + 1);
    }
  }
}

/** Null: the looks tell of it, as they do of OFD locks that were taken before the start, which have no owner. */
function heldLock({ file, pid, name, type, api, start, end }: Held): HeldLock | null {
  if (api !== "posix") return null;
  return {
    path: file.database.path,
    pid,
    lock: name,
    role: file.role,
    type,
    api,
    file: `${file.device}:${file.inode}`,
    start: BigInt(start),
    end: Number.isFinite(end) ? BigInt(end) : null,
  };
}
