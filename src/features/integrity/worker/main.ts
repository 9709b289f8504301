/** A process of its own for checks: it can be ended while SQLite is busy, and its locks end with it. */
import { watchLeftovers } from "../../../worker/as-before.ts";
import { keepNatives } from "../../../worker/keep-natives.ts";
import { serveMany } from "../../../worker/serve.ts";
import type { Job, Message } from "../protocol.ts";
import { checkJob } from "./check.ts";

keepNatives();
serveMany<Job, Message>(
  "sqlock integrity",
  (job, send) => checkJob(job, job.watched ? send : withoutStages(send)),
  watchLeftovers(),
);

/** Nobody watches the progress: of a small database, most messages would be about it. */
function withoutStages(send: (message: Message) => void): (message: Message) => void {
  return (message) => {
    if (message.kind !== "stage") send(message);
  };
}
