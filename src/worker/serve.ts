/** The worker's side of its jobs: it takes a job, sends messages about it, and ends or takes the next. */
import type { Done } from "./process.ts";

export interface Channel<Message> {
  readonly send: (message: Message) => void;
  /** Sends, and waits for the answer; for ever where the parent has ended: then the sentinel ends this process. */
  readonly ask: <Answer>(message: Message) => Promise<Answer>;
}

/** One job. `title`: the name of the process. */
export function serve<Job, Message>(title: string, work: (job: Job, channel: Channel<Message>) => Promise<void>): void {
  process.title = title;
  const ask = <Answer>(message: Message): Promise<Answer> =>
    new Promise((resolve) => {
      process.once("message", (answer: Answer) => resolve(answer));
      send(message);
    });
  process.once("message", (job: Job) => {
    void work(job, { send, ask }).then(() => sendDone({ kind: "done" }));
  });
}

/** One job after another, until `isAsBefore` says that something of the last one is left, or the parent has no more. */
export function serveMany<Job, Message>(
  title: string,
  work: (job: Job, channel: Channel<Message>) => Promise<void>,
  isAsBefore: () => boolean,
): void {
  process.title = title;
  let answered: ((answer: unknown) => void) | null = null;
  const ask = <Answer>(message: Message): Promise<Answer> =>
    new Promise((resolve) => {
      answered = resolve as (answer: unknown) => void;
      send(message);
    });
  process.on("message", (message: Job) => {
    if (answered !== null) {
      const take = answered;
      answered = null;
      return take(message);
    }
    void work(message, { send, ask }).then(() =>
      sendDone(isAsBefore() ? { kind: "done", next: true } : { kind: "done" }),
    );
  });
}

// An error means that the parent has ended: the sentinel ends this process.
function send(message: unknown): void {
  process.send?.(message, undefined, {}, () => undefined);
}

function sendDone(done: Done): void {
  if (done.next === true) send(done);
  else process.send?.(done, () => process.disconnect());
}
