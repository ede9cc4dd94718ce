// Package egress sends HTTP requests to addresses that people typed in: gateways, robots, receivers of webhooks.
//
// Such an address may lead anywhere, so a Client looks at where a connection goes in the moment it is made: an address of
// an inner network is refused, whatever the name promised before, unless the operator allows it. It keeps a total limit
// of time and limits of size, asks no proxy, keeps no connection open, unpacks nothing, and follows a redirect only where it is told to.
//
// A status of whatever sort is an answer. What brought no answer is an *Error: a Kind that a page can put into words, with a text
// that holds no address, for a key may stand in it. The package imports nothing of ours.
package egress
