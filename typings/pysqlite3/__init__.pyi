from pysqlite3 import dbapi2 as dbapi2
