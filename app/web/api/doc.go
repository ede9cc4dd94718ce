// Package api is the desk's REST face, /api/v1: what other programs call.
//
//	app/web (token, scope, limits, errors) ─► Endpoint.Handle(Call) ─► one service method ─► Call.Send
//
// Endpoints is the list of its doors, each with the scope that it wants; app/web puts them into its one table of routes. A
// handler reads the body with Call.Read, which refuses what it does not know and names the field, calls a service, and
// sends one value. A write runs through Call.Once: its work is one transaction, and the answer is kept under the
// Idempotency-Key in the same one (app/idempotency).
//
// openapi/ holds the document of all of it, one file per area, put together at start: a new endpoint has its path there, or
// a test fails, and every answer in the tests is held against it.
package api
