/** The clocks of this machine, as a recording tells of them. */
import { readBootTimeMs } from "../../proc/clock.ts";
import { readText, valueOr } from "../../proc/read.ts";
import { type ClockChange, type Clocks, ClockWatch } from "../../recording/clock-watch.ts";
import type { ClockLine } from "../../recording/state-lines.ts";

/** Null: /proc does not tell. */
export function readBootId(): string | null {
  return valueOr(readText("/proc/sys/kernel/random/boot_id"), "").trim() || null;
}

/** ISO 8601 with the offset of this machine's zone. */
export function withOffset(time: Date): string {
  const minutes = -time.getTimezoneOffset();
  const local = new Date(time.getTime() + minutes * 60_000).toISOString().slice(0, -1);
  const [hours, rest] = [Math.trunc(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  const two = (value: number) => String(value).padStart(2, "0");
  return `${local}${minutes < 0 ? "-" : "+"}${two(hours)}:${two(rest)}`;
}

/** A reading that took longer, since this process had to wait for a CPU, says nothing, ms. */
const AT_ONCE_MS = 5;

export class RecordingClock {
  readonly #nowMs: () => number;
  readonly #watch: ClockWatch;
  #sleptMs = 0;

  /** `nowMs`: of the recording. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#watch = new ClockWatch(this.#read());
  }

  /** How long the machine has slept since the start. */
  get sleptMs(): number {
    return this.#sleptMs;
  }

  /** Null: the wall clock has not moved. To be called about once a second. */
  look(): ClockLine | null {
    const now = this.#read();
    if (this.#nowMs() - now.atMs > AT_ONCE_MS) return null;
    const change = this.#watch.look(now);
    if (change === null) return null;
    this.#sleptMs += change.suspendedMs;
    return clockLine(change);
  }

  /** Of now. */
  line(): ClockLine {
    return clockLine({ ...this.#read(), suspendedMs: 0 });
  }

  #read(): Clocks {
    const atMs = this.#nowMs();
    return { atMs, wallMs: Date.now(), bootMs: bootClockMs };
  }
}

/** CLOCK_BOOTTIME, in steps of 10 ms. Source: proc_uptime(5) */
function bootClockMs(): number | null {
  const bootedMs = readBootTimeMs("/proc", 0);
  return bootedMs === null ? null : -bootedMs;
}

function clockLine({ atMs, wallMs, suspendedMs }: ClockChange): ClockLine {
  const line = { type: "clock", atMs, wallClock: withOffset(new Date(wallMs)) } as const;
  return suspendedMs === 0 ? line : { ...line, suspendedMs };
}
