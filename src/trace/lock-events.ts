/** The kernel's events of locks: which there are, of which files, and how they are decoded. */
import { flagOf, INTERRUPTED, lockDecoder, nameIn } from "./decode.ts";
import type { Buffers } from "./drain.ts";
import { TraceError } from "./errors.ts";
import { type FilterNames, type LockedFile, lockFilter } from "./filter.ts";
import type { Instance } from "./instance.ts";
import { attempt } from "./tracefs.ts";

const LOCKS = "filelock/posix_lock_inode";
const FLOCKS = "filelock/flock_lock_inode";
const FCNTL = "filelock/fcntl_setlk";

interface Used {
  readonly event: string;
  readonly names: FilterNames;
}

export class LockEvents {
  readonly #tracefs: string;
  readonly #instance: Pick<Instance, "hasEvent" | "format" | "filter" | "enable">;
  readonly #buffers: Pick<Buffers, "use">;
  /** Null before they are used: what a decoder has learned of owners is kept when the files change. */
  #used: readonly Used[] | null = null;
  /** There was a wait of F_SETLKW. */
  #hasWaits = false;

  constructor(
    tracefs: string,
    instance: Pick<Instance, "hasEvent" | "format" | "filter" | "enable">,
    buffers: Pick<Buffers, "use">,
  ) {
    this.#tracefs = tracefs;
    this.#instance = instance;
    this.#buffers = buffers;
  }

  /** Of these files; called again, it replaces them, and no event is missed meanwhile. @throws TraceError */
  enable(files: readonly LockedFile[]): void {
    this.#used ??= this.#use();
    for (const { event, names } of this.#used) {
      const further = event === FCNTL ? `ret == ${INTERRUPTED}` : null;
      this.#instance.filter(event, lockFilter(files, names, process.pid, further));
      if (event !== FCNTL || this.#hasWaits) this.#instance.enable(event, true);
    }
  }

  /**
   * How waits of F_SETLKW end when they are interrupted. The event costs each fcntl(2) of a lock 0.1 us, and hardly any
   * SQLite is built to wait so: it is enabled with the first wait, and is too late for one that ends before the drain.
   */
  followWaits(): void {
    if (this.#hasWaits) return;
    this.#hasWaits = true;
    if (this.#instance.hasEvent(FCNTL)) this.#instance.enable(FCNTL, true);
  }

  #use(): Used[] {
    if (!this.#instance.hasEvent(LOCKS)) throw new TraceError("no-lock-events", `${this.#tracefs}/events/${LOCKS}`);
    // flock_lock_inode is newer than the others
    return [LOCKS, FLOCKS, FCNTL]
      .filter((event) => this.#instance.hasEvent(event))
      .map((event) => {
        const format = this.#instance.format(event);
        const decoder = attempt(event, () => lockDecoder(format));
        this.#buffers.use(format.id, decoder);
        const names = { pid: nameIn(format, "pid"), flags: nameIn(format, "flags"), close: flagOf(format, "FL_CLOSE") };
        return { event, names };
      });
  }
}
