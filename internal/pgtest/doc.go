// Package pgtest gives tests a real PostgreSQL.
//
// Two halves. [Start] runs a throwaway server of its own: a fresh cluster in a temporary directory, on a free loopback
// port, ended with the process that started it. [Schema] gives one test a private schema on the server that the
// environment variable BELLMAN_TEST_POSTGRES names. The command in cmd/withpostgres joins the two: it starts one server
// for a whole test run, so that hundreds of tests share it and none sees another's rows.
//
// Nothing outside tests, test programs and that command imports this package.
package pgtest
