/** A time in which nothing can be written, since the disk is full, say: why, and when the next attempt comes. */
import { statfsSync } from "node:fs";
import { UserError } from "../../../errors.ts";
import { REMOVED, type WriteProblem } from "../output-file.ts";

/** When the next attempt comes, ms, from this to that. */
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;
/** With less room no attempt is made, bytes. */
const ROOM_BYTES = 256 * 1024;

/** From when on nothing is in the folder. */
export interface Since {
  readonly fromMs: number;
  readonly why: "disk-full" | "removed";
}

/** What is not in the folder. */
export interface Missing extends Since {
  readonly toMs: number;
}

export class Outage {
  #problem: WriteProblem | null = null;
  #since: Since | null = null;
  #retryMs = FIRST_RETRY_MS;
  #nextTryMs = 0;

  /** Null: there is none. */
  get problem(): WriteProblem | null {
    return this.#problem;
  }

  /** Null: nothing. */
  missing(toMs: number): Missing | null {
    return this.#since === null ? null : { ...this.#since, toMs };
  }

  /** An attempt has failed. @returns the problem, if it is a new one. @throws what is no error of the system */
  failed(error: unknown, nowMs: number, now: Pick<WriteProblem, "path" | "bytes">, since: Since): WriteProblem | null {
    const code = error instanceof UserError ? "EACCES" : (error as NodeJS.ErrnoException).code;
    if (code === undefined) throw error;
    this.#nextTryMs = code === REMOVED ? nowMs : nowMs + this.#retryMs;
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
    if (this.#problem !== null) return null;
    this.#problem = { ...now, code };
    this.#since = since;
    return this.#problem;
  }

  /** It is written again. */
  end(): void {
    this.#problem = null;
    this.#since = null;
    this.#retryMs = FIRST_RETRY_MS;
  }

  /** Whether it is time for an attempt, and there is room in `folder`, which may be made again. Cheap. */
  isWorthTrying(nowMs: number, folder: string, isMadeAgain: boolean): boolean {
    if (nowMs < this.#nextTryMs) return false;
    this.#nextTryMs = nowMs + FIRST_RETRY_MS;
    try {
      const { bavail, bfree, bsize } = statfsSync(folder);
      return (process.geteuid?.() === 0 ? bfree : bavail) * bsize >= ROOM_BYTES;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      return code === "ENOENT" && isMadeAgain;
    }
  }
}
