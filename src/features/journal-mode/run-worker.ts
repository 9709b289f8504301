/** The worker of journal-mode, from outside: its script, its folder, and when it is stuck. */
import { join } from "node:path";
import { UserError } from "../../errors.ts";
import { readText, valueOr } from "../../proc/read.ts";
import { needsLink } from "../../worker/name.ts";
import { makePrivateFolder, removePrivateFolder } from "../../worker/private-folder.ts";
import { runWorker, type WorkerEnd } from "../../worker/run.ts";
import type { Job, Message, Opening } from "./protocol.ts";

const WORKER = join(import.meta.dirname, "../workers/journal-mode.cjs");

/** Copying back a large -wal takes time: no limit, it can be interrupted. */
const NO_LIMIT_MS = 2 ** 31 - 1;

/** A disk may keep a worker waiting for so long; after that it is stuck. */
export const STUCK_MS = 10_000;

/** `not-started`: by an error that is not the person's to fix. */
export type JobEnd = WorkerEnd | { readonly kind: "not-started"; readonly message: string };

/** A timeout is a worker that is stuck. @throws UserError for an error that the person can fix */
export async function runJob(
  job: Job,
  onMessage: (message: Message, answer: (text: object) => void) => void,
): Promise<JobEnd> {
  try {
    const isStuck = stuckAfter(job.waitMs);
    const { folder, user } = job;
    return await runWorker<Message>({
      script: WORKER,
      job,
      folder,
      user,
      timeoutMs: NO_LIMIT_MS,
      isStuck,
      onMessage,
    });
  } catch (error) {
    if (error instanceof UserError) throw error;
    return { kind: "not-started", message: error instanceof Error ? error.message : String(error) };
  }
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

/** With a folder for a link, where the name needs one. @throws UserError where none can be made */
export async function withFolder<T>(
  { path, user }: Pick<Opening, "path" | "user">,
  work: (folder: string | null) => Promise<T>,
): Promise<T> {
  if (!needsLink(path)) return work(null);
  const folder = makePrivateFolder(user);
  if (typeof folder === "object")
    throw new UserError("cannot-write", folder.why, "set TMPDIR to a folder that you can write to");
  try {
    return await work(folder);
  } finally {
    removePrivateFolder(folder);
  }
}
