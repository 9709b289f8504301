/** A process of its own for each check: it can be ended while SQLite is busy, and its locks end with it. */
import { keepNatives } from "../../../worker/keep-natives.ts";
import { serve } from "../../../worker/serve.ts";
import type { Job, Message } from "../protocol.ts";
import { checkJob } from "./check.ts";

keepNatives();
serve<Job, Message>("sqlock integrity", (job, { send }) => checkJob(job, send));
