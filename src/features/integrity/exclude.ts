/** `--exclude GLOB`: what `-r` leaves out. Pure. */
import { UserError } from "../../errors.ts";
import { globMatcher } from "../../text/glob.ts";

export class Excludes {
  readonly #globs: readonly { readonly text: string; readonly matches: (path: string) => boolean }[];
  readonly #used = new Set<string>();

  /** @throws UserError */
  constructor(globs: readonly string[]) {
    if (globs.some((glob) => /^[./]*$/.test(glob)))
      throw new UserError("usage", "a pattern of --exclude is empty", "give the name of a file or folder: 'Thumbs.db'");
    this.#globs = globs.map((text) => ({ text, matches: globMatcher(text) }));
  }

  /** `path`: of a file or folder, relative to the folder of `-r`. */
  has(path: string): boolean {
    const matching = this.#globs.filter(({ matches }) => matches(path));
    for (const { text } of matching) this.#used.add(text);
    return matching.length > 0;
  }

  /** Something was left out. */
  get used(): boolean {
    return this.#used.size > 0;
  }

  /** The patterns that matched nothing. */
  get unused(): readonly string[] {
    return this.#globs.map(({ text }) => text).filter((text) => !this.#used.has(text));
  }
}
