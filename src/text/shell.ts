/** Words for a POSIX shell. Pure. */
import { isVisible, replaceUnsafe } from "./escape.ts";

/**
 * A word as the shell reads it back; plain where that is safe. A leading dash is quoted as well, so that it is seen.
 * What a terminal would obey is escaped, and the command is still the same when it is copied: `$'a\nb'`. Source:
 * POSIX.1-2024, XCU 2.2.4; bash, ksh and zsh have had it for long, dash and fish have not.
 */
export function shellQuoted(word: string): string {
  if (/^(?!-)[\w@%+=:,./-]+$/.test(word)) return word;
  if (isVisible(word)) return `'${word.replaceAll("'", "'\\''")}'`;
  const encoder = new TextEncoder();
  return `$'${replaceUnsafe(word.replace(/[\\']/g, "\\$&"), (unsafe) => octal(encoder.encode(unsafe)))}'`;
}

/** A path as it was given, as an argument: with a dash at its beginning it would be an option. */
export function quotedPath(path: string): string {
  return shellQuoted(path.startsWith("-") ? `./${path}` : path);
}

/** Three digits a byte: the character behind is never taken for one more. */
function octal(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => (byte === 0x0a ? "\\n" : `\\${byte.toString(8).padStart(3, "0")}`)).join("");
}
