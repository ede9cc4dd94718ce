package db

// Queued is how many writes wait for the committer of a SQLite database.
func Queued(d *DB) int { return len(d.backend.(*sqliteDB).queue) }
