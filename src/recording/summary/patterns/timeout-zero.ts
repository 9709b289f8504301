/**
 * Connections that were opened with a busy timeout of 0, beside other connections to the same database. Where one of
 * them was refused, no-busy-timeout tells; here nobody was in its way yet. Silent of processes that waited: they have
 * set a timeout afterwards. Likely: others may have, too.
 */
import type { TimeoutZero } from "../pattern.ts";
import type { PatternRule } from "../rule.ts";
import { known } from "../sites.ts";
import type { NoBusyTimeoutRule } from "./no-busy-timeout.ts";
import type { Waiters } from "./waiters.ts";
import type { ZeroTimeouts } from "./zero-timeouts.ts";

export class TimeoutZeroRule implements PatternRule {
  readonly #timeouts: ZeroTimeouts;
  readonly #waiters: Waiters;
  readonly #noBusyTimeout: NoBusyTimeoutRule;

  constructor(timeouts: ZeroTimeouts, waiters: Waiters, noBusyTimeout: NoBusyTimeoutRule) {
    this.#timeouts = timeouts;
    this.#waiters = waiters;
    this.#noBusyTimeout = noBusyTimeout;
  }

  found(): TimeoutZero[] {
    return [...this.#timeouts].flatMap(({ path, evidence, all }) => {
      const pids = evidence.pids.filter((pid) => !this.#waiters.has(pid));
      if (pids.length === 0 || all < 2 || this.#noBusyTimeout.hasRefused(path)) return [];
      return [
        {
          ...{ id: "timeout-zero", severity: "info", sure: "likely", path, pids, sql: null },
          evidence: { opened: evidence.times, ...known("openedAt", this.#timeouts.openedAt(path, pids)) },
          ...{ fix: "set-busy-timeout", explain: "busy" },
        } satisfies TimeoutZero,
      ];
    });
  }
}
