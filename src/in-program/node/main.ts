/** Loaded by every Node.js that has it in NODE_OPTIONS. See docs/architecture.md, "In the program". */
