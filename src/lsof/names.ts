/**
 * File names as lsof prints them: what the locale C cannot print is escaped, as `\n`, `\xc3` or `^A`. Whether a
 * backslash or a caret is escaped itself depends on the version of lsof, so a name may have several interpretations.
 * Pure. Source: lsof(8), "OUTPUT"; safestrprt in misc.c.
 */

const LETTERS: Readonly<Record<string, number>> = { b: 8, t: 9, n: 10, f: 12, r: 13, "\\": 92 };

const ESCAPE = /\\(?:([btnfr\\])|x([0-9a-f]{2}))|\^([?-_])/g;

/** The possible names, the likeliest first, each once. `written`: one character for each byte (latin1). */
export function interpretationsOf(written: string): string[] {
  return [...new Set([decoded(written, { carets: true }), decoded(written, { carets: false }), utf8(written)])];
}

function decoded(written: string, { carets }: { readonly carets: boolean }): string {
  return utf8(
    written.replace(ESCAPE, (whole: string, letter?: string, hexadecimal?: string, control?: string) => {
      if (control !== undefined)
        return carets ? String.fromCharCode(control === "?" ? 127 : control.charCodeAt(0) - 64) : whole;
      return String.fromCharCode(
        hexadecimal === undefined ? (LETTERS[letter ?? ""] ?? 92) : Number.parseInt(hexadecimal, 16),
      );
    }),
  );
}

function utf8(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}
