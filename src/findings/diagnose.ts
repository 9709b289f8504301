/** From one look to what is worth a person's attention. Pure. */

import type { Finding, Severity } from "../model/report.ts";
import { knowsLocks } from "../model/source.ts";
import { FINDINGS } from "./index.ts";
import type { Subject } from "./shared/record.ts";

const ORDER: readonly Severity[] = ["error", "warning", "info"];

/** The findings of one look at one database, the gravest first. */
export function diagnose(subject: Subject): Finding[] {
  const knows = knowsLocks(subject.snapshot.source);
  return FINDINGS.filter(({ needs }) => knows || needs !== "locks")
    .flatMap(({ id, severity, rule }) => rule(subject).map((diagnosis): Finding => ({ id, severity, ...diagnosis })))
    .sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
}
