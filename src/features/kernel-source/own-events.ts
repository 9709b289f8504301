/** What was found beside the kernel's events, until it is delivered among them. Pure. */
import { isLockOf } from "../../recording/locks/files.ts";
import type { FileEvent, LockEvent, SourceEvent } from "../../recording/source-event.ts";

export class OwnEvents {
  /** Added since the last delivery began. */
  #added: SourceEvent[] = [];
  /** Of the delivery that goes on, in order; those before `#next` are delivered. */
  #due: SourceEvent[] = [];
  #next = 0;
  /** Events of files among those that are due. */
  #changes = 0;

  add(...events: readonly SourceEvent[]): void {
    this.#added.push(...events);
  }

  /** What `find` adds: it is to be delivered at once. */
  addedBy(find: () => void): SourceEvent[] {
    const before = this.#added.length;
    find();
    return this.#added.splice(before);
  }

  /** A delivery begins: of what was added until now. */
  begin(): void {
    this.#due = this.#added.sort((a, b) => a.atMs - b.atMs);
    this.#added = [];
    this.#next = 0;
    this.#changes = this.#due.filter(isChange).length;
  }

  /** Those that are not newer, in order. */
  deliver(untilMs: number, send: (event: SourceEvent) => void): void {
    for (let first = this.#due[this.#next]; first !== undefined && first.atMs <= untilMs; ) {
      send(first);
      this.#next += 1;
      first = this.#due[this.#next];
    }
  }

  /**
   * A path led to a new file some time before that was seen: at its first lock. Null: this lock is on none of them, or
   * on one before it that had the same inode.
   */
  changeBefore(lock: LockEvent): FileEvent | null {
    const { device, inode, atMs, closes } = lock;
    if (this.#changes === 0 || closes) return null;
    const index = this.#due.findIndex(
      (each, i) =>
        i >= this.#next &&
        isChange(each) &&
        atMs >= (each.bornMs ?? Number.NEGATIVE_INFINITY) &&
        each.inode === inode &&
        each.device === device &&
        isLockOf(each.role, lock),
    );
    const [change] = index < 0 ? [] : this.#due.splice(index, 1);
    if (change === undefined || !isChange(change)) return null;
    const { database, role } = change;
    // a look before, which took so long that it would be delivered later, has found an older file
    const isOlder = (each: SourceEvent, i: number) =>
      i >= this.#next && i < index && isChange(each) && each.database === database && each.role === role;
    this.#due = this.#due.filter((each, i) => !isOlder(each, i));
    this.#changes = this.#due.filter(isChange).length;
    return { ...change, atMs };
  }

  /** The delivery is over: the rest waits for the next one. */
  end(): void {
    this.#added.push(...this.#due.slice(this.#next));
    this.#due = [];
  }
}

/** The path leads to another file: not one that says what was there for a time. */
function isChange(event: SourceEvent): event is FileEvent {
  return event.kind === "file" && event.untilMs === undefined;
}
