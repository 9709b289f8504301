/**
 * A process of its own for each look: it can be ended while SQLite is busy, and what it holds goes with it.
 */
import { serve } from "../../worker/serve.ts";
import type { Job, Message } from "../protocol.ts";
import { checkJob } from "./check.ts";

serve<Job, Message>("sqlock integrity", (job, { send }) => checkJob(job, send));
