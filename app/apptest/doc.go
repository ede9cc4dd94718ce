// Package apptest is what tests of the whole desk share: a desk in a process of its own that can be killed
// (process.go), a bad network (proxy.go), clients of both sockets that behave as the contract asks (shopper.go,
// agent.go), and a real browser (browser.go). Its own tests are those of the whole program.
package apptest
