/** A connection of the program: its transactions, the calls outside of them, and its end, whatever the driver is. */
import { Budget } from "./budget.ts";
import { tellCall } from "./group.ts";
import type { AnyFunction } from "./replace.ts";
import type { SqlFacts } from "./sql.ts";
import { stateAfter, type WordState } from "./state.ts";
import type { Definition } from "./stream.ts";
import { GATHER_US, type Tracer } from "./tracer.ts";
import { Transaction } from "./transaction.ts";
import { type Use, Uses } from "./uses.ts";

/** A call that takes this long is told. */
const SLOW_US = 5_000;
/** The call behind such a pause within a transaction has its own site. */
const PAUSE_US = 5_000;
/** A site that was found this recently is that of the next call of the same text. */
const SITE_US = GATHER_US;

/** Stacks that nothing depends on. */
const budget = new Budget(300);

/** Where a call is: to be found from the stack, above this function; or known already. */
export type Place = AnyFunction | { readonly site: Definition | undefined };

/**
 * Whose site a call is told with: its own; its own, unless very many are looked for: then what another call of the text
 * had a moment ago; or that in any case.
 */
type Need = "exact" | "recent" | "optional";

export interface Done {
  readonly t0: number;
  readonly t1: number;
  /** Where it is not the time between these: for a result that is read row by row. */
  readonly inside?: number;
  /** Whether a transaction is open now; undefined: the driver cannot say. */
  readonly isOpen: boolean | undefined;
  /** SQLite's name of the failure, or the error's. */
  readonly result: string | null;
  readonly who?: Definition;
}

export class Connection {
  readonly id: number;
  readonly tracer: Tracer;
  isClosed = false;
  /** The driver calls functions of the program: an error may come from them. */
  hasCallbacks = false;
  readonly #uses: Uses;
  #words: WordState = { isOpen: false, savepoint: undefined };
  #transaction: Transaction | undefined;

  constructor(tracer: Tracer) {
    this.tracer = tracer;
    this.id = tracer.stream.newId();
    this.#uses = new Uses(tracer, this.id);
  }

  use(text: string, isScript: boolean, now: number): Use {
    return this.#uses.of(text, isScript, now);
  }

  done(use: Use, done: Done, place: Place): void {
    if (this.isClosed) return;
    this.#words = stateAfter(this.#words, use.facts, done);
    const isOpen = this.#words.isOpen;
    const transaction = this.#transaction;
    if (transaction !== undefined) this.#within(transaction, use, done, place, isOpen);
    else if (isOpen) this.#begun(use, done, place);
    else this.#outside(use, done, place);
  }

