def test_a_forgotten_commit(connect):
    """Fails, and the holder is named."""
    connect().execute("CREATE TABLE IF NOT EXISTS orders (customer TEXT)")
    connect().execute("INSERT INTO orders VALUES ('a')")  # no commit
    connect().execute("INSERT INTO orders VALUES ('b')")  # database is locked


def test_the_next_one(connect):
    """Gets an unlocked database: the forgotten connection was closed."""
    connection = connect()
    connection.execute("INSERT INTO orders VALUES ('c')")
    connection.commit()
    assert connect().execute("SELECT count(*) FROM orders").fetchone() == (1,)
