/** The options of the alerts. */
import { UserError } from "../../../errors.ts";
import { parseDuration } from "../../../text/parse-duration.ts";

export interface AlertSettings {
  /** A lock that keeps others out for so long, in ms, is told of. */
  readonly afterMs: number;
  /** What `sh -c` runs then; null: nothing. */
  readonly command: string | null;
}

/** A look takes some time: what is shorter could not be told exactly. */
const MIN_AFTER_MS = 100;

/** Null: no alerts are wanted. @throws UserError */
export function alertSettings(alert: string | undefined, command: string | undefined): AlertSettings | null {
  if (alert === undefined) {
    if (command === undefined) return null;
    throw new UserError("usage", "--run needs --alert", "give the time after which it should run: --alert 5s");
  }
  const afterMs = parseDuration("--alert", alert);
  if (afterMs < MIN_AFTER_MS)
    throw new UserError("usage", `--alert ${JSON.stringify(alert)} is too short`, "choose 100ms to 24h");
  if (command?.trim() === "") throw new UserError("usage", "--run has no command", 'write it as --run "command"');
  return { afterMs, command: command ?? null };
}
