/** What a tracer delivers: of the events of a recording those that come from the kernel. */
import type {
  CallEvent,
  EndedEvent,
  LockEvent,
  LostEvent,
  ResetEvent,
  ReturnEvent,
} from "../recording/source-event.ts";

export type TraceEvent = LockEvent | CallEvent | ReturnEvent | ResetEvent | LostEvent | EndedEvent;

/** A thread has ended. `last`: it was the last one of its process; null where the kernel does not say. */
export interface ExitRecord {
  readonly kind: "exit";
  readonly atMs: number;
  readonly tid: number;
  readonly last: boolean | null;
}

/** As decoded: the process of a call is not known yet. */
export type DecodedEvent = TraceEvent | ExitRecord;

/** When an event stands in the stream: a loss where it begins, as what comes after it may be incomplete. */
export function placeOf(event: DecodedEvent): number {
  return event.kind === "lost" ? event.fromMs : event.atMs;
}
