/** Findings of real looks, and the commands in their remedies. */
import { execFileSync } from "node:child_process";
import type { WhoHoldsDatabase } from "../../src/index.ts";

type Finding = WhoHoldsDatabase["findings"][number];

/** The one finding of a rule. */
export function theFinding(database: WhoHoldsDatabase, id: Finding["id"]): Finding {
  const found = database.findings.filter((finding) => finding.id === id);
  const [finding] = found;
  if (finding === undefined || found.length > 1)
    throw new Error(`${id} is there ${found.length} times: ${JSON.stringify(database.findings)}`);
  return finding;
}

/**
 * Does what a remedy says, as it stands there: its part that matches is given to the shell. @returns what that printed.
 */
export function followRemedy(finding: Finding, command: RegExp): string {
  const found = command.exec(finding.remedy)?.[0];
  if (found === undefined) throw new Error(`no ${command} in ${finding.remedy}`);
  return execFileSync("sh", ["-c", found], { encoding: "utf8" });
}
