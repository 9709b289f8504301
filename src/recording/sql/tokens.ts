/**
 * The tokens of a text in SQLite's dialect, by the rules of its own tokenizer (tokenize.c, sqlite3GetToken; digit
 * separators since 3.46). A text that SQLite would refuse has tokens too: `illegal`, as there. Pure; linear in time.
 */

export type TokenKind =
  | "space"
  | "comment"
  | "string" // '…'
  | "blob" // x'…'
  | "number"
  | "quoted" // "…": a name, or a string where no column has that name
  | "bracketed" // […] and `…`: always a name
  | "word" // a name or a keyword
  | "variable"
  | "symbol" // operators and punctuation
  | "illegal";

/** Reads one token after the other without making a string of any: `kind`, `start` and `end` are of the current one. */
export class Tokens {
  readonly text: string;
  kind: TokenKind = "space";
  start = 0;
  end = 0;
  /** The current token is a string, a name or a comment that the text ends in. */
  unterminated = false;

  constructor(text: string) {
    const nul = text.indexOf("\0"); // the text ends there for SQLite
    this.text = nul === -1 ? text : text.slice(0, nul);
  }

  /** False at the end of the text. */
  next(): boolean {
    const at = this.end;
    if (at >= this.text.length) return false;
    const code = this.text.charCodeAt(at);
    this.start = at;
    this.unterminated = false;
    this.end = this.#endOf(at, code);
    return true;
  }

  /** The next one that is neither space nor a comment. */
  nextSolid(): boolean {
    while (this.next()) if (this.kind !== "space" && this.kind !== "comment") return true;
    return false;
  }

  /** In lower case, of a word. */
  word(): string {
    return this.text.slice(this.start, this.end).toLowerCase();
  }

  #endOf(at: number, code: number): number {
    const { text } = this;
    if (isSpace(code) || code === BOM) {
      this.kind = "space";
      let end = at + 1;
      while (isSpace(text.charCodeAt(end))) end++;
      return end;
    }
    if (code === MINUS && text.charCodeAt(at + 1) === MINUS) {
      this.kind = "comment";
      return this.#until("\n", at + 2, 0);
    }
    // "/*" at the very end of the text is two operators.
    if (code === SLASH && text.charCodeAt(at + 1) === STAR && text.charCodeAt(at + 2) > 0) {
      this.kind = "comment";
      return this.#until("*/", at + 2, 2);
    }
    if (code === SINGLE_QUOTE) return this.#quoted(at, "'", "string");
    if (code === DOUBLE_QUOTE) return this.#quoted(at, '"', "quoted");
    if (code === BACKTICK) return this.#quoted(at, "`", "bracketed");
    if (code === OPEN_BRACKET) {
      this.kind = "bracketed";
      return this.#until("]", at + 1, 1);
    }
    if (isDigit(code) || (code === DOT && isDigit(text.charCodeAt(at + 1)))) return this.#number(at);
    if (code === QUESTION) {
      this.kind = "variable";
      return endOfDigits(text, at + 1, false);
    }
    if (code === DOLLAR || code === AT || code === COLON || code === HASH) return this.#variable(at);
    if ((code === LOWER_X || code === UPPER_X) && text.charCodeAt(at + 1) === SINGLE_QUOTE) {
      this.kind = "blob";
      return this.#until("'", at + 2, 1);
    }
    if (isIdChar(code)) {
      this.kind = "word";
      return endOfName(text, at + 1);
    }
    this.kind = isSymbol(code) ? "symbol" : "illegal";
    return at + 1;
  }

  /** Up to and with `close`, of which `take` characters belong to the token; else to the end. */
  #until(close: string, from: number, take: number): number {
    const found = this.text.indexOf(close, from);
    if (found !== -1) return found + take;
    this.unterminated = take > 0;
    return this.text.length;
  }

  /** A doubled quote is one inside. */
  #quoted(at: number, quote: string, kind: TokenKind): number {
    this.kind = kind;
    let end = this.#until(quote, at + 1, 1);
    while (!this.unterminated && this.text[end] === quote) end = this.#until(quote, end + 1, 1);
    return end;
  }

  #number(at: number): number {
    const { text } = this;
    this.kind = "number";
    let end = at;
    const second = text.charCodeAt(at + 1);
    if (text.charCodeAt(at) === ZERO && (second === LOWER_X || second === UPPER_X) && isHex(text.charCodeAt(at + 2))) {
      end = at + 2;
      while (isHex(text.charCodeAt(end)) || text.charCodeAt(end) === UNDERSCORE) end++;
    } else {
      end = endOfDigits(text, at, true);
      if (text.charCodeAt(end) === DOT) end = endOfDigits(text, end + 1, true);
      const exponent = text.charCodeAt(end);
      if (exponent === LOWER_E || exponent === UPPER_E) {
        const sign = text.charCodeAt(end + 1);
        const digits = end + (sign === PLUS || sign === MINUS ? 2 : 1);
        if (isDigit(text.charCodeAt(digits))) end = endOfDigits(text, digits, true);
      }
    }
    return endOfName(text, end); // "1abc" is one illegal token; here it stays a number
  }

  /** `:a`, `@a`, `$a`, `$a::b`, `$a(b)`; without a name it is illegal. */
  #variable(at: number): number {
    const { text } = this;
    let named = false;
    let end = at + 1;
    for (;;) {
      const code = text.charCodeAt(end);
      if (isIdChar(code)) {
        named = true;
        end++;
      } else if (code === OPEN && named) {
        end = this.#subscript(end);
        break;
      } else if (code === COLON && text.charCodeAt(end + 1) === COLON) end += 2;
      else break;
    }
    this.kind = named && !this.unterminated ? "variable" : "illegal";
    return end;
  }

  #subscript(open: number): number {
    const { text } = this;
    let end = open + 1;
    for (;;) {
      const code = text.charCodeAt(end);
      if (code === CLOSE) return end + 1;
      if (Number.isNaN(code) || isSpace(code)) {
        this.unterminated = true;
        return end;
      }
      end++;
    }
  }
}

