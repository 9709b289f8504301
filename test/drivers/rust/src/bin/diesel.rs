//! Diesel, which has one connection here, and no pool.

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use sqlock_test_drivers::{Arguments, INSERT, Result, hold};

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Text)]
    answer: String,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse()?;
    let mut connection = SqliteConnection::establish(&arguments.database)?;
    let query = |connection: &mut SqliteConnection, statement: &str| -> Result<String> {
        Ok(sql_query(statement).get_result::<Answer>(connection)?.answer)
    };
    connection.batch_execute(&arguments.set_mode())?;
    arguments.check_mode(&query(&mut connection, "SELECT journal_mode AS answer FROM pragma_journal_mode")?)?;
    connection.batch_execute(INSERT)?;
    let version = query(&mut connection, "SELECT sqlite_version() AS answer")?;
    for statement in arguments.begin() {
        connection.batch_execute(statement)?;
    }
    hold(&version)?;
    for statement in arguments.end() {
        connection.batch_execute(statement)?;
    }
    Ok(())
}
