/**
 * A call was refused because of another connection of its own process. Once is enough: the program got the error, and
 * nothing outside of it can help.
 */
import type { RefusalLine } from "../../lines.ts";
import type { SameProcessConnections } from "../pattern.ts";
import { ByPath, Evidence, type PatternRule } from "../rule.ts";

export class SameProcessConnectionsRule implements PatternRule {
  readonly #byPath = new ByPath(() => ({ evidence: new Evidence(), proved: false }));

  refusal({ why, path, pid, sql, sure }: RefusalLine): void {
    if (why !== "same-process") return;
    const refused = this.#byPath.of(path);
    refused.evidence.add(pid, sql, 0);
    refused.proved ||= sure === "proved";
  }

  found(): SameProcessConnections[] {
    return [...this.#byPath].map(([path, { evidence, proved }]) => ({
      ...{ id: "same-process-connections", severity: "warning", sure: proved ? "proved" : "likely", path },
      ...{ pids: evidence.pids, sql: evidence.sql, evidence: { refused: evidence.times } },
      ...{ fix: "one-connection", explain: "busy" },
    }));
  }
}
