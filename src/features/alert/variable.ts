/** The values of environment variables for the command of --run. Pure. */
import { escapeText } from "../../text/escape.ts";

/** The longest value that others choose: the kernel takes 128 KiB for one variable, a mail or a log much less. */
const MAX_CHARACTERS = 1000;

/** Empty where it is not known. */
export function valueText(value: number | null | undefined): string {
  return value === null || value === undefined ? "" : String(value);
}

/** What a process calls itself, or has in its statements: one line of visible characters, of limited length. */
export function foreignValue(value: string): string {
  const visible = escapeText(value.slice(0, MAX_CHARACTERS + 1));
  return visible.length > MAX_CHARACTERS ? `${visible.slice(0, MAX_CHARACTERS - 3)}...` : visible;
}
