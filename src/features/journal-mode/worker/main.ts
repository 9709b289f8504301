/**
 * A process of its own: its locks end with it, and it opens the database's files in no other way (the close trap).
 */
import { keepNatives } from "../../../worker/keep-natives.ts";
import { serve } from "../../../worker/serve.ts";
import type { Job, Message } from "../protocol.ts";
import { read } from "./read.ts";
import { switchMode } from "./switch.ts";

keepNatives();
serve<Job, Message>("sqlock journal-mode", (job, channel) =>
  job.kind === "switch" ? switchMode(job, channel) : read(job, channel),
);
