/**
 * Private folders for jobs, one after another, which are removed where this process is killed at any moment: those of a
 * user are made in one folder, which the guard knows from its beginning.
 */
import type { User } from "../user/user.ts";
import type { ManyGuard } from "./guard.ts";
import { makePrivateFolder, type NoFolder, removePrivateFolder } from "./private-folder.ts";

export interface JobFolder {
  readonly path: string;
  readonly remove: () => void;
}

export class JobFolders {
  readonly #guard: ManyGuard;
  readonly #parents = new Map<string, { readonly path: string; readonly user: User | null }>();

  /** `guard`: its process has been started. */
  constructor(guard: ManyGuard) {
    this.#guard = guard;
  }

  /** `alone`: of a user who has no other. See makePrivateFolder. */
  make(user: User | null, alone: boolean): JobFolder | NoFolder {
    if (alone) return this.#makeGuarded(user);
    const key = JSON.stringify(user);
    const known = this.#parents.get(key);
    const inKnown = known === undefined ? null : makeIn(known.path, user);
    if (inKnown !== null && "path" in inKnown) return inKnown;
    const made = this.#makeGuarded(user); // the first, or another one: somebody has removed it
    if (!("path" in made)) return made;
    this.#parents.set(key, { path: made.path, user });
    return makeIn(made.path, user);
  }

  /** No job has one any more. */
  removeAll(): void {
    for (const { path, user } of this.#parents.values()) this.#remove(path, user);
    this.#parents.clear();
  }

  #makeGuarded(user: User | null): JobFolder | NoFolder {
    const path = makePrivateFolder(user);
    if (typeof path === "object") return path;
    this.#guard.addFolder(path, user);
    return { path, remove: () => this.#remove(path, user) };
  }

  #remove(path: string, user: User | null): void {
    removePrivateFolder(path);
    this.#guard.removeFolder(path, user);
  }
}

function makeIn(parent: string, user: User | null): JobFolder | NoFolder {
  const path = makePrivateFolder(user, parent);
  return typeof path === "object" ? path : { path, remove: () => void removePrivateFolder(path) };
}
