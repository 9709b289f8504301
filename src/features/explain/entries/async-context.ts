import type { Entry } from "../entry.ts";

export const asyncContext: Entry = {
  id: "async-context",
  title: "You cannot call this from an async context - use a thread or sync_to_async",
  code: null,
  extended: [],
  wordings: [
    { pattern: /\bYou cannot call this from an async context\b/, library: "django" },
    { pattern: /\bdjango\.core\.exceptions\.SynchronousOnlyOperation\b/, library: "django" },
  ],
  examples: [
    {
      library: "django",
      text:
        "django.core.exceptions.SynchronousOnlyOperation: You cannot call this from an async context - use a " +
        "thread or sync_to_async.",
    },
  ],
  meaning:
    "Django's database calls block, and this one was made in a thread that runs an event loop. This is a check " +
    "of Django: the database is not called, and locks have nothing to do with it.",
  causes: [
    {
      id: "orm-in-async",
      what: "The ORM is called in async code",
      tell:
        "The traceback goes through an async def: an async view, a consumer, a notebook. Reading an attribute (a " +
        "foreign key) or rendering a template may run the query.",
      cure:
        "Use the async methods (aget, acreate, async for), or put everything that belongs together, the whole " +
        "transaction, into one function and await it through sync_to_async.",
      code: [
        { library: "django", text: "user = await User.objects.aget(pk=1)" },
        {
          library: "django",
          text: "@sync_to_async\ndef save_all():\n    with transaction.atomic(): …",
        },
      ],
      findings: [],
      processes: "one",
    },
    {
      id: "guard-off",
      what: "DJANGO_ALLOW_ASYNC_UNSAFE is set to avoid the message",
      tell:
        "With it set, the message goes away, and 'database is locked' may appear instead: each task has its own " +
        "connection, and they wait for each other on one thread.",
      cure: "Use it only in notebooks; in a server use sync_to_async.",
      findings: ["same-process-contention"],
      processes: "one",
    },
  ],
  next: ["sqlock explain 'database is locked'  # if that follows"],
};
