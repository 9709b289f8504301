/** Looks at the databases that come next, many at once: a pass over all processes costs more than a small check. */
import type { DatabaseLook, LookFailure } from "../../safe-open/look.ts";
import { mountsNow, type QuietFile, QuietFiles, quietFile } from "../../safe-open/quiet-files.ts";

/** A group ends here: a look counts for a short time, and so much is checked within a fraction of it. */
const MAX_FILES = 64;
const MAX_BYTES = 64 * 2 ** 20;

/** Until here paths belong to a group, and what its look has found; null: none of them is worth one. */
interface Group {
  readonly end: number;
  readonly look: Promise<QuietFiles | null> | null;
}

export class LookAhead {
  readonly #paths: readonly string[];
  #group: Group = { end: 0, look: null };

  /** `paths`: in the order in which they are asked for. */
  constructor(paths: readonly string[]) {
    this.#paths = paths;
  }

  /** Of the path at `at`, which is greater each time. Null: it needs a look of its own. */
  async at(at: number): Promise<DatabaseLook | LookFailure | null> {
    if (at >= this.#group.end) this.#group = groupFrom(this.#paths, at);
    const files = await this.#group.look;
    return files?.of(this.#paths[at] ?? "") ?? null;
  }
}

function groupFrom(paths: readonly string[], start: number): Group {
  const mounts = mountsNow();
  const files: QuietFile[] = [];
  let bytes = 0;
  let end = start;
  for (; end < paths.length && end - start < MAX_FILES && bytes < MAX_BYTES; end++) {
    const file = quietFile(paths[end] ?? "", mounts);
    if (file === null) continue;
    files.push(file);
    bytes += file.sizeBytes;
  }
  // A look at one is taken when it is its turn; where this one fails, each has its own, with its own error.
  return { end, look: files.length < 2 ? null : QuietFiles.look(files).catch(() => null) };
}
