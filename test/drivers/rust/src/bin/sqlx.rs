//! SQLx: each connection works in a thread of its own.

use sqlock_test_drivers::{Arguments, INSERT, Result, VERSION, hold};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, query_scalar, raw_sql};

fn main() -> Result<()> {
    let arguments = Arguments::parse()?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run(arguments))
}

async fn run(arguments: Arguments) -> Result<()> {
    let mut connection = SqliteConnectOptions::new().filename(&arguments.database).connect().await?;
    let mode: String = query_scalar(AssertSqlSafe(arguments.set_mode())).fetch_one(&mut connection).await?;
    arguments.check_mode(&mode)?;
    raw_sql(INSERT).execute(&mut connection).await?;
    let version: String = query_scalar(VERSION).fetch_one(&mut connection).await?;
    for statement in arguments.begin() {
        raw_sql(*statement).execute(&mut connection).await?;
    }
    hold(&version)?;
    for statement in arguments.end() {
        raw_sql(*statement).execute(&mut connection).await?;
    }
    Ok(connection.close().await?)
}
