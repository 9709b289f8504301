/** Runs a worker for one job. */
import type { User } from "../user/user.ts";
import { type JobOptions, type WorkerEnd, WorkerProcess } from "./process.ts";
import { watchOver } from "./sentinel.ts";

export type { WorkerEnd } from "./process.ts";

export interface WorkerOptions<Message> extends JobOptions<Message> {
  /** The program of the worker. */
  readonly script: string;
  /** Removed if this process is killed. */
  readonly folder: string | null;
  /** The user that the worker becomes, and whose the folder is; null: the caller. */
  readonly user: User | null;
}

/**
 * Settles when the worker has ended; rejects with its stderr where it failed because of a bug.
 * @throws UserError where SQLite cannot be loaded
 */
export async function runWorker<Message extends { readonly kind: string }>(
  options: WorkerOptions<Message>,
): Promise<WorkerEnd> {
  let dismissSentinel = (): void => undefined;
  const worker = new WorkerProcess(options.script, () => dismissSentinel());
  if (worker.pid !== undefined) dismissSentinel = watchOver(worker.pid, options.folder, options.user);
  return worker.run(options);
}
