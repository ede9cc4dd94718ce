// Package dbtest gives tests real databases: a private migrated one for each test, SQLite or PostgreSQL.
//
// The PostgreSQL server is the one at HUIYIN_TEST_POSTGRES (postgres://superuser@host/postgres), which `make test`
// starts for all packages. Without it the first test that needs one starts a server of its own in a temporary folder,
// once per test binary, from the installed programs; where there are none the test is skipped and says so. A shell
// watches over that server through a pipe and removes it, folder and all, when the test binary ends, however it ends.
//
// A migrated PostgreSQL database is a copy of a template, which is made once per server and set of migrations; a migrated
// SQLite file is a copy of one that is made once per test binary.
package dbtest
