/** Which databases are created, replaced and deleted while they are recorded. Pure. */
import type { DatabaseLine } from "../../recording/lines.ts";
import type { FileEvent } from "../../recording/source-event.ts";

export class DatabaseChanges {
  readonly #paths: string[];
  /** By index. Undefined: there is a file, which no event has told yet. */
  readonly #inodes: (number | null | undefined)[];

  /** `exists`: whether there was a file at the start. */
  constructor(databases: readonly { readonly path: string; readonly exists: boolean }[]) {
    this.#paths = databases.map(({ path }) => path);
    this.#inodes = databases.map(({ exists }) => (exists ? undefined : null));
  }

  /** A database that is recorded from now on: the command has just opened it. */
  follow(path: string): void {
    this.#paths.push(path);
    this.#inodes.push(undefined);
  }

  /** Null: nothing has changed for the one who reads the recording. */
  next({ role, database, inode, atMs, untilMs }: FileEvent): DatabaseLine | null {
    const path = this.#paths[database];
    if (role !== "database" || untilMs !== undefined || path === undefined) return null;
    const before = this.#inodes[database];
    this.#inodes[database] = inode;
    if (before === inode || (before === undefined && inode !== null)) return null;
    const change = inode === null ? "deleted" : before === null ? "created" : "replaced";
    return { type: "database", atMs, path, change };
  }
}
