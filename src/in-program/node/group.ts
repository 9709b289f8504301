/** Calls outside of a transaction, or failures, that are alike: the first is told at once, further ones together. */
import type { Definition, Stream } from "./stream.ts";
import { GATHER_US, type Tracer } from "./tracer.ts";

export interface Call {
  readonly who: Definition;
  readonly site: Definition | undefined;
  readonly text: Definition;
  readonly t0: number;
  readonly t1: number;
  readonly flags: string;
  readonly inside: number;
  readonly result: string | null;
}

export function tellCall(stream: Stream, conn: number, call: Call, times: number): void {
  const { who, site, text, t0, t1, flags, inside, result } = call;
  const fields = [conn, who.id, site?.id ?? 0, text.id, Math.floor(t0), Math.ceil(t1), flags, times];
  stream.add("call", [...fields, Math.round(inside), result], who, site, text);
}

export class Group {
  readonly #tracer: Tracer;
  readonly #conn: number;
  readonly #tell = () => this.tell();
  #first: Call | undefined;
  #times = 0;
  #t1 = 0;
  #inside = 0;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(tracer: Tracer, conn: number) {
    this.#tracer = tracer;
    this.#conn = conn;
  }

  /** @param isUrgent whether the first of them may cost a write of its own */
  add(call: Call, isUrgent: boolean): void {
    const first = this.#first;
    if (first !== undefined) {
      const isAlike = first.site === call.site && first.flags === call.flags && first.result === call.result;
      if (isAlike && call.t1 - first.t0 < GATHER_US) {
        this.#times += 1;
        this.#t1 = call.t1;
        this.#inside += call.inside;
        return;
      }
      this.tell();
      this.#tracer.stream.flush();
    }
    if (isUrgent && call.t1 - this.#toldAt >= GATHER_US) {
      this.#tellNow(call);
      return;
    }
    this.#tracer.gather(this.#tell, call.t1);
    this.#first = call;
    this.#times = 1;
    this.#t1 = call.t1;
    this.#inside = call.inside;
  }

  #tellNow(call: Call): void {
    this.#toldAt = call.t1;
    tellCall(this.#tracer.stream, this.#conn, call, 1);
    this.#tracer.stream.flush();
  }

  /** What is gathered, with the next flush. */
  tell(): void {
    const first = this.#first;
    if (first === undefined) return;
    this.#first = undefined;
    this.#toldAt = this.#t1;
    tellCall(this.#tracer.stream, this.#conn, { ...first, t1: this.#t1, inside: this.#inside }, this.#times);
  }
}
