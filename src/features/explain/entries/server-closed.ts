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
    "This is a message of PostgreSQL, not of SQLite: SQLite has no server. The server, a proxy or the network " +
    "closed the connection; it is of no more use, and the fix is a new one.",
  causes: [
    {
      id: "stale-connection",
      what: "The server, or something on the way to it, had closed an idle connection",
      tell:
        "It happens after a quiet period, after a restart of the server, or in a forked worker that shares its " +
        "parent's connection.",
      cure: "Discard the connection and open a new one; check connections before use, and open them after a fork.",
      code: [
        { library: "django", text: '"CONN_HEALTH_CHECKS": True  # and close_old_connections() in long commands' },
        { library: "sqlalchemy", text: "create_engine(url, pool_pre_ping=True)" },
      ],
      findings: [],
    },
    {
      id: "server-crashed",
      what: "The server ended while it was running the query",
      tell: "PostgreSQL's log says so at that time, or the kernel's does (dmesg: out of memory).",
      cure: "Fix that; then repeat the transaction on a new connection.",
      findings: [],
    },
    {
      id: "other-database",
      what: "The program was meant to use SQLite, but uses PostgreSQL",
      tell: "DATABASE_URL, the settings or the environment contain a postgres: address.",
      cure: "Print the address that the program connects to, and set the one that you want.",
      findings: [],
    },
  ],
  next: ["env | grep -i database"],
};
