//! The settings that are advised for SQLx, as they are printed: what they do.

use sqlock_test_drivers::Result;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions};
use sqlx::{query_scalar, raw_sql};
use std::str::FromStr;
use std::time::Duration;

fn main() -> Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run())
}

async fn one(options: SqliteConnectOptions) -> Result<SqlitePool> {
    Ok(SqlitePoolOptions::new().max_connections(1).connect_with(options).await?)
}

async fn run() -> Result<()> {
    let url = &format!("sqlite://{}", std::env::args().nth(1).ok_or("no database")?);
    let pool = one(SqliteConnectOptions::from_str(url)?.busy_timeout(Duration::from_millis(7000))).await?;
    let timeout: i64 = query_scalar("pragma busy_timeout").fetch_one(&pool).await?;
    pool.close().await;
    let pool = one(SqliteConnectOptions::from_str(url)?.journal_mode(SqliteJournalMode::Wal)).await?;
    let wal: String = query_scalar("pragma journal_mode").fetch_one(&pool).await?;
    pool.close().await;
    let pool = one(SqliteConnectOptions::from_str(url)?.pragma("wal_autocheckpoint", "1234")).await?;
    let checkpoint: i64 = query_scalar("pragma wal_autocheckpoint").fetch_one(&pool).await?;
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    let _: i64 = query_scalar("select count(*) from t").fetch_one(&mut *tx).await?;
    let other = one(SqliteConnectOptions::from_str(url)?.busy_timeout(Duration::ZERO)).await?;
    let immediate = raw_sql("begin immediate").execute(&other).await.is_err();
    tx.rollback().await?;
    println!(r#"{{"timeout":{timeout},"wal":"{wal}","checkpoint":{checkpoint},"immediate":{immediate}}}"#);
    Ok(())
}
