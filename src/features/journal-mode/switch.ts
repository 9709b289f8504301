/**
 * The switch itself, from outside: the worker does it; this process sees which holders block it, and that nothing was
 * lost.
 */
import { type Blockers, blockersOf, isFree, NO_BLOCKERS } from "./blockers.ts";
import type { Comparison } from "./comparison.ts";
import { lookAgain } from "./look.ts";
import { WalWitness } from "./proof.ts";
import type { Message, Opening, Refusal, Switched } from "./protocol.ts";
import type { KeptMode } from "./report.ts";
import { type JobEnd, runJob, STUCK_MS, withFolder } from "./run-worker.ts";

/** Between two looks at the blockers, in ms. */
const LOOK_AGAIN_MS = 300;

export type SwitchFailure =
  | Refusal
  | Extract<JobEnd, { kind: "crashed" | "not-started" }>
  /** It did nothing for that long, and was ended. */
  | { readonly kind: "stuck"; readonly idleMs: number };

export interface SwitchOutcome {
  /** Null: SQLite says that it is done. */
  readonly failure: SwitchFailure | null;
  /** As they were last seen. */
  readonly blockers: Blockers;
  /** Of a database that has left WAL mode. */
  readonly comparison: Comparison | null;
  /** Where the bytes of a -wal were kept that was not copied back in full. */
  readonly kept: string | null;
  readonly waitedMs: number;
}

/** `onWaiting`: each time that the blockers are others. @throws UserError */
export async function switchMode(
  opening: Opening,
  to: KeptMode,
  waitMs: number,
  onWaiting: (blockers: Blockers) => void,
): Promise<SwitchOutcome> {
  return withFolder(opening, async (folder) => {
    const attempt = new SwitchAttempt(opening, onWaiting);
    try {
      const end = await runJob({ kind: "switch", ...opening, folder, to, waitMs }, (message, answer) =>
        attempt.onMessage(message, answer),
      );
      return await attempt.outcome(end);
    } finally {
      attempt.close();
    }
  });
}

/** What this process learns while the worker tries. */
class SwitchAttempt {
  readonly #opening: Opening;
  readonly #onWaiting: (blockers: Blockers) => void;
  readonly #started = performance.now();
  #refusal: Refusal | null = null;
  #switchedAt: number | null = null;
  #blockers = NO_BLOCKERS;
  #look: Promise<void> | null = null;
  #lookedAt = 0;
  #witness: WalWitness | null = null;
  #comparing: Promise<void> | null = null;
  #comparison: Comparison | null = null;
  #kept: string | null = null;

  constructor(opening: Opening, onWaiting: (blockers: Blockers) => void) {
    this.#opening = opening;
    this.#onWaiting = onWaiting;
  }

  onMessage(message: Message, answer: (text: object) => void): void {
    switch (message.kind) {
      case "waiting":
        if (this.#look === null && performance.now() - this.#lookedAt >= LOOK_AGAIN_MS) {
          this.#look = this.#lookAtBlockers().finally(() => {
            this.#look = null;
          });
        }
        return;
      case "attached":
        this.#witness = new WalWitness(this.#opening, message.files);
        answer({});
        return;
      case "switched":
        this.#switchedAt = performance.now();
        // its error is thrown by outcome()
        this.#comparing = this.#compare(message);
        this.#comparing.catch(() => undefined).finally(() => answer({}));
        return;
      case "refused":
        this.#refusal = message.refusal;
        return;
      case "read":
        return; // of the other job
    }
  }

  async #compare(switched: Switched): Promise<void> {
    this.#comparison = (await this.#witness?.compare(switched)) ?? null;
    if (this.#comparison?.kind === "lost") this.#kept = (await this.#witness?.keep()) ?? null;
  }

  async outcome(end: JobEnd): Promise<SwitchOutcome> {
    const waitedMs = (this.#switchedAt ?? performance.now()) - this.#started;
    await this.#look;
    await this.#comparing;
    const failure = failureOf(end) ?? this.#refusal;
    if (failure?.kind === "busy") await this.#lookAtBlockers();
    return { failure, blockers: this.#blockers, comparison: this.#comparison, kept: this.#kept, waitedMs };
  }

  close(): void {
    this.#witness?.close();
  }

  async #lookAtBlockers(): Promise<void> {
    const { path, database } = this.#opening;
    const seen = await lookAgain(path, database);
    this.#lookedAt = performance.now();
    if (seen === null) return;
    const blockers = blockersOf(seen.database);
    if (isFree(blockers)) return; // gone at this moment: those of before are the better answer
    const changed = identityOf(blockers) !== identityOf(this.#blockers);
    this.#blockers = blockers;
    if (changed && this.#switchedAt === null) this.#onWaiting(blockers);
  }
}

function failureOf(end: JobEnd): SwitchFailure | null {
  if (end.kind === "timeout") return { kind: "stuck", idleMs: STUCK_MS };
  return end.kind === "done" ? null : end;
}

function identityOf({ holders, unowned }: Blockers): string {
  return [...holders.map(({ pid }) => pid), unowned.length].join(" ");
}
