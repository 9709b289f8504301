/**
 * A process of its own for each look: it can be ended while SQLite is busy, and what it holds goes with it.
 */
import { keepNatives } from "../../../worker/keep-natives.ts";
import { serve } from "../../../worker/serve.ts";
import type { Job, Message } from "../protocol.ts";
import { checkJob } from "./check.ts";

keepNatives();
serve<Job, Message>("sqlock integrity", (job, { send }) => checkJob(job, send));
