/** Drivers of Rust. */
import { testDrivers } from "../matrix.ts";
import { PROGRAMS, program } from "./build.ts";

testDrivers(PROGRAMS.map((name) => ({ name, command: async (context) => ({ argv: [await program(context, name)] }) })));
