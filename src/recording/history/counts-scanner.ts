/**
 * Reads a line of counts from its text, without making objects: a recording of a day has hundreds of thousands of them,
 * and JSON.parse with the checks of all fields takes most of the time of a report. What is not exactly as sqlock writes
 * it is refused, and read as any other line. Pure.
 */
import { LOCK_NAMES, type LockName } from "../../sqlite/locks.ts";
import { LAST_BUCKET } from "../histogram.ts";

const START = '{"type":"counts","fromMs":';
const HOLDS = ',"holds":{';

/** Number of a bucket, and how many are in it, in turn. Its memory is used again. */
export class Pairs {
  readonly values = new Float64Array(2 * (LAST_BUCKET + 1));
  length = 0;
}

/** Its fields are those of the line that was scanned last. */
export class ScannedHold {
  name: LockName = "WRITE";
  times = 0;
  totalMs = 0;
  /** NaN: it is not said. */
  longestMs = 0;
  writes = 0;
  /** NaN: nothing is said of the write locks apart. */
  writesMs = 0;
  longestWriteMs = 0;
  readonly buckets = new Pairs();
  readonly writeBuckets = new Pairs();
}

/** As `ScannedHold`. */
export class ScannedWaits {
  times = 0;
  totalMs = 0;
  /** NaN: not known. */
  longestMs = Number.NaN;
  attempts = 0;
  granted = 0;
  readonly buckets = new Pairs();
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN = 0x7b;
const CLOSE = 0x7d;

const HOLD_KEYS = [
  ...['"times":', '"totalMs":', '"longestMs":', '"writes":', '"writesMs":', '"longestWriteMs":'],
  ...['"buckets":', '"writeBuckets":'],
] as const;
const LINE_KEYS = [
  ...['"transactions":', '"writeTransactions":', '"commits":', '"waits":', '"gaveUp":', '"refusals":'],
  ...['"optionalRefusals":', '"runs":'],
] as const;
const WAIT_KEYS = ['"times":', '"totalMs":', '"longestMs":', '"attempts":', '"granted":', '"buckets":'] as const;
const LOCK_KEYS = LOCK_NAMES.map((name) => `"${name}":{`);

/** Whole numbers of so many digits are exact, and a division by a power of ten rounds as the text says. */
const EXACT_DIGITS = 15;
const TENS = Array.from({ length: EXACT_DIGITS + 1 }, (_, i) => 10 ** i);

export class CountsScanner {
  fromMs = 0;
  toMs = 0;
  /** `"pid":4242,"startTicks":"1000","path":"/srv/app/db.sqlite3"`, as it is in the text. */
  who = "";
  holds = 0;
  readonly hold: ScannedHold[] = [];
  transactions: number | null = null;
  writeTransactions = 0;
  commits = 0;
  gaveUp = 0;
  refusals = 0;
  optionalRefusals: number | null = null;
  hasWaits = false;
  readonly waits = new ScannedWaits();
  hasRuns = false;
  readonly runs = new ScannedWaits();
  #text = "";
  #at = 0;

