/** A word that people ask about, and the messages and findings that concern it. */
import type { FindingId } from "../../model/report.ts";

export interface Topic {
  /** Stable: `wal`. It is one of its words. */
  readonly id: string;
  /** In lower case, each in one topic alone. */
  readonly words: readonly string[];
  readonly title: string;
  /** What it is, in one to five sentences. */
  readonly meaning: string;
  /** Ids of entries, the likeliest first. */
  readonly messages: readonly string[];
  /** The likeliest first. */
  readonly findings: readonly FindingId[];
  /** Commands to run next; DATABASE stands for the path. */
  readonly next: readonly string[];
}

/** The command that most topics end with. */
export const LOOK = "sqlock who-holds DATABASE";

/** Which statements took a lock, and which processes waited for it: the kernel tells root alone. */
export const RECORD = "sudo sqlock record DATABASE";

/** Words with spaces between them. */
export function listed(words: string): string[] {
  return words.split(" ");
}
