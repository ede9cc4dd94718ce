// Package bus carries hints between the nodes of one desk: "ticket 17 has seq 42". Truth lies in the database; whoever
// missed a hint reads it there. So the bus promises little and is fast: each subscriber gets a publisher's messages in
// the order they were sent, at most once, and is told when some may have been lost.
//
// Open("") gives a bus inside the process; it reaches nobody else, because a node does not hear itself. NewLocal joins
// several nodes in one process (tests). Open("nats://host:4222") speaks NATS core; "nats://host:4222/shop" keeps desks
// that share one server apart. Both pass the same suite (suite_test.go, with a real server from bustest).
//
// Losses are told, not hidden: when a connection was cut, when another node came back, or when a subscriber was slower
// than its queue, the functions given to OnReconnect run, at most once a second; they read again what they show.
// They run after the loss, never before it.
//
//	Publish ──▶ other nodes' mailboxes (one a subscription, bounded) ──▶ fn, one call at a time
//	                       full: the message is dropped ──▶ resync ──▶ OnReconnect's functions
//
// Goroutines: one for each subscription (it calls fn), one for each handle (it calls OnReconnect's functions), and those
// of the NATS client. Close stops them all and waits for them. Publish never waits for a subscriber.
package bus
