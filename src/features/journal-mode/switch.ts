/**
 * The switch itself, from outside: the worker does it, this process sees who is in its way, and that nothing was lost.
 */
import { chownSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../errors.ts";
import { isPathError } from "../../model/report.ts";
import { readText, valueOr } from "../../proc/read.ts";
import { needsLink } from "../../worker/name.ts";
import { userToBe } from "../../worker/owner.ts";
import { makePrivateFolder, removePrivateFolder } from "../../worker/private-folder.ts";
import { runWorker, type WorkerEnd } from "../../worker/run.ts";
import { type InTheWay, inTheWay, isFree } from "./blockers.ts";
import { look } from "./look.ts";
import { type Outcome, WalWitness } from "./proof.ts";
import type { Job, Message, Refusal } from "./protocol.ts";
import type { KeptMode } from "./report.ts";

const WORKER = join(import.meta.dirname, "../workers/journal-mode.cjs");

/** A large -wal takes its time to be copied back: as long as nobody interrupts it. */
const NO_LIMIT_MS = 2 ** 31 - 1;

/** A disk may keep a worker waiting that long; longer than that, it is stuck. */
const STUCK_MS = 10_000;

/** Between two looks at who is in the way, in ms. */
const LOOK_AGAIN_MS = 300;

/** How long the other process that reads the data waits for a lock, in ms. */
const READ_WAIT_MS = 10_000;

export interface Switched {
  /** Null: SQLite says that it is done. */
  readonly refusal: Refusal | { readonly kind: "crashed"; readonly why: string } | null;
  /** Those who were in the way, as they were last seen; for one that could not be switched. */
  readonly inTheWay: InTheWay;
  /** Of one that has left WAL mode. */
  readonly outcome: Outcome | null;
  /** Where the bytes of a -wal were kept that was not copied back in full. */
  readonly kept: string | null;
  readonly waitedMs: number;
}

/** `onWaiting`: each time that others are in the way. @throws UserError */
export async function switchMode(
  path: string,
  to: KeptMode,
  waitMs: number,
  onWaiting: (others: InTheWay) => void,
): Promise<Switched> {
  return withFolder(path, async (folder) => {
    const started = performance.now();
    let refusal: Switched["refusal"] = null;
    let switchedAt: number | null = null;
    let others: InTheWay = { holders: [], unowned: [] };
    let witness: WalWitness | null = null;
    let outcome: Outcome | null = null;
    let kept: string | null = null;
    let looking: Promise<void> | null = null;
    let lookedAt = 0;
    const lookAtOthers = async () => {
      const seen = await look(path);
      lookedAt = performance.now();
      if (isPathError(seen)) return;
      const now = inTheWay(seen.database);
      if (isFree(now)) return; // gone at this moment: those who were there before are the better answer
      const news = pidsOf(now) !== pidsOf(others);
      others = now;
      if (news && switchedAt === null) onWaiting(now);
    };
    const onMessage = (message: Message, answer: (text: object) => void) => {
      switch (message.kind) {
        case "waiting":
          if (looking === null && performance.now() - lookedAt >= LOOK_AGAIN_MS) {
            looking = lookAtOthers().finally(() => {
              looking = null;
            });
          }
          return;
        case "attached":
          witness = new WalWitness(path);
          return answer({});
        case "switched":
          switchedAt = performance.now();
          outcome = witness?.compare(message.held) ?? null;
          if (outcome?.kind === "lost") kept = witness?.keep() ?? null;
          return answer({});
        case "refused":
          refusal = message.refusal;
          return;
        case "read":
          return;
      }
    };
    const user = userToBe(path);
    if (user !== null && folder !== null) chownSync(folder, user.uid, user.gid);
    const job: Job = { kind: "switch", path, folder, user, to, waitMs };
    try {
      const isStuck = stuckAfter(waitMs);
      const end = await runWorker<Message>({
        script: WORKER,
        job,
        folder,
        timeoutMs: NO_LIMIT_MS,
        isStuck,
        onMessage,
      }).catch(notStarted);
      const waitedMs = (switchedAt ?? performance.now()) - started;
      await looking;
      if (end.kind === "crashed") refusal = { kind: "crashed", why: end.why };
      if (end.kind === "timeout")
        refusal = { kind: "crashed", why: `it has done nothing for ${STUCK_MS / 1000} s, and was ended` };
      if (isBusy(refusal)) await lookAtOthers();
      return { refusal, inTheWay: others, outcome, kept, waitedMs };
    } finally {
      closeWitness(witness);
    }
  });
}

function isBusy(refusal: Switched["refusal"]): boolean {
  return refusal?.kind === "busy";
}

function closeWitness(witness: WalWitness | null): void {
  witness?.close();
}

export interface ReadBack {
  /** As a process of its own meets it; null where it could not read. */
  readonly mode: string | null;
  readonly tables: number;
  readonly refusal: Refusal | null;
}

/** Has another process read the data. @throws UserError */
export async function readBack(path: string): Promise<ReadBack> {
  return withFolder(path, async (folder) => {
    let answer: ReadBack = { mode: null, tables: 0, refusal: null };
    const onMessage = (message: Message) => {
      if (message.kind === "read") answer = { mode: message.mode, tables: message.tables, refusal: null };
      else if (message.kind === "refused") answer = { mode: null, tables: 0, refusal: message.refusal };
    };
    const job: Job = { kind: "read", path, folder, waitMs: READ_WAIT_MS };
    const isStuck = stuckAfter(READ_WAIT_MS);
    const end = await runWorker<Message>({
      script: WORKER,
      job,
      folder,
      timeoutMs: NO_LIMIT_MS,
      isStuck,
      onMessage,
    }).catch(notStarted);
    if (end.kind === "timeout")
      return { mode: null, tables: 0, refusal: { kind: "failed", code: "", message: "it did not answer" } };
    return end.kind === "crashed"
      ? { mode: null, tables: 0, refusal: { kind: "failed", code: "", message: end.why } }
      : answer;
  });
}

/** @throws UserError where it is for the person to mend */
function notStarted(error: unknown): WorkerEnd {
  if (error instanceof UserError) throw error;
  return { kind: "crashed", why: `it could not be started: ${error instanceof Error ? error.message : String(error)}` };
}

/**
 * Whether a worker neither runs, nor reads, nor writes (it was stopped, or could not get a thread), when its time to
 * wait is over.
 */
function stuckAfter(waitMs: number): (pid: number) => boolean {
  const started = performance.now();
  let seen = "";
  let since = started;
  return (pid) => {
    const now = performance.now();
    const work = [`/proc/${pid}/schedstat`, `/proc/${pid}/io`].map((path) => valueOr(readText(path), "")).join("");
    if (work !== seen) since = now;
    seen = work;
    return now - started > waitMs && now - since >= STUCK_MS;
  };
}

/** A folder for a link, where the name needs one. */
async function withFolder<T>(path: string, work: (folder: string | null) => Promise<T>): Promise<T> {
  if (!needsLink(path)) return work(null);
  const folder = makePrivateFolder();
  if (typeof folder === "object")
    throw new UserError("cannot-write", folder.why, "set TMPDIR to a folder that you may write to");
  try {
    return await work(folder);
  } finally {
    removePrivateFolder(folder);
  }
}

function pidsOf({ holders, unowned }: InTheWay): string {
  return [...holders.map(({ pid }) => pid), unowned.length].join(" ");
}