  /** The line from `from` to before `to` in the text. False: it is not understood. */
  scan(text: string, from = 0, to = text.length): boolean {
    this.#text = text;
    if (!text.startsWith(START, from)) return false;
    this.#at = from + START.length;
    this.fromMs = this.#number();
    if (!this.#take(',"toMs":')) return false;
    this.toMs = this.#number();
    if (!(this.fromMs >= 0 && this.toMs >= 0) || !this.#char(COMMA)) return false;
    const end = text.indexOf(HOLDS, this.#at);
    if (end < 0 || end > to) return false;
    this.who = text.slice(this.#at, end);
    this.#at = end + HOLDS.length;
    return this.#scanHolds() && this.#scanRest() && this.#at === to;
  }

  #scanHolds(): boolean {
    this.holds = 0;
    if (this.#char(CLOSE)) return true;
    do {
      const index = this.#key(LOCK_KEYS, 0);
      const name = LOCK_NAMES[index];
      if (name === undefined) return false;
      for (let i = 0; i < this.holds; i++) if (this.hold[i]?.name === name) return false;
      let hold = this.hold[this.holds];
      if (hold === undefined) {
        hold = new ScannedHold();
        this.hold.push(hold);
      }
      this.holds++;
      hold.name = name;
      if (!this.#scanHold(hold)) return false;
    } while (this.#char(COMMA));
    return this.#char(CLOSE);
  }

  #scanHold(hold: ScannedHold): boolean {
    hold.times = -1;
    hold.totalMs = -1;
    hold.longestMs = Number.NaN;
    hold.writes = 0;
    hold.writesMs = Number.NaN;
    hold.longestWriteMs = Number.NaN;
    hold.buckets.length = 0;
    hold.writeBuckets.length = 0;
    let key = -1;
    do {
      key = this.#key(HOLD_KEYS, key + 1);
      if (key < 0) return false;
      if (key >= 6) {
        if (!this.#scanBuckets(key === 6 ? hold.buckets : hold.writeBuckets)) return false;
        continue;
      }
      const value = this.#number();
      if (!(value >= 0) || ((key === 0 || key === 3) && !Number.isInteger(value))) return false;
      if (key === 0) hold.times = value;
      else if (key === 1) hold.totalMs = value;
      else if (key === 2) hold.longestMs = value;
      else if (key === 3) hold.writes = value;
      else if (key === 4) hold.writesMs = value;
      else hold.longestWriteMs = value;
    } while (this.#char(COMMA));
    return hold.times >= 0 && hold.totalMs >= 0 && this.#char(CLOSE);
  }

  /** After the holds: a line with statements is not understood. */
  #scanRest(): boolean {
    this.transactions = Number.NaN;
    this.writeTransactions = 0;
    this.commits = 0;
    this.gaveUp = 0;
    this.refusals = 0;
    this.optionalRefusals = Number.NaN;
    this.hasRuns = false;
    let sawWaits = false;
    let key = -1;
    while (this.#char(COMMA)) {
      key = this.#key(LINE_KEYS, key + 1);
      if (key < 0) return false;
      if (key === 3) {
        this.hasWaits = !this.#take("null");
        if (this.hasWaits && !this.#scanWaits(this.waits)) return false;
        sawWaits = true;
        continue;
      }
      if (key === 7) {
        if (!this.#scanWaits(this.runs)) return false;
        this.hasRuns = true;
        continue;
      }
      const isNull = (key === 0 || key === 6) && this.#take("null");
      const value = isNull ? 0 : this.#number();
      if (!(value >= 0) || !Number.isInteger(value)) return false;
      if (key === 0) this.transactions = isNull ? null : value;
      else if (key === 1) this.writeTransactions = value;
      else if (key === 2) this.commits = value;
      else if (key === 4) this.gaveUp = value;
      else if (key === 5) this.refusals = value;
      else this.optionalRefusals = isNull ? null : value;
    }
    return sawWaits && !Number.isNaN(this.transactions) && !Number.isNaN(this.optionalRefusals) && this.#char(CLOSE);
  }

  #scanWaits(into: ScannedWaits): boolean {
    if (!this.#char(OPEN)) return false;
    into.times = -1;
    into.totalMs = -1;
    into.longestMs = Number.NaN;
    into.attempts = -1;
    into.granted = 0;
    into.buckets.length = 0;
    let key = -1;
    do {
      key = this.#key(WAIT_KEYS, key + 1);
      if (key < 0) return false;
      if (key === 5) {
        if (!this.#scanBuckets(into.buckets)) return false;
        continue;
      }
      const value = this.#number();
      if (!(value >= 0) || (key !== 1 && key !== 2 && !Number.isInteger(value))) return false;
      if (key === 0) into.times = value;
      else if (key === 1) into.totalMs = value;
      else if (key === 2) into.longestMs = value;
      else if (key === 3) into.attempts = value;
      else into.granted = value;
    } while (this.#char(COMMA));
    if (into.attempts < 0) into.attempts = into.times;
    return into.times >= 0 && into.totalMs >= 0 && this.#char(CLOSE);
  }

  #scanBuckets(into: Pairs): boolean {
    if (into.length > 0 || !this.#char(OPEN)) return false;
    if (this.#char(CLOSE)) return true;
    do {
      if (!this.#char(QUOTE)) return false;
      const bucket = this.#number();
      if (
        !(bucket >= 0 && bucket <= LAST_BUCKET && Number.isInteger(bucket)) ||
        !this.#char(QUOTE) ||
        !this.#char(COLON)
      )
        return false;
      const times = this.#number();
      if (!(times >= 0 && Number.isInteger(times))) return false;
      if (into.length >= into.values.length) return false;
      into.values[into.length] = bucket;
      into.values[into.length + 1] = times;
      into.length += 2;
    } while (this.#char(COMMA));
    return this.#char(CLOSE);
  }

  /** One character. */
  #char(code: number): boolean {
    if (this.#text.charCodeAt(this.#at) !== code) return false;
    this.#at++;
    return true;
  }

  #take(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  /** Which of these comes; most likely the one at `from`, or one after it. -1: none. */
  #key(keys: readonly string[], from: number): number {
    const count = keys.length;
    for (let i = 0; i < count; i++) {
      const index = from + i < count ? from + i : from + i - count;
      if (this.#take(keys[index] as string)) return index;
    }
    return -1;
  }

  /** NaN: none, or one that is not written in the usual way, or has too many digits. */
  #number(): number {
    const text = this.#text;
    let at = this.#at;
    let value = 0;
    let digits = 0;
    let fraction = 0;
    const begin = at;
    for (; ; at++) {
      const code = text.charCodeAt(at);
      if (code >= 0x30 && code <= 0x39) {
        value = value * 10 + (code - 0x30);
        digits++;
        if (fraction > 0) fraction++;
      } else if (code === 0x2e && fraction === 0 && digits > 0) fraction = 1;
      else break;
    }
    this.#at = at;
    const next = text.charCodeAt(at);
    const isLeadingZero = text.charCodeAt(begin) === 0x30 && digits > 1 && text.charCodeAt(begin + 1) !== 0x2e;
    if (digits === 0 || digits > EXACT_DIGITS || fraction === 1 || isLeadingZero || next === 0x65 || next === 0x45)
      return Number.NaN;
    return fraction === 0 ? value : value / (TENS[fraction - 1] as number);
  }
}