  #begun(use: Use, done: Done, place: Place): void {
    const { isRead, isWrite, statements } = use.facts;
    const site = this.#siteOf(use, done.t1, place, "exact");
    const flags = `b${isRead ? "r" : ""}${isWrite ? "w" : ""}${common(done)}`;
    this.#transaction = new Transaction(done, site, { isRead, isWrite, statements });
    tellCall(this.tracer.stream, this.id, call(this.tracer, use, done, site, flags), 1);
    // A deferred one has no lock yet: its first statement is often next, and is told in the same write.
    if (use.facts.isDeferred) this.tracer.flushSoon();
    else this.tracer.stream.flush();
  }

  #within(transaction: Transaction, use: Use, done: Done, place: Place, isOpen: boolean): void {
    const first = transaction.firsts(use.facts);
    const restarts = isOpen && done.result === null && endsAndBegins(use.facts);
    const isEnd = !isOpen || restarts;
    // The end has its own times: that it was slow needs no message.
    const flags = isEnd && first === "" && done.result === null ? "" : `${first}${common(done)}`;
    const isLong = done.t1 - transaction.t0 >= SLOW_US || done.result !== null;
    const need = isLong && (flags !== "" || isEnd || done.t0 - transaction.lastEnd >= PAUSE_US) ? "exact" : "recent";
    const site = this.#siteOf(use, done.t1, place, flags === "" && !isEnd && need === "recent" ? "optional" : need);
    transaction.add(done, site, use.facts.statements);
    if (done.result !== null && first === "" && !isEnd) use.failed.add(call(this.tracer, use, done, site, flags), true);
    else if (flags !== "") tellCall(this.tracer.stream, this.id, call(this.tracer, use, done, site, flags), 1);
    if (isEnd) {
      this.#tellEnd(transaction, done, outcomeOf(use.facts, done), use.text, site);
      this.#transaction = undefined;
    }
    if (restarts) this.#begun(use, { ...done, t0: done.t1 }, { site });
    if (flags !== "") this.tracer.stream.flush();
    else if (isEnd) this.tracer.flushEnd(done.t1);
  }

  #outside(use: Use, done: Done, place: Place): void {
    const isSlow = done.t1 - done.t0 >= SLOW_US;
    const site = this.#siteOf(use, done.t1, place, isSlow ? "exact" : "optional");
    const isUrgent = typeof place !== "function" || use.siteAt === done.t1;
    const group = done.result === null ? use.fine : use.failed;
    const made = call(this.tracer, use, done, site, `a${common(done)}`);
    if (!isSlow) {
      group.add(made, isUrgent);
      return;
    }
    group.tell();
    tellCall(this.tracer.stream, this.id, made, 1);
    this.tracer.stream.flush();
  }

  #siteOf(use: Use, now: number, place: Place, need: Need): Definition | undefined {
    if (typeof place !== "function") return place.site;
    const isRecent = now - use.siteAt < SITE_US;
    if (need === "optional" && isRecent) return use.site;
    if (need !== "exact" && !budget.allows(now) && (need === "optional" || isRecent)) return use.site;
    use.site = this.tracer.sites.at(place);
    use.siteAt = now;
    return use.site;
  }

  /** For a driver that answers later: the place where it is called. */
  placeOf(use: Use, now: number, above: AnyFunction): Place {
    const { controls, isWrite } = use.facts;
    const isControl = controls.length > 0;
    const isFirst = this.#transaction !== undefined && isWrite;
    return { site: this.#siteOf(use, now, above, isControl ? "exact" : isFirst ? "recent" : "optional") };
  }

  /** @param how "collected": nobody closed it */
  close(how: "closed" | "collected", now: number, site: Definition | undefined, who = this.tracer.who): void {
    if (this.isClosed) return;
    this.isClosed = true;
    const { stream } = this.tracer;
    this.tracer.tellGathered();
    if (this.#transaction !== undefined) {
      const done = { t0: now, t1: now, isOpen: false, result: null, who };
      this.#tellEnd(this.#transaction, done, "closed", undefined, site);
      this.#transaction = undefined;
    }
    this.#uses.clear();
    stream.add("close", [this.id, who.id, site?.id ?? 0, Math.floor(now), how], who, site);
    stream.flush();
  }

  usedAfterClose(now: number, place: Place): void {
    const { stream, who, sites } = this.tracer;
    if (!budget.allows(now)) return;
    const site = typeof place === "function" ? sites.at(place) : place.site;
    const fields = ["used-after-close", this.id, who.id, site?.id ?? 0, Math.floor(now), null];
    stream.add("misuse", fields, who, site);
    stream.flush();
  }

  #tellEnd(
    transaction: Transaction,
    { t0, t1, who = this.tracer.who }: Done,
    outcome: string,
    text: Definition | undefined,
    site: Definition | undefined,
  ): void {
    const { statements, inside, gap, gapAfter, gapBefore } = transaction;
    const fields = [this.id, who.id, site?.id ?? 0, text?.id ?? 0, Math.floor(t0), Math.ceil(t1), outcome, statements];
    const gaps = [Math.round(inside), Math.round(gap), gapAfter?.id ?? 0, gapBefore?.id ?? 0];
    this.tracer.stream.add("end", [...fields, ...gaps], who, site, text, gapAfter, gapBefore);
  }
}

function common({ t0, t1, result }: Done): string {
  return `${t1 - t0 >= SLOW_US ? "s" : ""}${result === null ? "" : "e"}`;
}

function call(tracer: Tracer, use: Use, done: Done, site: Definition | undefined, flags: string) {
  const { t0, t1, inside = t1 - t0, result, who = tracer.who } = done;
  return { who, site, text: use.text, t0, t1, flags, inside, result };
}

function endsAndBegins({ controls }: SqlFacts): boolean {
  const end = controls.findIndex(({ kind }) => kind === "commit" || kind === "rollback");
  return end !== -1 && controls.slice(end).some(({ kind }) => kind === "begin" || kind === "savepoint");
}

function outcomeOf({ controls }: SqlFacts, { result }: Done): "commit" | "rollback" | "unknown" {
  const last = controls.findLast(({ kind }) => kind === "commit" || kind === "rollback" || kind === "release");
  if (result !== null || last?.kind === "rollback") return "rollback";
  return last === undefined ? "unknown" : "commit";
}
