import type { Entry } from "../entry.ts";

export const serverClosed: Entry = {
  id: "server-closed",
  title: "server closed the connection unexpectedly",
  code: null,
  extended: [],
  wordings: [
    { pattern: /\bserver closed the connection unexpectedly\b/i, library: "postgresql" },
    { pattern: /\bterminating connection due to administrator command\b/, library: "postgresql" },
    { pattern: /\bSSL connection has been closed unexpectedly\b/, library: "postgresql" },
    { pattern: /\bInterfaceError: connection already closed\b/, library: "postgresql" },
  ],
  examples: [
    {
      library: "postgresql",
      text: [
        "psycopg2.OperationalError: server closed the connection unexpectedly",
        "\tThis probably means the server terminated abnormally",
        "\tbefore or while processing the request.",
      ].join("\n"),
    },
    { library: "postgresql", text: "FATAL:  terminating connection due to administrator command" },
    { library: "postgresql", text: "psycopg2.OperationalError: SSL connection has been closed unexpectedly" },
    { library: "postgresql", text: "django.db.utils.InterfaceError: connection already closed" },
  ],
  meaning:
    "This is PostgreSQL's, not SQLite's: SQLite has no server. The connection was cut by the server, a proxy or " +
    "the network; it is of no use any more, and the cure is a fresh one.",
  causes: [
    {
      id: "stale-connection",
      what: "The server or something between had closed an idle connection",
      tell:
        "It comes after a quiet time, after a restart of the server, or in a forked worker that shares its " +
        "parent's connection.",
      cure: "Throw the connection away and open a fresh one; check connections before use, and open them after a fork.",
      code: [
        { library: "django", text: '"CONN_HEALTH_CHECKS": True  # and close_old_connections() in long commands' },
        { library: "sqlalchemy", text: "create_engine(url, pool_pre_ping=True)" },
      ],
      findings: [],
    },
    {
      id: "server-crashed",
      what: "The server ended while it worked on the query",
      tell: "The log of PostgreSQL says so at that time, or the kernel's (dmesg: out of memory).",
      cure: "Cure that; then repeat the transaction on a fresh connection.",
      findings: [],
    },
    {
      id: "other-database",
      what: "The program was meant to use SQLite, and uses PostgreSQL",
      tell: "DATABASE_URL, the settings or the environment name a postgres: address.",
      cure: "Print the address that the program connects to, and set the one you mean.",
      findings: [],
    },
  ],
  next: ["env | grep -i database"],
};
