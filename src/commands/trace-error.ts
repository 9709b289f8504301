/** Why the kernel's events cannot be had, as the one line that a command ends with. */
import { UserError } from "../errors.ts";
import { traceErrorText } from "../render/record/source.ts";
import { TraceError } from "../trace/errors.ts";

/** Any other error as it is. `needs`: the option that does not work without them; null: none. */
export function asUserError(error: unknown, needs: string | null = null): unknown {
  if (!(error instanceof TraceError)) return error;
  const { message, hint } = traceErrorText(error.reason, error.path, error.code, needs);
  return new UserError("no-kernel-source", message, hint);
}
