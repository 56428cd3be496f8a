-- Run once by the database's container: a schema for each service. The server's user may work in these, and make none.
CREATE DATABASE IF NOT EXISTS user_db CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE DATABASE IF NOT EXISTS order_db CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE DATABASE IF NOT EXISTS inventory_db CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE DATABASE IF NOT EXISTS ledger_db CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
GRANT ALL PRIVILEGES ON user_db.* TO 'zhangfang'@'%';
GRANT ALL PRIVILEGES ON order_db.* TO 'zhangfang'@'%';
GRANT ALL PRIVILEGES ON inventory_db.* TO 'zhangfang'@'%';
GRANT ALL PRIVILEGES ON ledger_db.* TO 'zhangfang'@'%';
