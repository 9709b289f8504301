/** A file has one run of a recorder: several, one behind the other, would get the clocks of the first. */
import { UserError } from "../../errors.ts";
import type { MetaLine } from "../../recording/lines.ts";
import { escapeText } from "../../text/escape.ts";
import type { Source } from "./source.ts";

export class OneRun {
  readonly #source: Source;
  #last: MetaLine | null = null;

  constructor(source: Source) {
    this.#source = source;
  }

  /** Every `meta` of the file. Segments of one run may stand in it one behind the other. @throws UserError */
  add(meta: MetaLine): void {
    const last = this.#last;
    this.#last = meta;
    if (last === null || (isSameRun(last, meta) && (meta.segment ?? 1) > (last.segment ?? 1))) return;
    throw new UserError(
      "several-recordings",
      `${escapeText(this.#source.name)} has several recordings one behind the other: another one begins with ` +
        `${isSameRun(last, meta) ? "the same start" : `the start ${escapeText(meta.startedAt)}`}`,
      "give each of them as a file of its own, or the folder that they are in",
    );
  }
}

function isSameRun(one: MetaLine, other: MetaLine): boolean {
  return runKey(one) === runKey(other);
}

export function runKey({ startedAt, startedMonotonicNs, bootId }: MetaLine): string {
  return [startedAt, startedMonotonicNs, bootId].join(" ");
}
