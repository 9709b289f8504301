/** Why a cause stands where it stands, in a clause. Pure. */
import type { Reason } from "../../features/explain/rank.ts";
import type { Sign, SignId } from "../../features/explain/signs.ts";

const SIGN_TEXT: Readonly<Record<SignId, string>> = {
  exclusive: "holds EXCLUSIVE now",
  writer: "is writing now",
  reader: "is reading now",
};

export function reasonText(reason: Reason): string {
  switch (reason.kind) {
    case "extended-code":
      return `the code is ${reason.name}`;
    case "findings":
      return `${reason.ids.join(", ")} was found`;
    case "sign":
      return signText(reason.sign);
    case "failed-at-once":
      return "it failed at once";
    case "waited-whole-timeout":
      return "it waited the whole timeout";
    case "library-sets-no-timeout":
      return "none is set unless the program does";
    case "timeout-is-zero":
      return "the timeout is 0";
    case "timeout-is-set":
      return "a timeout is set";
  }
}

function signText({ id, pid }: Sign): string {
  return `${pid ?? "somebody unknown"} ${SIGN_TEXT[id]}`;
}
