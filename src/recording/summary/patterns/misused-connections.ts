/**
 * A connection was used in another thread than its own, or after it was closed. Once is enough: the program got the
 * error.
 */
import type { MisuseLine } from "../../program/lines.ts";
import { siteKey } from "../../program/repeated.ts";
import type { UsedAfterClose, WrongThread } from "../pattern.ts";
import { ByPath, Evidence, type PatternRule } from "../rule.ts";
import { known } from "../sites.ts";

const MOST_LINES = 500;
/** Of one database. */
const TOLD = 3;

interface Used {
  /** The first one. */
  readonly line: MisuseLine;
  readonly evidence: Evidence;
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
      used = { line, evidence: new Evidence() };
      lines.set(key, used);
    }
    used.evidence.add(line.pid, null, 0, line.times ?? 1);
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

function patternOf(path: string, { line, evidence: { times, pids } }: Used): WrongThread | UsedAfterClose {
  const common = { severity: "warning", sure: "proved", path, pids, sql: null } as const;
  const openedAt = known("openedAt", line.openedAt);
  const usedAt = known("usedAt", line.callSite);
  if (line.kind === "wrong-thread") {
    const evidence = { times, ...openedAt, ...usedAt };
    return { ...common, id: "wrong-thread", evidence, fix: "connection-per-thread", explain: "process" };
  }
  const evidence = { times, ...openedAt, ...known("closedAt", line.closedAt), ...usedAt };
  return { ...common, id: "used-after-close", evidence, fix: "close-last", explain: "idle" };
}
