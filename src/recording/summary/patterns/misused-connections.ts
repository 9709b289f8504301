/**
 * A connection was used in another thread than its own, or after it was closed. Once is enough: the program got the
 * error.
 */
import type { MisuseLine } from "../../program/lines.ts";
import { siteKey } from "../../program/repeated.ts";
import type { UsedAfterClose, WrongThread } from "../pattern.ts";
import { ByPath, Evidence, type PatternRule } from "../rule.ts";
import { known, Sites } from "../sites.ts";

const MOST_LINES = 500;
/** Of one database. */
const TOLD = 3;

interface Used {
  readonly kind: MisuseLine["kind"];
  readonly evidence: Evidence;
  readonly openedAt: Sites;
  readonly closedAt: Sites;
  readonly usedAt: Sites;
}

export class MisusedConnectionsRule implements PatternRule {
  /** By the lines that used and closed them. */
  readonly #byPath = new ByPath(() => new Map<string, Used>());

  misuse(line: MisuseLine): void {
    if (line.kind === "left-open") return;
    const lines = this.#byPath.of(line.path ?? ":memory:");
    const key = [line.kind, siteKey(line.callSite), siteKey(line.closedAt)].join("\n");
    let used = lines.get(key);
    if (used === undefined) {
      if (lines.size >= MOST_LINES) return;
      const sites = { openedAt: new Sites(), closedAt: new Sites(), usedAt: new Sites() };
      used = { kind: line.kind, evidence: new Evidence(), ...sites };
      lines.set(key, used);
    }
    used.evidence.add(line.pid, null, 0, line.times ?? 1);
    used.openedAt.add(line.openedAt);
    used.closedAt.add(line.closedAt);
    used.usedAt.add(line.callSite);
  }

  found(): (WrongThread | UsedAfterClose)[] {
    return [...this.#byPath].flatMap(([path, lines]) =>
      [...lines.values()]
        .sort((a, b) => b.evidence.times - a.evidence.times)
        .slice(0, TOLD)
        .map((used) => patternOf(path, used)),
    );
  }
}

function patternOf(path: string, used: Used): WrongThread | UsedAfterClose {
  const { times, pids } = used.evidence;
  const common = { severity: "warning", sure: "proved", path, pids, sql: null } as const;
  const openedAt = known("openedAt", used.openedAt.first);
  const usedAt = known("usedAt", used.usedAt.first);
  if (used.kind === "wrong-thread") {
    const evidence = { times, ...openedAt, ...usedAt };
    return { ...common, id: "wrong-thread", evidence, fix: "connection-per-thread", explain: "process" };
  }
  const evidence = { times, ...openedAt, ...known("closedAt", used.closedAt.first), ...usedAt };
  return { ...common, id: "used-after-close", evidence, fix: "close-last", explain: "idle" };
}
