/**
 * Companion files with several names: one of them may be another user's file, which SQLite would write to, or which a
 * copy would show. Pure.
 */
import type { Pin } from "../worker/pin.ts";
import type { Actor } from "./actor.ts";
import type { Method, Refusal } from "./protocol.ts";

/**
 * Null where it does no harm: sqlock has the rights of the caller alone, or the owner reads his own files for a copy.
 * `method`: how it is opened.
 */
export function hardLinkedCompanion(
  pins: readonly Pin[],
  actor: Actor,
  method: Method,
): Extract<Refusal, { kind: "hard-linked" }> | null {
  if (actor.kind === "caller" || (actor.kind === "owner" && method === "private-copy")) return null;
  const linked = pins.find(({ suffix, links }) => suffix !== "" && links > 1);
  return linked === undefined ? null : { kind: "hard-linked", path: linked.path, links: linked.links };
}
