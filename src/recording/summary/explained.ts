/** Patterns that another one explains: what helps against it helps against these; their own advice misleads. Pure. */
import type { Pattern, PatternId } from "./pattern.ts";

/** Transactions that wait for tasks of their own process look like slow work in between. */
const EXPLAINS: Readonly<Partial<Record<PatternId, readonly PatternId[]>>> = {
  "tasks-with-own-connections": ["same-process-connections", "think-time"],
};

export function withoutExplained(patterns: readonly Pattern[]): Pattern[] {
  const causes = patterns.filter(({ id, severity }) => EXPLAINS[id] !== undefined && severity === "warning");
  return patterns.filter(({ id, path, pids }) => !causes.some((cause) => explains(cause, { id, path, pids })));
}

function explains(cause: Pattern, { id, path, pids }: Pick<Pattern, "id" | "path" | "pids">): boolean {
  return (
    EXPLAINS[cause.id]?.includes(id) === true && cause.path === path && pids.every((pid) => cause.pids.includes(pid))
  );
}