const BOM = 0xfeff;
const MINUS = 0x2d;
const PLUS = 0x2b;
const SLASH = 0x2f;
const STAR = 0x2a;
const SINGLE_QUOTE = 0x27;
const DOUBLE_QUOTE = 0x22;
const BACKTICK = 0x60;
const OPEN_BRACKET = 0x5b;
const OPEN = 0x28;
const CLOSE = 0x29;
const DOT = 0x2e;
const QUESTION = 0x3f;
const DOLLAR = 0x24;
const AT = 0x40;
const COLON = 0x3a;
const HASH = 0x23;
const ZERO = 0x30;
const UNDERSCORE = 0x5f;
const LOWER_X = 0x78;
const UPPER_X = 0x58;
const LOWER_E = 0x65;
const UPPER_E = 0x45;

/** Not the vertical tab, nor any space beyond ASCII. */
function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x09 || code === 0x0d || code === 0x0c;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isHex(code: number): boolean {
  return isDigit(code) || (code >= 0x61 && code <= 0x66) || (code >= 0x41 && code <= 0x46);
}

/** IdChar of SQLite: letters, digits, `_`, `$`, and all beyond ASCII. */
function isIdChar(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    isDigit(code) ||
    code === UNDERSCORE ||
    code === DOLLAR ||
    code >= 0x80
  );
}

const SYMBOLS: ReadonlySet<number> = new Set([..."+-*/%=<>!|&~(),.;"].map((symbol) => symbol.charCodeAt(0)));

function isSymbol(code: number): boolean {
  return SYMBOLS.has(code);
}

function endOfName(text: string, from: number): number {
  let end = from;
  while (isIdChar(text.charCodeAt(end))) end++;
  return end;
}

function endOfDigits(text: string, from: number, separators: boolean): number {
  let end = from;
  for (let code = text.charCodeAt(end); isDigit(code) || (separators && code === UNDERSCORE); ) {
    code = text.charCodeAt(++end);
  }
  return end;
}
