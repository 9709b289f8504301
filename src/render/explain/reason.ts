/** Why a cause stands where it stands, in a clause. Pure. */
import { isSure } from "../../features/explain/access/refusals.ts";
import type { Reason } from "../../features/explain/rank.ts";
import type { Sign, SignId } from "../../features/explain/signs.ts";
import { userName } from "./access.ts";

const SIGN_TEXT: Readonly<Record<SignId, string>> = {
  exclusive: "holds EXCLUSIVE now",
  "takes-turns": "transactions end and others begin while sqlock looks",
  encrypted: "the file looks random from the first byte, without SQLite's header",
  recovering: "is recovering the WAL now",
  "lasting-writer": "has held the write lock for a while",
  writer: "holds the write lock now",
  reader: "is reading now",
  "waits-for-itself": "holds the write lock and polls for a lock",
  asleep: "is asleep: none of its connections is waiting now",
  "read-only-mount": "is read-only",
  "only-reads": "has it open read-only, and its user can write it",
  quota: "has quotas",
  confined: "is confined by a security module",
};

export function reasonText(reason: Reason): string {
  switch (reason.kind) {
    case "extended-code":
      return `the code is ${reason.name}`;
    case "findings":
      return `${reason.ids.join(", ")} was found`;
    case "sign":
      return signText(reason.sign);
    case "tried":
      return reason.refused === null
        ? `${userName(reason.user)} is allowed all of it`
        : `tried as ${userName(reason.user)}${isSure(reason.user) ? "" : ", possibly the program's user"}`;
    case "path-error":
      return reason.code === "no-such-file" ? "there is no such file" : "sqlock is not allowed to inspect it either";
    case "failed-at-once":
      return "it failed at once";
    case "waited-whole-timeout":
      return "it waited the whole timeout";
    case "library-sets-no-timeout":
      return "the library sets none by default";
    case "timeout-is-zero":
      return "the timeout is 0";
    case "timeout-is-set":
      return "a timeout is set";
  }
}

function signText({ id, pid }: Sign): string {
  if (id === "takes-turns" || id === "encrypted") return SIGN_TEXT[id];
  const who = id === "read-only-mount" || id === "quota" ? "its file system" : (pid ?? "an unknown process");
  return `${who} ${SIGN_TEXT[id]}`;
}
