/**
 * Names of files as lsof writes them: what the locale C cannot print is escaped, as `\n`, `\xc3` or `^A`. Whether a
 * backslash or a caret is one itself depends on lsof's version, so that a name may have several readings. Pure. Source:
 * lsof(8), "OUTPUT"; safestrprt in misc.c.
 */

const LETTERS: Readonly<Record<string, number>> = { b: 8, t: 9, n: 10, f: 12, r: 13, "\\": 92 };

const ESCAPE = /\\(?:([btnfr\\])|x([0-9a-f]{2}))|\^([?-_])/g;

/** What the name may be, the likeliest first; each once. `written`: a character a byte (latin1). */
export function readingsOf(written: string): string[] {
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
