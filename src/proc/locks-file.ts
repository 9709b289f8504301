/**
 * Reading /proc/locks, which is as long as any user makes it. The kernel goes through all locks before a piece to find
 * where it begins: the time for all pieces grows with the square of the locks (`fs/locks.c`, seq_hlist_start_percpu).
 */
import { uptimeMs } from "../time.ts";
import { type Reading, readTextInPieces } from "./read.ts";

/** The text, several times where it is longer than a page: one pass may lose a lock that is held all the time. */
export interface LocksText {
  readonly passes: readonly string[];
  /** False where the time was too short: there may be locks that no pass has. */
  readonly complete: boolean;
}

/** One pass over the text. */
export interface Pass {
  readonly text: string;
  /** In how many pieces it came. */
  readonly pieces: number;
  /** It came to the end. */
  readonly complete: boolean;
}

/**
 * How often a text that does not come in one piece is read: one pass of ten may miss a lock, and several passes in a
 * row may miss it.
 */
const MAX_PASSES = 16;

/**
 * So many successive passes with the same text are enough. Where they differ, fewer than `MAX_PASSES` may all miss the
 * same lock: of 200 readings with six passes, on a machine with a load of 14, four did.
 */
const MIN_EQUAL_PASSES = 3;

/** No further pass is begun when those of one reading have taken so long, in ms. On an idle machine all take 80 ms. */
const MAX_REPEATED_MS = 1500;

/** A pass that has taken so long, in ms, is given up. */
const MAX_PASS_MS = 3000;

/** All readings of one call, with those that confirm it, in ms. */
const MAX_CALL_MS = 4000;

/** The kernel writes such a text in pieces of a page. */
const PAGE_BYTES = 4096;

/**
 * A program that takes and releases a lock in step with the reading makes every pass lose the same line, at the border
 * of two pieces: so each pass has its borders elsewhere.
 */
function firstPieceBytes(pass: number): number {
  return PAGE_BYTES - ((pass * 613) % 3500);
}

/** How many passes are to be begun; 0: these are enough. Pure. `spentMs`: what they have taken. */
export function passesToBegin(passes: readonly Pass[], spentMs: number): number {
  const first = passes[0];
  if (first === undefined) return 1;
  if (first.complete && first.pieces <= 1) return 0;
  if (passes.some(({ complete }) => !complete) || passes.length >= MAX_PASSES || spentMs >= MAX_REPEATED_MS) return 0;
  return areEqual(passes.slice(-MIN_EQUAL_PASSES)) ? 0 : MIN_EQUAL_PASSES;
}

function areEqual(passes: readonly Pass[]): boolean {
  return passes.length === MIN_EQUAL_PASSES && passes.every(({ text }) => text === passes[0]?.text);
}

/** Whether the passes show all locks, as far as passes can. Pure. */
export function isAllRead(passes: readonly Pass[]): boolean {
  const whole = passes.filter(({ complete }) => complete);
  return (
    whole.some(({ pieces }) => pieces <= 1) || areEqual(whole.slice(-MIN_EQUAL_PASSES)) || whole.length >= MAX_PASSES
  );
}

/** For the looks of one call, which share the time for reading it. */
export class LocksFile {
  readonly #path: string;
  #leftMs: number;

  /** `proc`: where /proc is mounted. */
  constructor(proc: string, limitMs = MAX_CALL_MS) {
    this.#path = `${proc}/locks`;
    this.#leftMs = limitMs;
  }

  /** There is no time to read it once more. */
  get isOver(): boolean {
    return this.#leftMs <= 0;
  }

  /**
   * The first read waits some 10 ms until the kernel has locked the lists of all CPUs (`percpu_down_write`), so it
   * should start early.
   */
  async read(): Promise<Reading<LocksText>> {
    const passes: Pass[] = [];
    const started = uptimeMs();
    const callEnds = started + this.#leftMs;
    try {
      for (;;) {
        const count = passesToBegin(passes, uptimeMs() - started);
        if (count === 0) break;
        const until = Math.min(uptimeMs() + MAX_PASS_MS, callEnds);
        // Several passes at the same time: each waits for the kernel, so they wait together.
        const readings = await Promise.all(
          Array.from({ length: count }, (_, i) =>
            readTextInPieces(this.#path, firstPieceBytes(passes.length + i), until),
          ),
        );
        const failed = readings.find((reading) => reading.kind !== "ok");
        if (failed !== undefined && passes.length === 0) return failed;
        passes.push(...readings.flatMap((reading) => (reading.kind === "ok" ? reading.value : [])));
        if (failed !== undefined) break;
      }
    } finally {
      this.#leftMs -= uptimeMs() - started;
    }
    return { kind: "ok", value: { passes: passes.map(({ text }) => text), complete: isAllRead(passes) } };
  }
}
