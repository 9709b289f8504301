/**
 * Private folders for jobs, one after another, which are removed where this process is killed at any moment: those of a
 * user are made in one folder, which the guard knows before the first of them.
 */
import type { User } from "../user/user.ts";
import type { ManyGuard } from "./guard.ts";
import { type Announce, makePrivateFolder, type NoFolder, removePrivateFolder } from "./private-folder.ts";

export interface JobFolder {
  readonly path: string;
  readonly remove: () => void;
}

export class JobFolders {
  readonly #guard: ManyGuard;
  /** By user. */
  readonly #parents = new Map<string, JobFolder>();

  /** `guard`: its process has been started. */
  constructor(guard: ManyGuard) {
    this.#guard = guard;
  }

  /** `alone`: of a user who has no other. See makePrivateFolder. */
  async make(user: User | null, alone: boolean): Promise<JobFolder | NoFolder> {
    await this.#guard.written(); // then it is told the next name at once
    if (alone) return this.#make(user);
    const key = JSON.stringify(user);
    const known = this.#parents.get(key);
    const inKnown = known === undefined ? null : this.#make(user, known.path);
    if (inKnown !== null && "path" in inKnown) return inKnown;
    const parent = this.#make(user); // the first, or another one: somebody has removed it
    if (!("path" in parent)) return parent;
    this.#parents.set(key, parent);
    return this.#make(user, parent.path);
  }

  /** No job has one any more. */
  removeAll(): void {
    for (const { remove } of this.#parents.values()) remove();
    this.#parents.clear();
  }

  /** Each is known to the guard for itself: in a parent, what cannot be removed would keep what can. */
  #make(user: User | null, parent?: string): JobFolder | NoFolder {
    const announce: Announce = (path, comes) =>
      comes ? this.#guard.addFolder(path, user) : this.#guard.removeFolder(path, user);
    const path = makePrivateFolder(user, parent, announce);
    if (typeof path === "object") return path;
    const remove = () => {
      removePrivateFolder(path);
      this.#guard.removeFolder(path, user);
    };
    return { path, remove };
  }
}
