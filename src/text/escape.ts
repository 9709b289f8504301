/**
 * Escapes untrusted text (names of files and programs) for a terminal. Only the renderers call it: data keeps the text
 * as it is. Pure.
 */

// Control characters, and those that reorder or hide text: bidirectional marks, zero-width and line separators, BOM,
// tags.
const CONTROLS = String.raw`\u0000-\u001f\u007f-\u009f`;
const INVISIBLE = String.raw`\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb`;
const TAGS = String.raw`\u{e0000}-\u{e007f}`;
const UNSAFE = new RegExp(`[${CONTROLS}${INVISIBLE}${TAGS}]`, "gu");

const NAMED: Record<string, string | undefined> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\x1b": "\\e" };

/** One line of visible characters. */
export function escapeText(text: string): string {
  return text.replace(UNSAFE, (char) => {
    const code = char.codePointAt(0) ?? 0;
    return NAMED[char] ?? (code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`);
  });
}
