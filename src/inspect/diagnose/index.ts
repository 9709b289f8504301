/** From what was seen to what is worth a person's attention: one rule a file, each pure. */
import type { Finding, Severity } from "../report.ts";
import { checkpointStarved } from "./checkpoint-starved.ts";
import { deletedFile } from "./deleted-file.ts";
import { hotJournal } from "./hot-journal.ts";
import { lostLocks } from "./lost-locks.ts";
import { openReadBlocksCommit } from "./open-read-blocks-commit.ts";
import type { Rule, Subject } from "./rule.ts";
import { suspendedHolder } from "./suspended-holder.ts";
import { uncommittedWrite } from "./uncommitted-write.ts";

const RULES: readonly Rule[] = [deletedFile, lostLocks, hotJournal, suspendedHolder, uncommittedWrite, openReadBlocksCommit, checkpointStarved];

const ORDER: readonly Severity[] = ["error", "warning", "info"];

/** The findings, the gravest first. */
export function diagnose(subject: Subject): Finding[] {
  return RULES.flatMap((rule) => rule(subject)).sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
}
