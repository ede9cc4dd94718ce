// Package orders keeps the shop's orders, so that they stand beside what is said about them.
//
//	PUT /api/v1/orders  ─► Draft ─┐
//	signed webhook ─► mapping ────┼─► check ─► put: contact · order · lines · refunds · timeline of its tickets ─ commit
//	CSV, XLSX ─► import job ──────┘
//
// What an outer face says of an order is a Draft, all text; check makes an Order of it or names each wrong field. put.go
// writes orders, many at once: what is older than what is kept changes nothing, nor does what is equal. An order is whole or
// not there.
//
// An order is sealed with the key of its contact; while nobody is known, with a key of nobody, which is given to her once
// she is. Its number is found by the same keyed hashes as a ticket's. Amounts, quantities, SKUs, states and times are clear:
// they are counted, and nobody is known by them.
//
// mapping.go reads the words of other programs, source.go keeps who may send them, import*.go reads files. The package owns
// the tables orders, order_lines, order_refunds, products, order_sources, order_imports, order_import_faults, order_paid_rolls and no
// goroutine.
package orders
