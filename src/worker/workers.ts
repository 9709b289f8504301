/**
 * Hands out workers and takes them back: one that is as it was at its start gets another job, of the same user alone.
 * What a job could leave behind: "Many databases" in docs/decisions.md.
 */
import type { User } from "../user/user.ts";
import { guardOverMany, type ManyGuard } from "./guard.ts";
import { type JobFolder, JobFolders } from "./job-folders.ts";
import type { NoFolder } from "./private-folder.ts";
import { WorkerProcess } from "./process.ts";

/** A worker that had so many jobs is not used again. */
const MAX_JOBS = 250;

/** Who the worker becomes. */
export interface WorkerUser {
  /** Null: the caller. */
  readonly user: User | null;
  /** No other job gets the process: an id that nobody has stands for one database. */
  readonly alone: boolean;
}

export class Workers {
  readonly #script: string;
  readonly #max: number;
  /** Those that wait for a job, the one that has waited longest first, and whose jobs they take. */
  readonly #idle = new Map<WorkerProcess, string>();
  #alive = 0;
  #guard: ManyGuard | null = null;
  #folders: JobFolders | null = null;

  /** `script`: the program of the workers. `max`: more are not kept waiting. */
  constructor(script: string, max: number) {
    this.#script = script;
    this.#max = max;
  }

  /** `fresh`: one that had no job yet. Rejects with the system's error where no process can be started. */
  async take(of: WorkerUser, { fresh = false }: { readonly fresh?: boolean } = {}): Promise<WorkerProcess> {
    const key = keyOf(of);
    for (const [worker, itsKey] of fresh ? [] : this.#idle) {
      if (itsKey !== key) continue;
      this.#idle.delete(worker);
      if (worker.takesNext) return worker;
    }
    const [longest] = this.#idle.keys();
    if (longest !== undefined && this.#alive >= this.#max) this.#end(longest);
    const worker = this.#start();
    await this.#guarded().written(); // before it has locks
    return worker;
  }

  /** How many are at work. */
  get busy(): number {
    return this.#alive - this.#idle.size;
  }

  /** `again`: another job may get it, where it takes one. */
  giveBack(worker: WorkerProcess, of: WorkerUser, again: boolean): void {
    if (!worker.takesNext) return;
    if (again && !of.alone && worker.jobs < MAX_JOBS) this.#idle.set(worker, keyOf(of));
    else worker.end();
  }

  /** A private folder for one job, in which the worker's user may write. It is removed if this process is killed. */
  makeFolder({ user, alone }: WorkerUser): Promise<JobFolder | NoFolder> {
    const guard = this.#guarded();
    this.#folders ??= new JobFolders(guard);
    return this.#folders.make(user, alone);
  }

  /** No job is running. */
  end(): void {
    for (const worker of this.#idle.keys()) this.#end(worker);
    this.#folders?.removeAll();
    this.#guard?.dismiss();
    this.#folders = null;
    this.#guard = null;
  }

  #start(): WorkerProcess {
    const guard = this.#guarded();
    const worker = new WorkerProcess(this.#script, () => {
      this.#alive--;
      this.#idle.delete(worker);
      if (worker.pid !== undefined) guard.remove(worker.pid);
    });
    this.#alive++;
    if (worker.pid !== undefined) guard.add(worker.pid);
    return worker;
  }

  #end(worker: WorkerProcess): void {
    this.#idle.delete(worker);
    worker.end();
  }

  #guarded(): ManyGuard {
    this.#guard ??= guardOverMany();
    return this.#guard;
  }
}

/** Those of one key may use one process after the other. */
function keyOf({ user }: WorkerUser): string {
  return JSON.stringify(user);
}
