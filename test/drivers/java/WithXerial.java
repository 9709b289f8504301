import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * org.xerial:sqlite-jdbc, through JDBC: DATABASE MODE ACTION, `ready VERSION`, and the end of stdin.
 */
final class WithXerial {
    private static final String INSERT = "INSERT INTO t VALUES (1)";
    private static final String SELECT = "SELECT count(*) FROM t";

    public static void main(String[] arguments) throws Exception {
        String database = arguments[0];
        String mode = arguments[1];
        String action = arguments[2];
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                Statement statement = connection.createStatement()) {
            String found = query(statement, "PRAGMA journal_mode = " + mode);
            if (!found.equals(mode)) throw new SQLException("the journal mode is " + found + ", not " + mode);
            statement.executeUpdate(INSERT);
            String version = query(statement, "SELECT sqlite_version()");
            // Without auto-commit the driver begins a transaction before each statement that is outside of one.
            connection.setAutoCommit(action.equals("idle"));
            if (action.equals("write")) statement.executeUpdate(INSERT);
            query(statement, SELECT);
            System.out.println("ready " + version);
            System.in.readAllBytes();
            if (!connection.getAutoCommit()) connection.rollback();
        }
    }

    private static String query(Statement statement, String sql) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            return rows.getString(1);
        }
    }
}
