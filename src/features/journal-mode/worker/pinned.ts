/** That what is switched, and read, is what the look found. */
import { leadsToPinned, openDescriptors, opensOthers } from "../../../safe-open/worker/opened-files.ts";
import type { Opening } from "../protocol.ts";

/** The path leads to another file than at the look. */
export class AnotherFileError extends Error {
  override readonly name = "AnotherFileError";
}

/** Made before SQLite opens anything. */
export class PinnedFiles {
  readonly #opening: Pick<Opening, "path" | "pins" | "user">;
  readonly #before = openDescriptors();

  /** @throws AnotherFileError */
  constructor(opening: Pick<Opening, "path" | "pins" | "user">) {
    this.#opening = opening;
    this.checkName();
  }

  /** @throws AnotherFileError */
  checkName(): void {
    const { path, pins } = this.#opening;
    if (!leadsToPinned(path, pins)) throw new AnotherFileError();
  }

  /** What SQLite has open, and the name. @throws AnotherFileError */
  check(): void {
    const { user } = this.#opening;
    // programs of other users make companion files too, each time that they open the database
    if (opensOthers(this.#opening, this.#before, ({ nlink }) => user === null || nlink === 1n))
      throw new AnotherFileError();
    this.checkName();
  }
}
