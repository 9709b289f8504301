/** Before each file of unit tests: the properties get the seed of the run. */
import fc from "fast-check";
import { testSeed } from "./seed.ts";

fc.configureGlobal({ seed: testSeed() });
