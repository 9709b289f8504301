// node-sqlite3, with callbacks and without.
const sqlite3 = require("sqlite3");

const db = new sqlite3.Database(process.argv[2], () => {
  db.serialize(() => {
    db.exec("create table t(a)");
    db.run("begin immediate");
    const insert = db.prepare("insert into t values (?)");
    insert.run(1);
    insert.run(2, function (error) {
      console.log(error, this.lastID, this === insert);
    });
    insert.finalize();
    db.each(
      "select a from t",
      (error, row) => console.log(error, row),
      (error, count) => console.log(error, count),
    );
    db.run("commit");
    db.get("nonsense", (error) => console.log(error.message));
    const failing = db.prepare("insert into missing values (1)");
    if (process.argv[3] !== "uncaught") failing.on("error", (error) => console.log("event", error.message));
    db.close(() => db.run("select 1", (error) => console.log(error.message)));
  });
});
